import { expect, test } from "vitest";
import { count, dollars, duration, moment, rate, size } from "./figure";

test.each([
  [0.42, "0.4 ms"],
  [9.96, "10 ms"],
  [640.2, "640 ms"],
  [999.6, "1.00 s"],
  [2414, "2.41 s"],
  [59_996, "1:00 min"],
  [65_000, "1:05 min"],
])("%d ms is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("rates, counts and prices keep to a few digits", () => {
  expect([rate(49.94), rate(1234.5), count(12345), dollars(0), dollars(0.000123), dollars(0.5), dollars(12)]).toEqual([
    "49.9",
    "1,235",
    "12,345",
    "$0",
    "$0.00012",
    "$0.5000",
    "$12.00",
  ]);
});

test("sizes are told in the unit that fits", () => {
  expect([size(812), size(12_345), size(999_600), size(3_400_000)]).toEqual(["812 B", "12 KB", "1.0 MB", "3.4 MB"]);
});

test("a moment is told so that day and month cannot be mixed up", () => {
  const at = "2026-02-03T14:05:06";
  expect([moment(at, "en"), moment(at, "en", "short")]).toEqual(["3 Feb 2026, 14:05:06", "3 Feb 2026, 14:05"]);
  expect(moment(at, "zh")).toBe("2026年2月3日 14:05:06");
});
