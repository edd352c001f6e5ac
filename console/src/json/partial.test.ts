import { describe, expect, test } from "vitest";
import { type Node, partial, soFar } from "./partial";

/** Numbers that look random and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return Math.floor((state / 4294967296) * sides);
  };
}

const TEXTS = ["", "a", 'say "hi"', "\\", "\n\t\b", "ü", "雪", "😀", "a/b", "\u2028", "null", "}{"];
const NUMBERS = [0, -0, 1, -1, 12, 0.5, -12.25, 1e21, 5e-7, -1.5e300];

function value(roll: (sides: number) => number, depth: number): unknown {
  const kind = roll(depth > 3 ? 4 : 6);
  if (kind === 0) return TEXTS[roll(TEXTS.length)];
  if (kind === 1) return NUMBERS[roll(NUMBERS.length)];
  if (kind === 2) return [true, false, null][roll(3)];
  if (kind === 3) return TEXTS[roll(TEXTS.length)];
  const members = Array.from({ length: roll(4) }, () => value(roll, depth + 1));
  return kind === 4 ? members : Object.fromEntries(members.map((it, at) => [`${TEXTS[roll(TEXTS.length)]}${at}`, it]));
}

/** JSON of a value, with space here and there and characters written as escapes. */
function written(made: unknown, roll: (sides: number) => number): string {
  const text = JSON.stringify(made, null, roll(3));
  return roll(2)
    ? text.replace(/[^\u0020-\u007e\n]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : text;
}

/** Whether what is there so far may become the whole. */
function fits(node: Node, whole: unknown): boolean {
  if (!node.open) return JSON.stringify(soFar(node)) === JSON.stringify(whole);
  switch (node.kind) {
    case "string":
      return typeof whole === "string" && whole.startsWith(node.text);
    case "number":
      return typeof whole === "number";
    case "literal":
      return String(whole).startsWith(node.text);
    case "array":
      return Array.isArray(whole) && node.items.every((item, at) => fits(item, whole[at]));
    case "object": {
      const members = whole as Record<string, unknown>;
      return node.members.every(([name, member]) => name in members && fits(member, members[name]));
    }
  }
}

describe("JSON that is still being written", () => {
  test("every beginning of a valid text says something the whole says too", () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const roll = dice(seed);
      const whole = value(roll, 0);
      const text = written(whole, roll);
      for (let end = 0; end <= text.length; end += 1) {
        const { node, bad } = partial(text.slice(0, end));
        expect(bad, text.slice(0, end)).toBeUndefined();
        if (node) expect(fits(node, JSON.parse(text)), text.slice(0, end)).toBe(true);
      }
      const complete = partial(`${text} `).node;
      expect(complete?.open).toBe(false);
      expect(complete && JSON.stringify(soFar(complete))).toBe(JSON.stringify(whole));
    }
  });

  test("what is there stays when more comes", () => {
    const text = '{"a": [1, "two"], "b": {"c": tr';
    expect(partial(text)).toEqual({
      node: {
        kind: "object",
        open: true,
        members: [
          [
            "a",
            {
              kind: "array",
              open: false,
              items: [
                { kind: "number", text: "1", open: false },
                { kind: "string", text: "two", open: false },
              ],
            },
          ],
          ["b", { kind: "object", open: true, members: [["c", { kind: "literal", text: "tr", open: true }]] }],
        ],
      },
    });
  });

  test.each([
    ["{,", 1],
    ['{"a" 1', 5],
    ["[1,]", 3],
    ["[1 2", 3],
    ['["\\x', 2],
    ["01", 1],
    ["1. ", 0],
    ["tru3", 0],
    ["{} x", 3],
    ['["a\n', 3],
    ["oops", 0],
  ])("%j is no beginning, and where is said", (text, at) => {
    expect(partial(text).bad).toBe(at);
  });

  test("what came before the mistake is kept", () => {
    expect(soFar(partial('{"a": 1, b').node as Node)).toEqual({ a: 1 });
  });

  test("depth is bounded", () => {
    expect(partial("[".repeat(100_000)).bad).toBe(500);
  });
});
