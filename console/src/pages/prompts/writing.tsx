// The side of the page where a prompt is written: as messages or as a form, and below what is to be known of it.
import type { Prompt } from "@/api/client";
import { Segments } from "@/parts/segments";
import { useText } from "@/text/text";
import type { Draft } from "./autosave";
import type { Slot } from "./draft";
import { EnginePicker } from "./engine-picker";
import { FindingList } from "./finding-list";
import type { Findings } from "./findings";
import { guided, withGuided } from "./guide";
import { GuideForm } from "./guide-form";
import { Impact } from "./impact";
import { Messages } from "./messages";
import { OneText } from "./one-text";
import { PreviewPanel } from "./preview-panel";
import type { DraftActions } from "./use-draft";
import { usePreview } from "./use-preview";
import { useSnippets } from "./use-snippets";
import type { Values } from "./values";
import type { View } from "./view";

interface WritingProps {
  draft: Draft;
  actions: DraftActions;
  findings: Findings;
  slots: readonly Slot[];
  values: Values;
  view: View;
  onView: (view: View) => void;
  /** What else a prompt that is run has: tools, and the shape of its answer. */
  children: React.ReactNode;
}

export function Writing({ draft, actions, findings, slots, values, view, onView, children }: WritingProps) {
  const { edit, base } = draft;
  const kind = base.kind ?? "chat";
  const snippets = useSnippets(base.key);
  const preview = usePreview(base.key, edit, slots, values);
  const writing = { edit, findings, snippets, slots, actions };
  return (
    <div className="max-w-[50rem]">
      <WritingBar kind={kind} view={view} onView={onView}>
        <EnginePicker edit={edit} actions={actions} />
      </WritingBar>
      {view.form ? (
        <GuideForm
          text={guided(edit, kind)}
          onText={(text) => actions.edit((now) => withGuided(now, kind, text), "guide")}
        />
      ) : kind === "chat" ? (
        <Messages {...writing} />
      ) : (
        <OneText {...writing} kind={kind} />
      )}
      {kind !== "snippet" && children}
      <FindingList edit={edit} findings={findings} actions={actions} />
      {kind === "snippet" && <Impact promptKey={base.key} />}
      <PreviewPanel
        preview={preview}
        open={view.preview === true}
        onOpen={(open) => onView({ ...view, preview: open })}
      />
    </div>
  );
}

interface WritingBarProps {
  kind: NonNullable<Prompt["kind"]>;
  view: View;
  onView: (view: View) => void;
  children: React.ReactNode;
}

function WritingBar({ kind, view, onView, children }: WritingBarProps) {
  const say = useText();
  return (
    <div className="mb-5 flex min-h-7 flex-wrap items-center gap-x-4 gap-y-1">
      {kind !== "chat" && <span className="eyebrow">{say(`kind.${kind}`)}</span>}
      {children}
      <Segments
        label={say("view.title")}
        value={view.form ? "form" : "text"}
        options={(["text", "form"] as const).map((value) => ({ value, label: say(`view.${value}`) }))}
        onChange={(chosen) => onView({ ...view, form: chosen === "form" })}
        className="ml-auto"
      />
    </div>
  );
}
