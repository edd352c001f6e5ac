// The place for who answers tool calls in this person's runs of a prompt: theirs, and not saved with it.
import { useState } from "react";
import { MODES, type ToolsMode } from "./tools";

export function useToolsMode(key: string): [ToolsMode, (mode: ToolsMode) => void] {
  const place = `promptwire.tools.${key}`;
  const [mode, show] = useState<ToolsMode>(() => {
    try {
      return MODES.find((it) => it === localStorage.getItem(place)) ?? "answer";
    } catch {
      return "answer";
    }
  });
  const change = (chosen: ToolsMode) => {
    show(chosen);
    try {
      localStorage.setItem(place, chosen);
    } catch {
      // Storage is closed: it lasts as long as the page.
    }
  };
  return [mode, change];
}
