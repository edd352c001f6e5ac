// The place for how the writing side of the page is shown, as its address says it.

export interface View {
  /** The questions of a form in the place of the text. */
  form?: boolean;
  /** The rendered messages below it. */
  preview?: boolean;
}

export function viewIn(search: Record<string, unknown>): View {
  return {
    ...(search["form"] === true && { form: true }),
    ...(search["preview"] === true && { preview: true }),
  };
}
