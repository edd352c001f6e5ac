// The place for what the linter found in a draft: where it is on the screen, and how it is mended. All pure.
import type { Finding } from "@/api/authoring";
import type { Mark } from "@/editor/editor";
import { type Edit, withLine } from "./draft";

/** Findings of exactly this edit. */
export interface Findings {
  edit: Edit;
  found: readonly Finding[];
}

/** The server counts characters, the editor UTF-16 units: an emoji is one of those and two of these. */
export function unitsAt(text: string, characters: number): number {
  let units = 0;
  for (let left = characters; left > 0 && units < text.length; left -= 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

/** What is marked in the text of the message at `index`. */
export function marksOf({ edit, found }: Findings, index: number): Mark[] {
  const text = edit.lines[index]?.message.content ?? "";
  return found.flatMap(({ span, severity, message, why }) =>
    span && span.message === index && span.part === undefined
      ? [{ from: unitsAt(text, span.start), to: unitsAt(text, span.end), severity, text: `${message}. ${why}` }]
      : [],
  );
}

/** Whether a machine can mend it on this page: its edits are all in the messages' own texts. */
export function canMend(finding: Finding): boolean {
  return finding.edits.length > 0 && finding.edits.every(({ span }) => span.part === undefined);
}

/** `edit` with the finding mended. The last place first, so that the others stay where they are. */
export function mended(edit: Edit, finding: Finding): Edit {
  const edits = [...finding.edits].sort((one, other) => other.span.start - one.span.start);
  return edits.reduce((now, { span, text }) => {
    const line = now.lines[span.message];
    if (!line) return now;
    const { content } = line.message;
    const [start, end] = [unitsAt(content, span.start), unitsAt(content, span.end)];
    return withLine(now, line.uid, { content: content.slice(0, start) + text + content.slice(end) });
  }, edit);
}
