// The place where JSON is written by hand: CodeMirror with its colours, that says at once what is no JSON, and where.
import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useDeferredValue, useEffect, useRef } from "react";
import { faultIn } from "@/json/fault";
import { cn } from "@/parts/cn";
import { type Say, useText } from "@/text/text";
import { difference, look } from "./editor";

export interface JsonEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** Of the field, which has the focus when it is written in. */
  id?: string;
  /** What stands there while nothing does. */
  hint?: string;
  invalid?: boolean;
  className?: string;
}

export function JsonEditor({ label, value, onChange, id, hint = "", invalid = false, className }: JsonEditorProps) {
  const say = useText();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });

  useEffect(() => {
    if (!host.current) return;
    const named = { "aria-label": label, spellcheck: "false", autocapitalize: "off", ...(id && { id }) };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          json(),
          COLOURS,
          bracketMatching(),
          closeBrackets(),
          // Tab goes on to the next field: an editor that keeps it would be a trap for who has no mouse.
          keymap.of([
            ...closeBracketsKeymap,
            ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"),
            ...historyKeymap,
          ]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of(named),
          placeholder(hint),
          linter(({ state }) => diagnostics(state.doc.toString(), say), { delay: 150 }),
          // Before the look of all editors: the first of two themes holds.
          EditorView.theme({ ".cm-scroller": { fontFamily: "var(--font-mono)", fontSize: "12.5px" } }),
          look,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, id, hint, say]);

  useEffect(() => {
    const editor = view.current;
    const change = editor && difference(editor.state.doc.toString(), value);
    if (change) editor.dispatch({ changes: change });
  }, [value]);

  const fault = faultIn(useDeferredValue(value));
  return (
    <div className="grid min-w-0 gap-1.5">
      <div
        ref={host}
        data-json-editor
        className={cn(
          "max-h-72 min-h-24 overflow-auto rounded-lg border border-line bg-sheet px-3 py-2 focus-within:border-blue hover:border-edge",
          invalid && "border-red",
          className,
        )}
      />
      {fault && (
        <p role="alert" className="text-red text-xs">
          {messageOf(fault, say)}
        </p>
      )}
    </div>
  );
}

function messageOf({ unfinished, line, column }: NonNullable<ReturnType<typeof faultIn>>, say: Say): string {
  return say(unfinished ? "json.unfinished.at" : "json.bad.at", { line, column });
}

/** What is wrong with `text` as JSON, marked where it is. */
export function diagnostics(text: string, say: Say): Diagnostic[] {
  const fault = faultIn(text);
  if (!fault) return [];
  const from = Math.max(0, Math.min(fault.at, text.length - 1));
  return [{ from, to: Math.min(text.length, from + 1), severity: "error", message: messageOf(fault, say) }];
}

const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.propertyName, color: "var(--blue)" },
    { tag: tags.string, color: "var(--green)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--amber)" },
    { tag: [tags.brace, tags.squareBracket, tags.separator], color: "var(--faint)" },
  ]),
);
