// The place where a message is written: CodeMirror with variables made visible and suggested.
import { autocompletion, type CompletionContext, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap } from "@codemirror/commands";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  keymap,
  MatchDecorator,
  placeholder,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { useEffect, useRef } from "react";
import { type Includable, includable, includeHints } from "./includes";
import { INCLUDE, VARIABLE } from "./variables";

/** Something to know about a piece of the text. */
export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  text: string;
}

const NO_SNIPPETS: readonly Includable[] = [];

interface EditorProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  hint: string;
  /** Names suggested after `{{`. */
  names: readonly string[];
  /** Snippets suggested after `{{>`. */
  snippets?: readonly Includable[];
  marks: readonly Mark[];
  autoFocus?: boolean;
}

/** A text field that grows with its text. Undo is the page's: it takes back changes anywhere in the prompt. */
export function Editor({
  value,
  onChange,
  label,
  hint,
  names,
  snippets = NO_SNIPPETS,
  marks,
  autoFocus = false,
}: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ value, onChange, names, snippets });
  useEffect(() => {
    latest.current = { value, onChange, names, snippets };
  });

  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const editor = new EditorView({
      parent,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          extensions(label, hint),
          autocompletion({
            override: [
              (context) => suggested(context, latest.current.names),
              (context) => includable(context, latest.current.snippets),
            ],
            icons: false,
          }),
          includeHints(() => latest.current.snippets),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label, hint]);

  useEffect(() => {
    if (autoFocus) view.current?.focus();
  }, [autoFocus]);

  useEffect(() => {
    const editor = view.current;
    const change = editor && difference(editor.state.doc.toString(), value);
    if (change) editor.dispatch({ changes: change });
  }, [value]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: an editor made anew has no marks yet.
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { length } = editor.state.doc;
    const shown = marks.filter(({ to }) => to <= length);
    const diagnostics = shown.map(({ from, to, severity, text }) => ({ from, to, severity, message: text }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [marks, label, hint]);

  return <div ref={host} className="min-w-0" />;
}

/** The smallest single replacement that makes `to` of `from`, so that the cursor stays where it can. */
export function difference(from: string, to: string): { from: number; to: number; insert: string } | undefined {
  if (from === to) return undefined;
  const most = Math.min(from.length, to.length);
  let start = 0;
  while (start < most && from[start] === to[start]) start += 1;
  let end = 0;
  while (end < most - start && from[from.length - 1 - end] === to[to.length - 1 - end]) end += 1;
  return { from: start, to: from.length - end, insert: to.slice(start, to.length - end) };
}

function extensions(label: string, hint: string): Extension {
  return [
    keymap.of([...completionKeymap, ...defaultKeymap.filter(({ key }) => key !== "Mod-Enter")]),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
    placeholder(hint),
    marked(VARIABLE, "variable"),
    marked(INCLUDE, "variable snippet"),
    look,
  ];
}

/** Everything `regexp` matches, shown as `look`. */
function marked(regexp: RegExp, look: string): Extension {
  const matcher = new MatchDecorator({ regexp: new RegExp(regexp), decoration: Decoration.mark({ class: look }) });
  return ViewPlugin.fromClass(
    class {
      marks: DecorationSet;

      constructor(view: EditorView) {
        this.marks = matcher.createDeco(view);
      }

      update(update: ViewUpdate): void {
        this.marks = matcher.updateDeco(update, this.marks);
      }
    },
    { decorations: (plugin) => plugin.marks },
  );
}

function suggested(context: CompletionContext, names: readonly string[]) {
  const typed = context.matchBefore(/\{\{[ \t]*[\p{L}\p{N}_-]*/u);
  if (!typed) return null;
  const from = typed.from + 2;
  const closed = context.state.sliceDoc(context.pos, context.pos + 2) === "}}";
  const options = names.map((name) => ({ label: name, apply: closed ? name : `${name}}}`, type: "variable" }));
  return { from, options, validFor: /^[ \t]*[\p{L}\p{N}_-]*$/u };
}

export const look = EditorView.theme({
  "&": { fontSize: "15px", backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-sans)", lineHeight: "1.65", overflow: "visible" },
  ".cm-content": { padding: "0", caretColor: "var(--blue)" },
  ".cm-line": { padding: "0" },
  ".cm-placeholder": { color: "var(--faint)", opacity: "0.75" },
  ".cm-tooltip": {
    border: "1px solid var(--line)",
    borderRadius: "10px",
    backgroundColor: "var(--sheet)",
    boxShadow: "var(--shadow)",
    overflow: "hidden",
  },
  ".cm-lintRange": { backgroundImage: "none", textDecoration: "underline wavy 1px", textUnderlineOffset: "4px" },
  ".cm-lintRange-error": { textDecorationColor: "var(--red)" },
  ".cm-lintRange-warning": { textDecorationColor: "var(--amber)" },
  ".cm-lintRange-info": { textDecorationColor: "var(--blue)" },
  ".cm-diagnostic": { border: "none", padding: "8px 12px", maxWidth: "28rem", fontSize: "13px" },
  ".snippet-hint": { padding: "8px 12px", maxWidth: "26rem", fontSize: "13px", lineHeight: "1.5" },
  ".snippet-hint strong": { fontFamily: "var(--font-mono)", fontSize: "12px", fontWeight: "500", color: "var(--blue)" },
  ".snippet-hint p": { whiteSpace: "pre-wrap", color: "var(--soft)", maxHeight: "14rem", overflow: "hidden" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--faint)", marginLeft: "1em" },
  ".cm-tooltip.cm-completionInfo": {
    padding: "8px 12px",
    maxWidth: "22rem",
    fontFamily: "var(--font-sans)",
    fontSize: "13px",
    whiteSpace: "pre-wrap",
    color: "var(--soft)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "12.5px", padding: "4px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px", borderRadius: "6px", color: "var(--ink)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--blue-wash)", color: "var(--blue)" },
});
