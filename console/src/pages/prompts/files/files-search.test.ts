import { expect, test } from "vitest";
import { filesIn } from "./files-search";

test("an address says the format and the version, or nothing", () => {
  expect(filesIn({ format: "prompty", version: "1.2.0" })).toEqual({ format: "prompty", version: "1.2.0" });
  expect(filesIn({ format: "promptwire" })).toEqual({});
  expect(filesIn({ version: 3 })).toEqual({ version: "3" });
  expect(filesIn({ format: "word", version: "" })).toEqual({});
});
