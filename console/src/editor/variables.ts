// The place where the page knows a variable when it sees one: the twin of `promptwire/prompt/template.py`.

const NAME = String.raw`[\p{L}\p{Nl}\p{No}_][\p{L}\p{N}_-]*`;

/** Matches `{{name}}`; group 1 is the name. */
export const VARIABLE = new RegExp(String.raw`\{\{[ \t]*(${NAME})[ \t]*\}\}`, "gu");

/** The names in `text`, each once, in order of appearance. */
export function variablesIn(text: string): string[] {
  return [...new Set([...text.matchAll(VARIABLE)].map((match) => match[1] as string))];
}
