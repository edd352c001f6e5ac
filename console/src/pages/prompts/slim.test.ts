import { expect, test } from "vitest";
import { slim } from "./slim";

test("leaves out what is in pictures and files, and nothing else", () => {
  const long = "A".repeat(1000);
  const content = {
    messages: [
      { parts: [{ image_url: `data:image/png;base64,${long}` }, { file: { url: `data:text/csv;base64,${long}` } }] },
      { content: `data:${long}`, n: 1, none: null, some: undefined },
    ],
  };
  expect(slim(content)).toEqual({
    messages: [
      { parts: [{ image_url: "data:image/png;base64,AAAA" }, { file: { url: `data:text/csv;base64,${long}` } }] },
      { content: `data:${long}`, n: 1, none: null, some: undefined },
    ],
  });
  expect(slim("data:image/png;base64,AA")).toBe("data:image/png;base64,AA");
});
