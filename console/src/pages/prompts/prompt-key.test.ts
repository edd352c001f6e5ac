import { expect, test } from "vitest";
import { isKey, keyFor } from "./prompt-key";

test.each([
  ["Support reply", "support-reply"],
  ["  Réponse №1! ", "reponse-no1"],
  ["客服", ""],
])("the name %j suggests the key %j", (name, key) => {
  expect(keyFor(name)).toBe(key);
});

test("a key is what the server takes", () => {
  expect(["a", "A.b_c-1", "9"].every(isKey)).toBe(true);
  expect(["", "-a", ".a", "a b", "ä", "a".repeat(101)].some(isKey)).toBe(false);
});
