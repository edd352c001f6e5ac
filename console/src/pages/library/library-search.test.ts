import { expect, test } from "vitest";
import { librarySearch, PAGE, soughtBy, toggled, tree, turned } from "./library-search";

test("an address says what is sought, and what says nothing is left out", () => {
  expect(librarySearch({ text: "", order: "edited", page: 1, tags: [], trashed: "yes" })).toEqual({});
  expect(librarySearch({ folder: "", order: "name", page: 2, tags: ["a", 3] })).toEqual({
    folder: "",
    order: "name",
    page: 2,
    tags: ["a", "3"],
  });
  expect(librarySearch({ text: 2024, trashed: true })).toEqual({ text: "2024", trashed: true });
  expect(librarySearch({ kind: "snippet" })).toEqual({ kind: "snippet" });
  expect(librarySearch({ kind: "poem" })).toEqual({});
});

test("the server is asked for one page", () => {
  expect(soughtBy({})).toEqual({ limit: PAGE, offset: 0 });
  expect(soughtBy({ kind: "text" })).toEqual({ limit: PAGE, offset: 0, kind: "text" });
  expect(soughtBy({ page: 3, tags: ["a"], folder: "" })).toEqual({
    limit: PAGE,
    offset: 2 * PAGE,
    tag: ["a"],
    folder: "",
  });
});

test("other shelves begin with their first page", () => {
  expect(turned({ page: 3, text: "a" }, { folder: "f" })).toEqual({ text: "a", folder: "f" });
  expect(turned({ folder: "f" }, { folder: undefined })).toEqual({});
  expect([toggled(undefined, "a"), toggled(["a"], "a"), toggled(["a"], "b")]).toEqual([["a"], undefined, ["a", "b"]]);
});

test("folders are a tree with those above them, counted with what is below", () => {
  const folders = [
    { name: "support", prompts: 1 },
    { name: "support/refunds/eu", prompts: 2 },
    { name: "Archive", prompts: 4 },
    { name: "support-old", prompts: 1 },
  ];
  expect(tree(folders)).toEqual([
    { path: "Archive", name: "Archive", depth: 0, prompts: 4 },
    { path: "support", name: "support", depth: 0, prompts: 3 },
    { path: "support/refunds", name: "refunds", depth: 1, prompts: 2 },
    { path: "support/refunds/eu", name: "eu", depth: 2, prompts: 2 },
    { path: "support-old", name: "support-old", depth: 0, prompts: 1 },
  ]);
});
