// The place where a snippet is suggested after `{{>`, and shown when an include is pointed at.
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { type EditorView, hoverTooltip, type Tooltip } from "@codemirror/view";
import { INCLUDE } from "./variables";

/** What the editor has to know of a snippet. */
export interface Includable {
  key: string;
  name: string;
  /** The version that an include without one stands for. */
  floats_at: string;
  text: string;
  versions: readonly string[];
}

const TYPED = /\{\{>[ \t]*(?:[A-Za-z0-9._-]*@)?[0-9A-Za-z._-]*/;
const SHOWN = 600;

/** Keys after `{{>`, and versions after `@`. */
export function includable(context: CompletionContext, snippets: readonly Includable[]): CompletionResult | null {
  const typed = context.matchBefore(TYPED);
  if (!typed) return null;
  const after = typed.text.replace(/^\{\{>[ \t]*/, "");
  const at = after.indexOf("@");
  const from = context.pos - (at < 0 ? after.length : after.length - at - 1);
  const end = context.state.sliceDoc(context.pos, context.pos + 2) === "}}" ? "" : "}}";
  const space = at < 0 && typed.text.endsWith(">") ? " " : "";
  const options: Completion[] =
    at < 0
      ? snippets.map(({ key, name, text }) => ({
          label: key,
          detail: name,
          apply: `${space}${key}${end}`,
          ...(text && { info: text.slice(0, SHOWN) }),
        }))
      : (snippets.find(({ key }) => key === after.slice(0, at))?.versions ?? []).map((version) => ({
          label: version,
          apply: `${version}${end}`,
        }));
  return { from, options, validFor: /^[0-9A-Za-z._-]*$/ };
}

/** What an include stands for, when it is pointed at. */
export function includeHints(snippets: () => readonly Includable[]) {
  return hoverTooltip((view, position) => hint(view, position, snippets()));
}

function hint(view: EditorView, position: number, snippets: readonly Includable[]): Tooltip | null {
  const line = view.state.doc.lineAt(position);
  for (const found of line.text.matchAll(INCLUDE)) {
    const start = line.from + found.index;
    const end = start + found[0].length;
    const snippet = snippets.find(({ key }) => key === found[1]);
    if (position < start || position > end || !snippet || found[2] !== undefined) continue;
    return { pos: start, end, above: true, create: () => ({ dom: shown(snippet) }) };
  }
  return null;
}

function shown({ key, floats_at, text }: Includable): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "snippet-hint";
  const head = dom.appendChild(document.createElement("strong"));
  head.textContent = `${key} · ${floats_at}`;
  const body = dom.appendChild(document.createElement("p"));
  body.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return dom;
}
