import { expect, test } from "vitest";
import { placeIn } from "./place";

test("an address says what is shown, whatever its values look like", () => {
  expect(placeIn({ before: 2, after: "draft:王", other: "x", version: { a: 1 } })).toEqual({
    before: "2",
    after: "draft:王",
  });
});
