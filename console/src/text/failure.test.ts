import { expect, test } from "vitest";
import { ApiFailure, reasonOf } from "@/api/client";
import { reason } from "./failure";

const error = { code: 40900, class: "conflict", phase: "connect", message: "main is at 2", retryable: false } as const;

test("an error is in the server's words, in Chinese behind the heading of its class", () => {
  expect(reason(error, "en")).toBe("main is at 2");
  expect(reason(error, "zh")).toBe("已在别处修改：main is at 2");
});

test("a request that was refused is told so, and the server's own error stays what it is", () => {
  const failure = new ApiFailure(error);
  expect(reasonOf(failure)).toBe(reason(error));
  expect(failure.error).toBe(error);
});
