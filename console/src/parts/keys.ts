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

/** Listens to keys anywhere on the page; a handler that took one says so by `preventDefault`. */
export function useKeys(handler: (event: KeyboardEvent) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!event.defaultPrevented) latest.current(event);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
