import { expect, test } from "vitest";
import type { Finding } from "@/api/authoring";
import { told } from "./findings";

const finding: Finding = {
  rule: "undefined-variable",
  severity: "warning",
  message: "'{town}' is not declared; did you mean 'city'?",
  why: "It has no type, no description and no default.",
  fix: "use {{city}}",
  edits: [],
  wording: "'{name}' is not declared; did you mean '{close}'?",
  fix_wording: "use {{{close}}}",
  values: { name: "{town}", close: "city" },
};

test("a finding is told in Chinese with its own values", () => {
  expect(told(finding, "zh")).toEqual({
    ...finding,
    message: "“{town}”没有声明；是否指“city”？",
    why: "它没有类型、说明和默认值。",
    fix: "改用 {{city}}",
  });
});

test("what has no words in a language stays as the server said it", () => {
  expect(told(finding, "en")).toBe(finding);
  const stranger = { ...finding, rule: "not-known-yet" };
  expect(told(stranger, "zh")).toBe(stranger);
  const {
    fix: _,
    fix_wording: __,
    ...reworded
  } = { ...finding, wording: "said anew", message: "said anew {name}", values: {} };
  expect(told(reworded, "zh")).toEqual({ ...reworded, why: "它没有类型、说明和默认值。" });
});
