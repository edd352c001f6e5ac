// The page where one prompt is written: write at the left, run at the right.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Columns2, Play, Redo2, Square, Undo2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Simulate } from "@/api/client";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useOffered } from "@/parts/commands";
import { isCovered, isShortcut, keys, useKeys } from "@/parts/keys";
import { Hint } from "@/parts/overlay";
import { type Say, useText } from "@/text/text";
import { modelsQuery } from "../queries";
import { Answer } from "./answer";
import type { Draft } from "./autosave";
import { ComparePanes, type Panes, type Request } from "./compare-panes";
import { contentOf, slots, withSettings } from "./draft";
import { FindingList } from "./finding-list";
import { PromptBar } from "./frame";
import { Messages } from "./messages";
import { ModelPicker } from "./model-picker";
import { useOpenDraft } from "./open-draft";
import { firstPanes } from "./panes";
import { ParametersPanel } from "./parameters-panel";
import type { DraftActions } from "./use-draft";
import { useFindings } from "./use-findings";
import { useRun } from "./use-run";
import { filled, keepValues, keptValues, type Problem } from "./values";
import { Variables, variableField } from "./variables";

interface Comparing {
  /** The models whose answers are compared; undefined when there is one answer. */
  panes: string[] | undefined;
  onPanes: (panes: string[] | undefined) => void;
}

export function Workbench({ panes, onPanes }: Comparing) {
  const say = useText();
  const [draft, actions] = useOpenDraft();
  const [simulate, setSimulate] = useState<Simulate>();
  const queries = useQueryClient();
  const findings = useFindings(draft.edit);
  const { data: models = [] } = useQuery(modelsQuery);
  const { settings } = draft.edit;
  const simulated = settings.model.startsWith("simulated/");
  const trial = useTrial(draft, simulate);
  const { run, values, problems, setValue } = trial;
  const group = useRef<Panes>(null);
  const [groupRuns, setGroupRuns] = useState(false);
  const running = panes ? groupRuns : run.phase === "running";
  const start = () => (panes ? group.current?.start() : trial.start());
  const stop = () => (panes ? group.current?.stop() : trial.stop());
  const compare = async () => {
    if (panes) return onPanes(undefined);
    const known = await queries.ensureQueryData(modelsQuery).catch(() => []);
    onPanes(
      firstPanes(
        settings.model,
        known.map(({ id }) => id),
      ),
    );
  };
  useShortcuts({ say, actions, running, start, stop });

  return (
    <>
      <PromptBar>
        <UndoButtons draft={draft} actions={actions} />
        <ModelPicker
          value={settings.model}
          onChange={(model) => actions.edit((edit) => withSettings(edit, { model }))}
        />
        <ParametersPanel
          parameters={settings.parameters}
          unsupported={models.find(({ id }) => id === settings.model)?.unsupported ?? {}}
          onChange={(parameters) => actions.edit((edit) => withParameters(edit, parameters), "parameters")}
          {...(simulated && { simulate: { value: simulate, onChange: setSimulate } })}
        />
        <Hint text={say(panes ? "panes.leave" : "panes.compare")}>
          <Button
            className="px-2.5"
            aria-pressed={panes !== undefined}
            aria-label={say("panes.compare")}
            onClick={() => void compare()}
          >
            <Columns2 className={panes ? "text-blue" : ""} />
          </Button>
        </Hint>
        <RunButton running={running} onRun={start} onStop={stop} />
      </PromptBar>
      <main
        id="main"
        className={cn(
          "grid min-h-0 flex-1 grid-cols-1 overflow-y-auto lg:overflow-hidden",
          panes ? "lg:grid-cols-[minmax(0,1fr)_minmax(0,2.2fr)]" : "lg:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)]",
        )}
      >
        <div className="min-w-0 px-6 py-6 lg:overflow-y-auto">
          <div className="max-w-[50rem]">
            <Messages edit={draft.edit} findings={findings} actions={actions} />
            <FindingList edit={draft.edit} findings={findings} actions={actions} />
          </div>
        </div>
        <div className="flex min-w-0 flex-col gap-7 lg:min-h-0 border-line bg-well/50 px-6 py-6 max-lg:border-t lg:border-l">
          <div className="-m-1 max-h-[45%] overflow-y-auto p-1 max-lg:max-h-none">
            <Variables
              slots={slots(draft.edit)}
              edit={draft.edit}
              actions={actions}
              values={values}
              problems={problems}
              onChange={setValue}
            />
          </div>
          {panes ? (
            <ComparePanes
              ref={group}
              models={panes}
              onModels={onPanes}
              request={trial.request}
              onRunning={setGroupRuns}
            />
          ) : (
            <Answer run={run} onAgain={start} />
          )}
        </div>
      </main>
    </>
  );
}

