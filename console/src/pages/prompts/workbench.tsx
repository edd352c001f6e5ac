// The page where one prompt is written: write at the left, run at the right.
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Message, Simulate } from "@/api/client";
import type { Input } from "@/api/inputs";
import { cn } from "@/parts/cn";
import { dialogSearch, useDialog } from "@/parts/dialogs";
import { modelsQuery } from "../queries";
import { BenchBar } from "./bench-bar";
import { type BenchSearch, benchSearch, inMode, LEAST_RUNS, type Mode, modeOf } from "./bench-search";
import {
  askedOf,
  type Conversation,
  conversationOf,
  keepConversation,
  keptConversation,
  messagesOf,
} from "./conversation";
import { CopyCode } from "./copy-code";
import { type Edit, editOf, type Slot } from "./draft";
import { slotsOf } from "./findings";
import { PromptBar } from "./frame";
import { useOpenDraft } from "./open-draft";
import { firstPanes, type Pane } from "./panes";
import { RunSide } from "./run-side";
import { tried, typedOf } from "./saved-input";
import { Format } from "./tools/format-section";
import { Tools } from "./tools/tools-section";
import { useToolsMode } from "./tools/use-tools-mode";
import { useBenchKeys } from "./use-bench-keys";
import { readingQuery, useFindings } from "./use-findings";
import { useInputs } from "./use-inputs";
import { useOpening } from "./use-opening";
import { type Runs, useTrial } from "./use-trial";
import { committedQuery } from "./versions/use-versions";
import { type View, viewIn } from "./view";
import { Writing } from "./writing";

interface WorkbenchProps {
  search: BenchSearch;
  onSearch: (search: BenchSearch, replace?: boolean) => void;
}

export function Workbench({ search, onSearch }: WorkbenchProps) {
  const [draft, actions] = useOpenDraft();
  const { key } = draft.base;
  const [simulate, setSimulate] = useState<Simulate>();
  const coding = useDialog("code");
  const naming = useDialog("input");
  const [running, setRunning] = useState(false);
  const findings = useFindings(draft.edit, key);
  const needed = useSlots(key, slotsOf(findings.reply, draft.edit), search.panes);
  const [conversation, setConversation] = useConversation(key);
  const mode = modeOf(search);
  const [toolsMode, setToolsMode] = useToolsMode(key);
  const trial = useTrial(draft, needed, simulate, askedOf(conversation), toolsMode);
  const now = tried(needed, trial.values, draft.edit.settings.variables, messagesOf(conversation));
  const onSet = (set: string | undefined, replace?: boolean) => {
    // A new input was named in a dialog, which is over; any other stays.
    const dialog = naming.open ? {} : dialogSearch({ ...search });
    onSearch({ ...benchSearch({ ...search, set }), ...dialog }, replace || naming.open);
  };
  const show = ({ values, messages }: Input) => {
    trial.setValues(typedOf({ values }, trial.values));
    setConversation(conversationOf((messages ?? []) as Message[]));
  };
  const saved = useInputs({ promptKey: key, set: search.set, onSet, now, show });
  const onView = ({ form, preview }: View) => {
    const { form: _, preview: __, ...rest } = search;
    onSearch({ ...rest, ...viewIn({ form, preview }) }, true);
  };
  const onMode = useModes(draft.edit, search, onSearch);
  const runs = useRef<Runs>(null);
  const start = () => runs.current?.start();
  const stop = () => runs.current?.stop();
  const onCode = () => coding.show();
  const onSaveAs = () => naming.show();
  useOpening(key, actions);
  useBenchKeys({ draft, actions, running, start, stop, mode, onMode, onCode, saved, onSaveAs });

  return (
    <>
      <PromptBar>
        <BenchBar
          draft={draft}
          actions={actions}
          simulate={simulate}
          onSimulate={setSimulate}
          mode={mode}
          onMode={onMode}
          onCode={onCode}
          running={running}
          onRun={start}
          onStop={stop}
        />
      </PromptBar>
      <main
        id="main"
        className={cn(
          "grid min-h-0 flex-1 grid-cols-1 overflow-y-auto lg:overflow-hidden",
          mode === "panes"
            ? "lg:grid-cols-[minmax(0,1fr)_minmax(0,2.2fr)]"
            : "lg:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)]",
        )}
      >
        <div className="min-w-0 px-6 py-6 lg:overflow-y-auto">
          <Writing
            draft={draft}
            actions={actions}
            findings={findings}
            slots={needed}
            values={trial.values}
            view={search}
            onView={onView}
          >
            <Tools edit={draft.edit} actions={actions} mode={toolsMode} onMode={setToolsMode} />
            <Format edit={draft.edit} actions={actions} />
          </Writing>
        </div>
        <RunSide
          ref={runs}
          draft={draft}
          actions={actions}
          slots={needed}
          trial={trial}
          saved={saved}
          naming={naming}
          conversation={conversation}
          onConversation={setConversation}
          search={search}
          onSearch={onSearch}
          onRunning={setRunning}
        />
      </main>
      <CopyCode promptKey={key} body={coding.open ? trial.body(paneOf(search)) : undefined} place={coding} />
    </>
  );
}

/** What the code of the page runs: the pane that others are set against, else the draft. */
function paneOf({ panes, reference = 0 }: BenchSearch): Pane {
  return panes?.[reference] ?? {};
}

/** The values that the draft asks for, and after them those that only versions in the panes do. */
function useSlots(key: string, own: readonly Slot[], panes: readonly Pane[] = []): Slot[] {
  const committed = panes.filter(({ version, label }) => version !== undefined || label !== undefined);
  const found = useQueries({ queries: committed.map((pane) => committedQuery(key, pane)) });
  const contents = found.flatMap(({ data }) => (data ? [data.content] : []));
  const read = useQueries({ queries: contents.map((content) => readingQuery(key, content)) });
  const others = contents.flatMap((content, at) => slotsOf(read[at]?.data, editOf({ draft: content })));
  return [...new Map([...own, ...others].toReversed().map((slot) => [slot.name, slot])).values()].toReversed();
}

function useConversation(key: string): [Conversation, (conversation: Conversation) => void] {
  const [conversation, show] = useState(() => keptConversation(key));
  const change = (changed: Conversation) => {
    show(changed);
    keepConversation(key, changed);
  };
  return [conversation, change];
}

/** Goes to another way of running; a comparison begins with the prompt and another model. */
function useModes(edit: Edit, search: BenchSearch, onSearch: WorkbenchProps["onSearch"]): (mode: Mode) => void {
  const queries = useQueryClient();
  const compare = async () => {
    const known = await queries.ensureQueryData(modelsQuery).catch(() => []);
    const ids = known.map(({ id }) => id);
    onSearch(inMode(search, { panes: firstPanes(edit.settings.model, ids) }));
  };
  return (mode) => {
    if (mode === "panes") void compare();
    else if (mode === "runs") onSearch(inMode(search, { runs: LEAST_RUNS + 1 }));
    else onSearch(inMode(search, mode === "talk" ? { talk: true } : {}));
  };
}
