import { expect, test } from "vitest";
import { abilities, headersIn, newModel, newProvider, priceOn, priceText, tokensText, written } from "./rows";

test("the price in force is the last that has begun", () => {
  const prices = [
    { since: "2026-06-01", input: 2, output: 8 },
    { since: "2026-01-01", input: 1, output: 4 },
  ];
  expect(priceOn(prices, "2025-12-31")).toBeUndefined();
  expect(priceOn(prices, "2026-05-31")?.input).toBe(1);
  expect(priceOn(prices, "2026-06-01")?.input).toBe(2);
  expect(priceText({ since: "", input: 0.25, output: 2 })).toBe("$0.25 / $2");
});

test.each([
  [900, "900"],
  [128_000, "128K"],
  [131_072, "131.1K"],
  [1_000_000, "1M"],
])("%i tokens are %s", (tokens, text) => {
  expect(tokensText(tokens)).toBe(text);
});

test("abilities are those the row claims", () => {
  expect(abilities(newModel("p"))).toEqual([]);
  const capabilities = { tools: true, images: false, reasoning: "level" as const };
  expect(abilities({ ...newModel("p"), capabilities })).toEqual(["tools", "reasoning"]);
  expect(abilities({ ...newModel("p"), capabilities: { reasoning: "none" } })).toEqual([]);
});

test("headers are lines with a name and a value", () => {
  expect(headersIn(["X-Org: a: b", "x-empty:"])).toEqual({ "X-Org": "a: b", "x-empty": "" });
  expect(headersIn(["no colon"])).toBeUndefined();
  expect(headersIn([])).toEqual({});
});

test("secrets are written only when they were typed", () => {
  const stored = { ...newProvider(), id: "p", has_key: true, headers: { "x-org": "" } };
  expect(written(stored, "", {})).toEqual({ ...newProvider(), id: "p", has_key: true });
  expect(written(stored, "k", { "x-org": "o" })).toMatchObject({ api_key: "k", headers: { "x-org": "o" } });
});
