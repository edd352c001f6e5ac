// The place where changed lines are laid out to be read: which words of a line changed. All pure.
import { diffWordsWithSpace } from "diff";
import type { Change } from "@/api/versions";

export interface Piece {
  text: string;
  changed: boolean;
}

export interface Row {
  kind: "same" | "added" | "removed";
  pieces: Piece[];
}

type Lines = NonNullable<Change["lines"]>;

/** Lines with what changed inside them: lines taken away and put in at one place are compared word by word. */
export function rowsOf(lines: Lines): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < lines.length; ) {
    const removed = run(lines, at, "removed");
    const added = run(lines, at + removed.length, "added");
    if (removed.length + added.length === 0) {
      rows.push({ kind: "same", pieces: [{ text: lines[at]?.text ?? "", changed: false }] });
      at += 1;
      continue;
    }
    // A line that only got an end, or lost it, is the same line.
    while (removed[0] !== undefined && added[0] !== undefined && bare(removed[0]) === bare(added[0])) {
      rows.push({ kind: "same", pieces: [{ text: added[0], changed: false }] });
      removed.shift();
      added.shift();
      at += 2;
    }
    const pairs = removed.map((line, index) => words(line, added[index]));
    rows.push(...pairs.map(([before]) => ({ kind: "removed" as const, pieces: before })));
    const after = added.map((line, index) => pairs[index]?.[1] ?? [{ text: line, changed: true }]);
    rows.push(...after.map((pieces) => ({ kind: "added" as const, pieces })));
    at += removed.length + added.length;
  }
  return rows;
}

function bare(line: string): string {
  return line.replace(/\r?\n$/, "");
}

function run(lines: Lines, from: number, kind: Row["kind"]): string[] {
  const rest = lines.slice(from);
  const end = rest.findIndex((line) => line.kind !== kind);
  return (end < 0 ? rest : rest.slice(0, end)).map(({ text }) => text);
}

function words(before: string, after: string | undefined): [Piece[], Piece[]] {
  if (after === undefined) return [[{ text: before, changed: true }], []];
  const parts = diffWordsWithSpace(before, after);
  const side = (left: "added" | "removed", other: "added" | "removed") =>
    parts.filter((part) => !part[other]).map((part) => ({ text: part.value, changed: part[left] }));
  return [side("removed", "added"), side("added", "removed")];
}

const GROUPS = ["messages", "variables", "parameters", "tools"] as const;
export type Group = (typeof GROUPS)[number] | "other";

/** The part of a prompt that a path leads into. */
export function groupOf(path: string): Group {
  const first = path.split(/[.[]/)[0];
  return GROUPS.find((name) => name === first || (name === "tools" && first === "tool_choice")) ?? "other";
}

/** A value as it is read: text as it is, anything else as JSON. */
export function readable(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
