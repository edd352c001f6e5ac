// The place where shortcuts are read and named: Ctrl on most machines, ⌘ on a Mac.
import { useEffect, useRef } from "react";

const MAC = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? "");

/** How a shortcut is written on this machine: `keys("Enter")` is Ctrl ↵ or ⌘↵. */
export function keys(...names: string[]): string {
  const marks: Record<string, string> = { Enter: "↵", Shift: MAC ? "⇧" : "Shift" };
  return [MAC ? "⌘" : "Ctrl", ...names.map((name) => marks[name] ?? name)].join(MAC ? "" : " ");
}

/** Whether `event` is the shortcut of Ctrl (or ⌘) with `key`. */
export function isShortcut(event: KeyboardEvent, key: string, shift = false): boolean {
  const command = MAC ? event.metaKey : event.ctrlKey;
  return command && !event.altKey && event.shiftKey === shift && event.key.toLowerCase() === key.toLowerCase();
}

/** Whether something lies above the page that Escape closes; a hint that happens to be shown is not in the way. */
export function isCovered(): boolean {
  return document.querySelector("[role=dialog], [role=menu], [role=listbox]") !== null;
}

/** Listens to keys anywhere on the page, before whatever has the focus does. */
export function useKeys(handler: (event: KeyboardEvent) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event);
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
