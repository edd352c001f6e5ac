// The place where the page knows a variable and an include when it sees one, to show them as such. Which values a
// prompt takes is the server's to say, which reads it in its own template language.

const NAME = String.raw`[\p{L}\p{Nl}\p{No}_][\p{L}\p{N}_-]*`;

/** Matches `{{name}}`; group 1 is the name. */
export const VARIABLE = new RegExp(String.raw`\{\{[ \t]*(${NAME})[ \t]*\}\}`, "gu");

/** Matches `{{> key}}` and `{{> key@1.2.0}}`; the groups are the key and the version. */
export const INCLUDE = /\{\{>[ \t]*([A-Za-z0-9][A-Za-z0-9._-]{0,99})(?:@([0-9A-Za-z.-]{1,50}))?[ \t]*\}\}/g;

/** The names in `text`, each once, in order of appearance. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map((match) => match[1] as string))];
}
