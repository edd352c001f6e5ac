// The place where JSON is written by hand: CodeMirror that says at once what is no JSON, and where.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { type Diagnostic, linter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { partial } from "@/json/partial";
import { useText } from "@/text/text";
import { look } from "./editor";

interface JsonEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function JsonEditor({ label, value, onChange }: JsonEditorProps) {
  const say = useText();
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });
  const [bad, unfinished] = [say("json.bad"), say("json.unfinished")];

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          keymap.of([...defaultKeymap.filter(({ key }) => key !== "Mod-Enter"), ...historyKeymap, indentWithTab]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
          linter(({ state }) => diagnostics(state.doc.toString(), bad, unfinished), { delay: 150 }),
          look,
          EditorView.theme({ ".cm-scroller": { fontFamily: "var(--font-mono)", fontSize: "12.5px" } }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => editor.destroy();
  }, [label, bad, unfinished]);

  return (
    <div
      ref={host}
      className="max-h-72 min-h-24 overflow-auto rounded-lg border border-line bg-sheet px-3 py-2 focus-within:border-blue hover:border-edge"
    />
  );
}

/** What is wrong with `text` as JSON; nothing is wrong with no text. */
export function diagnostics(text: string, bad: string, unfinished: string): Diagnostic[] {
  if (text.trim() === "") return [];
  const read = partial(text);
  if (read.bad !== undefined) {
    const to = Math.min(text.length, read.bad + 1);
    return [{ from: read.bad, to, severity: "error", message: bad }];
  }
  try {
    JSON.parse(text);
    return [];
  } catch {
    return [{ from: Math.max(0, text.trimEnd().length - 1), to: text.length, severity: "error", message: unfinished }];
  }
}
