// The place for what a person chose for this browser: their name, theme and language.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
export type Language = "en" | "zh";

export interface Preferences {
  /** What others know this person by; empty when they have not said. */
  name: string;
  theme: Theme;
  language: Language;
}

const KEY = "promptwire.preferences";
const listeners = new Set<() => void>();
const system = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

let current: Preferences = { ...fallback(), ...stored() };

function fallback(): Preferences {
  const language = globalThis.navigator?.language?.toLowerCase().startsWith("zh") ? "zh" : "en";
  return { name: "", theme: "system", language };
}

function stored(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
  } catch {
    return {};
  }
}

/** Remember `change` and show it at once. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
  show();
  for (const listener of listeners) listener();
}

/** What is chosen now. */
export function preferred(): Preferences {
  return current;
}

/** What is chosen, and again whenever that changes. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferred);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(): void {
  const root = document.documentElement;
  const dark = current.theme === "dark" || (current.theme === "system" && system?.matches);
  root.dataset["theme"] = dark ? "dark" : "light";
  root.lang = current.language === "zh" ? "zh-CN" : "en";
}

if (globalThis.document) {
  show();
  system?.addEventListener("change", show);
}
