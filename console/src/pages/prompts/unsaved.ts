// The place where a tab keeps what the server does not have yet, so that a reload loses nothing.
import type { Edit } from "./draft";

/** An edit, and the revision of the stored prompt it was made on. */
export interface Unsaved {
  revision: number;
  edit: Edit;
}

export function unsaved(key: string): Unsaved | undefined {
  try {
    const text = sessionStorage.getItem(place(key));
    return text ? (JSON.parse(text) as Unsaved) : undefined;
  } catch {
    return undefined; // Storage is closed.
  }
}

export function keepUnsaved(key: string, kept: Unsaved): void {
  try {
    sessionStorage.setItem(place(key), JSON.stringify(kept));
  } catch {
    // Storage is closed or full; the edit is still on the screen, and leaving is warned of.
  }
}

export function forgetUnsaved(key: string): void {
  try {
    sessionStorage.removeItem(place(key));
  } catch {
    // Storage is closed: there is nothing to forget.
  }
}

function place(key: string): string {
  return `promptwire.unsaved.${key}`;
}
