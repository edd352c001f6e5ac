// The tools of the page where a prompt is written: undo, model, parameters, how it is run, its code, and Run.
import { useQuery } from "@tanstack/react-query";
import { Code2, Columns2, MessagesSquare, Play, Redo2, Repeat, Square, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Simulate } from "@/api/client";
import { Button } from "@/parts/button";
import { keys } from "@/parts/keys";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { modelsQuery } from "../queries";
import type { Draft } from "./autosave";
import type { Mode } from "./bench-search";
import { withSettings } from "./draft";
import { ModelPicker } from "./model-picker";
import { ParametersPanel } from "./parameters-panel";
import type { DraftActions } from "./use-draft";

interface BenchBarProps {
  draft: Draft;
  actions: DraftActions;
  simulate: Simulate | undefined;
  onSimulate: (simulate: Simulate | undefined) => void;
  mode: Mode;
  onMode: (mode: Mode) => void;
  onCode: () => void;
  running: boolean;
  onRun: () => void;
  onStop: () => void;
}

export function BenchBar({ draft, actions, simulate, onSimulate, running, onRun, onStop, ...run }: BenchBarProps) {
  const say = useText();
  const { data: models = [] } = useQuery(modelsQuery);
  const { settings } = draft.edit;
  const simulated = settings.model.startsWith("simulated/");
  return (
    <>
      <UndoButtons draft={draft} actions={actions} />
      <ModelPicker value={settings.model} onChange={(model) => actions.edit((edit) => withSettings(edit, { model }))} />
      <ParametersPanel
        parameters={settings.parameters}
        unsupported={models.find(({ id }) => id === settings.model)?.unsupported ?? {}}
        onChange={(parameters) => actions.edit((edit) => withParameters(edit, parameters), "parameters")}
        {...(simulated && { simulate: { value: simulate, onChange: onSimulate } })}
      />
      <Modes mode={run.mode} onMode={run.onMode} />
      <Hint text={say("code.title")}>
        <Button className="px-2.5" aria-label={say("code.title")} onClick={run.onCode}>
          <Code2 />
        </Button>
      </Hint>
      <RunButton running={running} onRun={onRun} onStop={onStop} />
    </>
  );
}

const MODES: readonly (readonly [Exclude<Mode, "one">, ReactNode])[] = [
  ["panes", <Columns2 key="panes" />],
  ["runs", <Repeat key="runs" />],
  ["talk", <MessagesSquare key="talk" />],
];

/** None of them pressed: one answer. */
function Modes({ mode, onMode }: { mode: Mode; onMode: (mode: Mode) => void }) {
  const say = useText();
  return (
    <div className="flex">
      {MODES.map(([it, icon]) => {
        const pressed = it === mode;
        return (
          <Hint key={it} text={say(pressed ? "panes.leave" : `mode.${it}`)}>
            <Button
              look="ghost"
              size="icon"
              aria-pressed={pressed}
              aria-label={say(`mode.${it}`)}
              className={pressed ? "bg-blue-wash text-blue" : ""}
              onClick={() => onMode(pressed ? "one" : it)}
            >
              {icon}
            </Button>
          </Hint>
        );
      })}
    </div>
  );
}

function withParameters(edit: Draft["edit"], parameters: Draft["edit"]["settings"]["parameters"]): Draft["edit"] {
  const { parameters: _, ...rest } = edit.settings;
  return { ...edit, settings: parameters ? { ...rest, parameters } : rest };
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
