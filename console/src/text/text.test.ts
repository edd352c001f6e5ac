import { expect, test } from "vitest";
import { en } from "./en";
import { fill } from "./text";
import { zh } from "./zh";

test("both languages say every word with the same values", () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const word of Object.keys(en) as (keyof typeof en)[]) {
    expect(zh[word].trim(), word).not.toBe("");
    expect(names(zh[word]), word).toEqual(names(en[word]));
  }
});

test("a value stands where its name stood, and an unknown name stays", () => {
  expect(fill("{n} of {m}", { n: 1 })).toBe("1 of {m}");
});
