import { expect, test } from "vitest";
import type { Label, Version } from "@/api/versions";
import { versionCommands } from "./version-commands";

const version = (name: string, branch: string, message: string): Version => ({
  version: name,
  branch,
  message,
  author: "",
  created_at: "2026-11-26T00:00:00Z",
  parents: [],
  labels: [],
});

test("versions are called as a person types them, labels by their names, and both lead to the version", () => {
  const production: Label = { name: "production", version: "3", moved_at: "", moved_by: "", keepers: [] };
  const opened: string[] = [];
  const commands = versionCommands(
    [version("3", "main", "Shorter"), version("1.2.0", "try", "Longer")],
    [production],
    (it) => opened.push(it),
  );
  expect(commands.map(({ label, note }) => [label, note])).toEqual([
    ["production", "→ v3"],
    ["v3", "Shorter"],
    ["v1.2.0", "try · Longer"],
  ]);
  for (const { perform } of commands) perform();
  expect(opened).toEqual(["3", "3", "1.2.0"]);
});
