import { expect, test } from "vitest";
import { ago } from "./ago";

test("a moment is as long ago as its largest unit says", () => {
  const now = Date.parse("2026-11-26T12:00:00Z");
  const said = (at: string, language = "en") => ago(at, now, language);
  expect(said("2026-11-26T11:59:30Z")).toBe("now");
  expect(said("2026-11-26T11:55:00Z")).toBe("5 min. ago");
  expect(said("2026-11-25T12:00:00Z")).toBe("yesterday");
  expect(said("2026-11-26T10:00:00Z", "zh")).toBe("2小时前");
});
