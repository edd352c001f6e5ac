import { expect, test } from "vitest";
import { headerLines, headersIn } from "./headers";

test("headers are lines and lines are headers", () => {
  const headers = { Authorization: "Bearer {{secret.key}}", "X-Time": "12:30" };
  expect(headersIn(headerLines(headers))).toEqual(headers);
  expect(headersIn(["X"])).toEqual({ X: "" });
  expect(headerLines(undefined)).toEqual([]);
});
