import { describe, expect, test } from "vitest";
import { aboutIn, dialogSearch } from "./dialogs";

describe("the dialog in an address", () => {
  test("is a word; anything else is none", () => {
    expect(dialogSearch({ dialog: "commit", set: "a" })).toEqual({ dialog: "commit" });
    for (const dialog of ["", 7, undefined, null, ["commit"]]) expect(dialogSearch({ dialog })).toEqual({});
  });

  test("is open when it has the name, about what follows the first colon", () => {
    expect(aboutIn("tool", "tool")).toBe("");
    expect(aboutIn("tool:weather", "tool")).toBe("weather");
    expect(aboutIn("model:openai/a:b", "model")).toBe("openai/a:b");
  });

  test("is not open when another has a name that begins alike", () => {
    expect(aboutIn("tools", "tool")).toBeUndefined();
    expect(aboutIn("delete-tool:weather", "tool")).toBeUndefined();
    expect(aboutIn(undefined, "tool")).toBeUndefined();
  });
});
