import { expect, test } from "vitest";
import { viewIn } from "./view";

test("what is not shown is not in the address", () => {
  expect(viewIn({ form: true, preview: false, other: 1 })).toEqual({ form: true });
  expect(viewIn({ form: "yes" })).toEqual({});
});
