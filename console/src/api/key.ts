// The place for what this browser says of who asks: a person's name, and an API key on servers that ask for one.
import { preferred } from "@/preferences";

export const PERSON = "x-promptwire-persist-user";
const PLACE = "promptwire.key";

/** The headers that say who asks: none when nothing is known. */
export function credentials(): Record<string, string> {
  return { ...key(), ...person(preferred().name) };
}

/** The header that says which person asks. A header carries Latin letters only, a name any: so it is percent-encoded. */
export function person(name: string): Record<string, string> {
  return name ? { [PERSON]: encodeURIComponent(name) } : {};
}

function key(): Record<string, string> {
  try {
    const known = localStorage.getItem(PLACE);
    return known ? { authorization: `Bearer ${known}` } : {};
  } catch {
    return {}; // Storage is closed, or this is no browser.
  }
}

export function rememberKey(key: string): void {
  localStorage.setItem(PLACE, key);
}
