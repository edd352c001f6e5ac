import { expect, test } from "vitest";
import type { Version } from "@/api/versions";
import { ancestry, behind, hasMovedOn, isSemver, lanes, nextVersions } from "./lineage";

function version(name: string, parents: string[] = [], branch = "main"): Version {
  return { version: name, branch, message: "", author: "", parents, created_at: "", labels: [] };
}

const FORKED = [version("4", ["2", "3"]), version("3", ["1"], "try"), version("2", ["1"]), version("1")];

test("a version is made of all that went into it", () => {
  expect([...ancestry(FORKED, "4")].sort()).toEqual(["1", "2", "3", "4"]);
  expect([...ancestry(FORKED, undefined)]).toEqual([]);
});

test("a branch has moved on when its newest version is not in what a draft was made of", () => {
  expect(hasMovedOn(FORKED, "2", "1")).toBe(true);
  expect(hasMovedOn(FORKED, "2", "2")).toBe(false);
  expect(hasMovedOn(FORKED, "1", "2")).toBe(false);
  expect(hasMovedOn(FORKED, undefined, undefined)).toBe(false);
  expect(hasMovedOn(FORKED, "1", undefined)).toBe(true);
});

test("a draft is behind the branch of its base, and behind main when that branch is gone or there is no base", () => {
  const branches = [
    { name: "main", head: "2" },
    { name: "try", head: "3" },
  ];
  expect(behind(FORKED, branches, "1")).toEqual({ branch: "main", head: "2" });
  expect(behind(FORKED, branches, "2")).toBeUndefined();
  expect(behind(FORKED, branches, "3")).toBeUndefined();
  expect(behind(FORKED, branches.slice(0, 1), "3")).toEqual({ branch: "main", head: "2" });
  expect(behind(FORKED, branches, undefined)).toEqual({ branch: "main", head: "2" });
  expect(behind([], [], undefined)).toBeUndefined();
});

test("main has the first lane, others follow as they began", () => {
  expect([...lanes(FORKED)]).toEqual([
    ["main", 0],
    ["try", 1],
  ]);
});

test("the next version follows the newest, which need not be the latest", () => {
  const mixed = [version("7"), version("1.9.0"), version("1.10.3"), version("2.0.0-rc.1")];
  expect(nextVersions(mixed)).toEqual({ number: "5", patch: "2.0.1", minor: "2.1.0", major: "3.0.0" });
  expect(nextVersions([])).toEqual({ number: "1", patch: "0.0.1", minor: "0.1.0", major: "1.0.0" });
});

test("what is no semantic version is known", () => {
  expect(["1.2.3", "0.1.0-rc.1", "1.2", "01.2.3", "v1.2.3"].map(isSemver)).toEqual([true, true, false, false, false]);
});
