// The place where two edits are set against each other: what differs, piece by piece.
import { contentOf, type Edit } from "./draft";
import { shown } from "./values";

/** A piece that differs; undefined where one of the two does not have it. */
export interface Row {
  what: string;
  one: string | undefined;
  other: string | undefined;
}

export function compared(one: Edit, other: Edit): Row[] {
  const [left, right] = [pieces(one), pieces(other)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names
    .map((what) => ({ what, one: left.get(what), other: right.get(what) }))
    .filter((row) => row.one !== row.other);
}

function pieces(edit: Edit): Map<string, string> {
  const { messages, parameters, ...rest } = contentOf(edit);
  const found = new Map<string, string>([
    ["name", edit.name],
    ["description", edit.description],
  ]);
  messages.forEach(({ role, content, ...more }, at) => {
    const extra = Object.keys(more).length > 0 ? `\n${JSON.stringify(more)}` : "";
    found.set(`messages[${at}]`, `${role}: ${content}${extra}`);
  });
  const settings = { ...rest, ...parameters };
  for (const [name, value] of Object.entries(settings)) if (value !== undefined) found.set(name, shown(value));
  return found;
}
