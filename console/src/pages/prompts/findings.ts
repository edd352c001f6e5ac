// The place for what the server says of a draft: its variables and snippets, what could be better, and where that is
// on the screen. All pure.
import type { Finding, LintReply } from "@/api/authoring";
import type { Mark } from "@/editor/editor";
import { type Edit, type Slot, slots, withLine } from "./draft";

/** What the server said of exactly this edit; without a reply it has not yet. */
export interface Findings {
  edit: Edit;
  found: readonly Finding[];
  reply?: LintReply;
}

/** The values a run asks for: as the server read them last, or as they look until it has. */
export function slotsOf(reply: LintReply | undefined, edit: Edit): Slot[] {
  if (!reply) return slots(edit);
  return (reply.slots ?? []).map(({ name, type, snippet, settings }) => ({
    name,
    type,
    ...(snippet !== undefined && { snippet }),
    ...(settings && { settings }),
  }));
}

/** The server counts characters, the editor UTF-16 units: an emoji is one of those and two of these. */
export function unitsAt(text: string, characters: number): number {
  let units = 0;
  for (let left = characters; left > 0 && units < text.length; left -= 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

/** What is marked in the text of the message at `index`, or in the one of its part `part`. */
export function marksOf({ edit, found }: Findings, index: number, part?: number): Mark[] {
  const text = textAt(edit, index, part) ?? "";
  return found.flatMap(({ span, severity, message, why }) =>
    span && span.message === index && span.part === part
      ? [{ from: unitsAt(text, span.start), to: unitsAt(text, span.end), severity, text: `${message}. ${why}` }]
      : [],
  );
}

/** `edit` with the finding mended. The last place first, so that the others stay where they are. */
export function mended(edit: Edit, finding: Finding): Edit {
  const edits = [...finding.edits].sort((one, other) => other.span.start - one.span.start);
  return edits.reduce((now, { span, text }) => {
    const was = textAt(now, span.message, span.part);
    if (was === undefined) return now;
    const [start, end] = [unitsAt(was, span.start), unitsAt(was, span.end)];
    return withText(now, span.message, span.part, was.slice(0, start) + text + was.slice(end));
  }, edit);
}

function textAt(edit: Edit, index: number, part?: number): string | undefined {
  const message = edit.lines[index]?.message;
  return part === undefined ? message?.content : message?.parts?.[part]?.text;
}

function withText(edit: Edit, index: number, part: number | undefined, text: string): Edit {
  const line = edit.lines[index];
  if (!line) return edit;
  if (part === undefined) return withLine(edit, line.uid, { content: text });
  return withLine(edit, line.uid, { parts: (line.message.parts ?? []).with(part, { text }) });
}
