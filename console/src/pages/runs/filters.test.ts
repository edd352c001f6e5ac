import { describe, expect, test } from "vitest";
import { asked, filtersIn, withFilter } from "./filters";

describe("filters of runs", () => {
  test("what is in the address and is no filter is left out", () => {
    expect(filtersIn({ status: "failed", version: 3, person: "", within: "year", colour: "red" })).toEqual({
      status: "failed",
      version: "3",
    });
  });

  test("a filter comes and goes", () => {
    const failed = withFilter({ text: "looms" }, "status", "failed");
    expect(failed).toEqual({ text: "looms", status: "failed" });
    expect(withFilter(failed, "text", "")).toEqual({ status: "failed" });
  });

  test("a span of time is a moment for the server", () => {
    const now = Date.parse("2026-11-26T12:00:00Z");
    expect(asked({ status: "lost", within: "day", model: "m" }, now)).toEqual({
      status: ["lost"],
      since: "2026-11-25T12:00:00.000Z",
      model: "m",
    });
  });
});
