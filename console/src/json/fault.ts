// The place where it is found why a text is no JSON, and at which line and column. All pure.
import { partial } from "./partial";

export interface Fault {
  /** The first character that cannot stand there; of what is only unfinished, the end. */
  at: number;
  unfinished: boolean;
  /** Both count from 1. */
  line: number;
  column: number;
}

/** What is wrong with `text` as JSON; nothing is wrong with JSON, and nothing with no text. */
export function faultIn(text: string): Fault | undefined {
  if (text.trim() === "") return undefined;
  const { bad } = partial(text);
  if (bad === undefined && isJson(text)) return undefined;
  const at = bad ?? text.trimEnd().length;
  const before = text.slice(0, at).split("\n");
  return { at, unfinished: bad === undefined, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
