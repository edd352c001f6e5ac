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

test("every word is said somewhere", () => {
  const sources = import.meta.glob("../**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });
  const code = Object.entries(sources)
    .filter(([path]) => !/\.test\.tsx?$|\/(en|zh|schema\.d)\.ts$/.test(path))
    .map(([, source]) => source)
    .join("\n");
  const patterns = [...code.matchAll(/`(\w+\.[^`]*\$\{[^`]*)`/g)].map(([, word = ""]) => {
    const said = word.split(/\$\{[^}]*\}/).map((piece) => piece.replaceAll(".", "\\."));
    return new RegExp(`^${said.join("\\w+")}$`);
  });
  const silent = Object.keys(en).filter((word) => !code.includes(`"${word}"`) && !patterns.some((it) => it.test(word)));
  expect(silent).toEqual([]);
});
