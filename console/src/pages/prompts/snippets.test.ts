import { expect, test } from "vitest";
import { DIALECTS, LANGUAGES, type Snippet, snippet, unsayable } from "./snippets";

const WHAT: Snippet = {
  origin: "http://127.0.0.1:8000",
  key: "demo",
  person: "",
  body: { variables: { topic: `it's "quoted"\n$HOME`, n: 1, yes: true, none: null, list: [1, "二"] } },
};

// The snippets themselves are run by tests/browser/test_code.py.
test("a version or label is named in both APIs", () => {
  for (const language of LANGUAGES)
    for (const dialect of DIALECTS) {
      expect(snippet(language, dialect, { ...WHAT, body: { ...WHAT.body, version: "1.0.0" } })).toContain("1.0.0");
      expect(snippet(language, dialect, { ...WHAT, body: { ...WHAT.body, label: "beta" } })).toContain("beta");
      expect(snippet(language, dialect, { ...WHAT, person: "王" })).toMatch(/%E7%8E%8B|王/);
    }
});

test("a shell sees one word, whatever is in it", () => {
  expect(snippet("curl", "native", WHAT)).toContain(`it'\\''s \\"quoted\\"\\n$HOME`);
});

test("Python's words are its own", () => {
  const code = snippet("python", "native", WHAT);
  for (const said of [`"yes": True`, `"none": None`, `"n": 1`]) expect(code).toContain(said);
});

test("OpenAI has no words for another model or parameters, and the SDK none for a simulation", () => {
  expect(unsayable(WHAT.body)).toBeUndefined();
  expect(unsayable({ ...WHAT.body, model: "m" })).toBe("override");
  const code = snippet("python", "native", { ...WHAT, body: { ...WHAT.body, parameters: { temperature: 0 } } });
  expect(code).toContain("promptwire.client");
  expect(code).toContain(`"temperature": 0`);
  const simulated = { ...WHAT, body: { ...WHAT.body, simulate: { tokens: 3 } } };
  expect(snippet("python", "native", simulated)).toContain("urllib.request");
});
