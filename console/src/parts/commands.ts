// The place where what is on the screen offers what can be done, for the palette to list.
import { useEffect, useSyncExternalStore } from "react";

export interface Command {
  id: string;
  label: string;
  keys?: string;
  /** What more is said of it, and found. */
  note?: string;
  /** Under which heading it stands; with the actions when absent. */
  group?: "versions";
  perform: () => void;
}

let offered: readonly Command[] = [];
const listeners = new Set<() => void>();

function change(commands: readonly Command[]): void {
  offered = commands;
  for (const listener of listeners) listener();
}

/** Offer `commands` while the caller is on the screen. */
export function useOffered(commands: readonly Command[]): void {
  useEffect(() => {
    change([...offered, ...commands]);
    return () => change(offered.filter((command) => !commands.includes(command)));
  }, [commands]);
}

export function useCommands(): readonly Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offered,
  );
}
