// The place where a tab keeps what the server does not have yet, so that a reload loses nothing.
import type { Prompt } from "@/api/client";
import type { Edit } from "./draft";

/** An edit, and the stored prompt it was made on. */
export interface Unsaved {
  base: Prompt;
  edit: Edit;
}

type Whose = Pick<Prompt, "key" | "person">;

export function unsaved(whose: Whose): Unsaved | undefined {
  try {
    const text = sessionStorage.getItem(place(whose));
    return text ? (JSON.parse(text) as Unsaved) : undefined;
  } catch {
    return undefined; // Storage is closed.
  }
}

export function keepUnsaved(kept: Unsaved): void {
  try {
    sessionStorage.setItem(place(kept.base), JSON.stringify(kept));
  } catch {
    // Storage is closed or full; the edit is still on the screen, and leaving is warned of.
  }
}

export function forgetUnsaved(whose: Whose): void {
  try {
    sessionStorage.removeItem(place(whose));
  } catch {
    // Storage is closed: there is nothing to forget.
  }
}

function place({ key, person }: Whose): string {
  return `promptwire.unsaved.${key} ${person}`;
}
