// The place for the API key this browser shows, on servers that ask for one.

const PLACE = "promptwire.key";

/** The headers that say who asks: none when no key is known. */
export function credentials(): Record<string, string> {
  try {
    const key = localStorage.getItem(PLACE);
    return key ? { authorization: `Bearer ${key}` } : {};
  } catch {
    return {}; // Storage is closed, or this is no browser.
  }
}

export function rememberKey(key: string): void {
  localStorage.setItem(PLACE, key);
}