function withParameters(edit: Draft["edit"], parameters: Draft["edit"]["settings"]["parameters"]): Draft["edit"] {
  const { parameters: _, ...rest } = edit.settings;
  return { ...edit, settings: parameters ? { ...rest, parameters } : rest };
}

/** The values a person gives, and runs of what is on the screen with them. */
function useTrial(draft: Draft, simulate: Simulate | undefined) {
  const { run, start: begin, stop } = useRun();
  const { key } = draft.base;
  const [values, setValues] = useState(() => keptValues(key));
  const [problems, setProblems] = useState<Readonly<Record<string, Problem>>>({});
  const { edit } = draft;

  const request = (model: string): Request | undefined => {
    const { values: given, problems: found } = filled(slots(edit), values, edit.settings.variables);
    setProblems(found);
    const wrong = Object.keys(found)[0];
    if (wrong !== undefined) {
      document.getElementById(variableField(wrong))?.focus();
      return undefined;
    }
    const simulated = model.startsWith("simulated/") && simulate;
    const body = { variables: given, draft: { ...contentOf(edit), model }, ...(simulated && { simulate }) };
    return { path: `/api/prompts/${encodeURIComponent(key)}/run`, body };
  };
  const start = () => {
    const asked = request(edit.settings.model);
    if (asked) begin(asked.path, asked.body);
  };

  const setValue = (name: string, value: string) => {
    const changed = { ...values, [name]: value };
    setValues(changed);
    keepValues(key, changed);
    setProblems(({ [name]: _, ...others }) => others);
  };
  return { run, request, start, stop, values, problems, setValue };
}

interface Shortcuts {
  say: Say;
  actions: DraftActions;
  running: boolean;
  start: () => void;
  stop: () => void;
}

function useShortcuts({ say, actions, running, start, stop }: Shortcuts): void {
  useKeys((event) => {
    const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    const dialog = event.target instanceof Element && event.target.closest("[role=dialog]");
    if (dialog) return;
    const act = (action: () => void) => {
      event.preventDefault();
      action();
    };
    if (isShortcut(event, "Enter")) act(start);
    else if (event.key === "Escape" && running && !isCovered()) act(stop);
    else if (isShortcut(event, "s")) act(actions.save);
    else if (isShortcut(event, "z") && !field) act(actions.undo);
    else if ((isShortcut(event, "z", true) || isShortcut(event, "y")) && !field) act(actions.redo);
  });
  const latest = useRef({ start, stop });
  useEffect(() => {
    latest.current = { start, stop };
  });
  const commands = useMemo(
    () =>
      running
        ? [{ id: "stop", label: say("command.stop"), keys: "Esc", perform: () => latest.current.stop() }]
        : [{ id: "run", label: say("command.run"), keys: keys("Enter"), perform: () => latest.current.start() }],
    [say, running],
  );
  useOffered(commands);
}

function UndoButtons({ draft, actions }: { draft: Draft; actions: DraftActions }) {
  const say = useText();
  return (
    <div className="flex max-sm:hidden">
      <Hint text={say("edit.undo")} keys={keys("Z")}>
        <Button
          look="ghost"
          size="icon"
          aria-label={say("edit.undo")}
          disabled={draft.past.length === 0}
          onClick={actions.undo}
        >
          <Undo2 />
        </Button>
      </Hint>
      <Hint text={say("edit.redo")} keys={keys("Shift", "Z")}>
        <Button
          look="ghost"
          size="icon"
          aria-label={say("edit.redo")}
          disabled={draft.future.length === 0}
          onClick={actions.redo}
        >
          <Redo2 />
        </Button>
      </Hint>
    </div>
  );
}

function RunButton({ running, onRun, onStop }: { running: boolean; onRun: () => void; onStop: () => void }) {
  const say = useText();
  return running ? (
    <Button className="text-red md:min-w-28" onClick={onStop}>
      <Square className="fill-current" /> {say("run.stop")}
      <kbd className="font-mono text-[11px] opacity-60 max-md:hidden">Esc</kbd>
    </Button>
  ) : (
    <Button look="ink" className="md:min-w-28" onClick={onRun}>
      <Play className="fill-current" /> {say("run.run")}
      <kbd className="font-mono text-[11px] opacity-60 max-md:hidden">{keys("Enter")}</kbd>
    </Button>
  );
}
