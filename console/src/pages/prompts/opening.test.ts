import { expect, test } from "vitest";
import type { Content } from "@/api/client";
import { contentOf, type Edit } from "./draft";
import { leaveOpening, takeOpening, withContent } from "./opening";

const CONTENT: Content = {
  messages: [{ role: "user", content: "{{topic}}" }],
  model: "m",
  engine: "plain",
  variables: [],
};

test("what is left for a prompt is taken once", () => {
  leaveOpening("demo", CONTENT, { topic: "looms", list: [1] });
  expect(takeOpening("other")).toBeUndefined();
  expect(takeOpening("demo")).toBe(CONTENT);
  expect(takeOpening("demo")).toBeUndefined();
});

test("a content takes the place of what was written, under the same name", () => {
  const edit = { name: "Lecture", lines: [], settings: { model: "other", variables: [], engine: "jinja2" } };
  const opened = withContent(edit as unknown as Edit, CONTENT);
  expect(opened.name).toBe("Lecture");
  expect(contentOf(opened)).toEqual(CONTENT);
});
