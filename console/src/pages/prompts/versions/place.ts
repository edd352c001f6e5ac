// The place for what the page of versions shows, as its address says it.

export interface Place {
  /** Two of what a diff takes: versions, labels, branches, `draft`, `draft:` and a person. */
  before?: string;
  after?: string;
  /** A version that is read. */
  version?: string;
  /** What is merged into which branch; the same twice: the draft is merged with its branch. */
  merge?: string;
  into?: string;
}

export function placeIn(search: Record<string, unknown>): Place {
  const said = (name: keyof Place) => {
    const value = search[name];
    // A version like 2 is read from the address as a number.
    return typeof value === "string" || typeof value === "number" ? { [name]: String(value) } : {};
  };
  return { ...said("before"), ...said("after"), ...said("version"), ...said("merge"), ...said("into") };
}
