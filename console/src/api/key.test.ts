import { expect, test } from "vitest";
import { person } from "./key";

test("a name of any script becomes a header that fetch takes", () => {
  const headers = new Headers(person("王小明 Ann"));
  expect(decodeURIComponent(headers.get("x-promptwire-persist-user") ?? "")).toBe("王小明 Ann");
});

test("somebody without a name says nothing", () => {
  expect(person("")).toEqual({});
});
