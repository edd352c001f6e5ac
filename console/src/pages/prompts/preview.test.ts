import { expect, test } from "vitest";
import { share, tokens } from "./preview";

test("an estimate says that it is one", () => {
  expect([tokens(1234, true), tokens(1234, false)]).toEqual(["1,234", "≈ 1,234"]);
});

test.each([
  [64, 128_000, "< 0.1 %"],
  [1280, 128_000, "1.0 %"],
  [64_000, 128_000, "50 %"],
  [256_000, 128_000, "200 %"],
  [0, 128_000, "0.0 %"],
])("%d tokens of %d are %s", (total, context_tokens, told) => {
  expect(share({ total, exact: true, messages: [], tools: 0, context_tokens })?.share).toBe(told);
});

test("nobody knows the share of what nobody knows", () => {
  expect(share({ total: 1, exact: true, messages: [], tools: 0 })).toBeUndefined();
});
