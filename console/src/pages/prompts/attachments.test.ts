import { expect, test } from "vitest";
import { bytesOf, kindOf, MAX_BYTES, moved, partOf, Refused } from "./attachments";

test("what is too big, or a picture no model sees, is refused with the reason", async () => {
  const big = new File([new Uint8Array(MAX_BYTES + 1)], "big.pdf", { type: "application/pdf" });
  const drawing = new File(["<svg/>"], "a.svg", { type: "image/svg+xml" });
  expect(await partOf(big)).toEqual(new Refused("big", "big.pdf"));
  expect(await partOf(drawing)).toEqual(new Refused("picture", "a.svg"));
});

test("a part says what it is, and how much is in it", () => {
  expect([{ image_url: "x" }, { file: { url: "x", name: "" } }, { variable: "x" }, { text: "" }].map(kindOf)).toEqual([
    "image",
    "file",
    "variable",
    "text",
  ]);
  expect([bytesOf("data:text/plain;base64,aGk="), bytesOf("https://example.org/a")]).toEqual([2, undefined]);
});

test("parts are moved as far as there are places", () => {
  const parts = [{ text: "a" }, { text: "b" }, { text: "c" }];
  expect(moved(parts, 0, 1).map(({ text }) => text)).toEqual(["b", "a", "c"]);
  expect(moved(parts, 2, 5).map(({ text }) => text)).toEqual(["a", "b", "c"]);
});
