// The pages of one prompt, in the order of their tabs.
import type { Word } from "@/text/text";

export const TABS = [
  { to: "/prompts/$key", word: "tab.write" },
  { to: "/prompts/$key/versions", word: "tab.versions" },
  { to: "/prompts/$key/files", word: "tab.files" },
  { to: "/prompts/$key/runs", word: "tab.runs" },
] as const satisfies readonly { to: string; word: Word }[];
