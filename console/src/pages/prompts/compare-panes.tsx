// One prompt several times side by side, in versions, on models and with parameters: run and watched together, and set
// against one of them.
import { useQuery } from "@tanstack/react-query";
import { Flag, Play, Plus, X } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { Button } from "@/parts/button";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { modelsQuery } from "../queries";
import { Answer } from "./answer";
import { type Edit, editOf } from "./draft";
import { ModelPicker } from "./model-picker";
import type { SteppedProps } from "./one-answer";
import { LEAST_PANES, MOST_PANES, type Pane, referenceWithout, withChoice } from "./panes";
import { ParametersPanel } from "./parameters-panel";
import { IDLE, isActive, type Run } from "./run";
import type { DraftActions } from "./use-draft";
import { useSteps } from "./use-steps";
import type { Runs, Trial } from "./use-trial";
import { VersionPicker } from "./version-picker";
import { committedQuery } from "./versions/use-versions";

interface ComparePanesProps extends SteppedProps {
  promptKey: string;
  panes: readonly Pane[];
  reference: number;
  onChange: (panes: Pane[], reference: number) => void;
}

export function ComparePanes(props: ComparePanesProps) {
  const { ref, trial, edit, actions, onRunning, promptKey, panes, reference, onChange } = props;
  const say = useText();
  const places = useRef(new Map<number, Runs>());
  const [runs, setRuns] = useState<Readonly<Record<number, Run>>>({});
  const every = (act: (pane: Runs) => void) => places.current.forEach(act);
  useImperativeHandle(ref, () => ({ start: () => every((it) => it.start()), stop: () => every((it) => it.stop()) }));

  const running = panes.some((_, at) => isActive(runs[at] ?? IDLE));
  useEffect(() => onRunning(running), [running, onRunning]);
  const text = runs[reference]?.phase === "done" ? runs[reference].text : undefined;
  const keyboard = useWalk(places, (at) => onChange([...panes], at));

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are a short way between panes that Tab reaches too.
    <div className="flex min-h-0 flex-1 flex-col gap-3" onKeyDown={keyboard}>
      <div className="flex min-h-80 flex-1 gap-5 overflow-x-auto pb-2">
        {panes.map((pane, at) => (
          <PaneColumn
            // biome-ignore lint/suspicious/noArrayIndexKey: a pane is its place; two may run the same.
            key={at}
            ref={(runs) => {
              if (runs) places.current.set(at, runs);
              else places.current.delete(at);
            }}
            promptKey={promptKey}
            name={at === reference ? say("panes.reference") : say("panes.pane", { n: at + 1 })}
            pane={pane}
            reference={at === reference ? undefined : text}
            trial={trial}
            edit={edit}
            actions={actions}
            onPane={(chosen) => onChange(panes.with(at, chosen), reference)}
            onRun={(run) => setRuns((now) => ({ ...now, [at]: run }))}
            {...(at !== reference && { onReference: () => onChange([...panes], at) })}
            {...(panes.length > LEAST_PANES && {
              onDrop: () => onChange(panes.toSpliced(at, 1), referenceWithout(reference, at)),
            })}
          />
        ))}
      </div>
      <div className="flex items-center gap-3">
        {panes.length < MOST_PANES && (
          <Button look="ghost" size="small" onClick={() => onChange([...panes, panes.at(-1) ?? {}], reference)}>
            <Plus /> {say("panes.add")}
          </Button>
        )}
        <p className="ml-auto text-faint text-xs max-md:hidden">{say("panes.keys")}</p>
      </div>
    </div>
  );
}

/** On an answer: arrows, Home and End go to another, Enter runs it, R sets the others against it. */
function useWalk(places: { current: Map<number, Runs> }, onReference: (at: number) => void) {
  return (event: KeyboardEvent<HTMLElement>) => {
    const { target, currentTarget, key } = event;
    if (!(target instanceof HTMLElement) || !target.matches("[data-paper]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const papers = [...currentTarget.querySelectorAll<HTMLElement>("[data-paper]")];
    const at = papers.indexOf(target);
    const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: papers.length - 1 };
    const to = steps[key];
    if (to !== undefined) papers[to]?.focus();
    else if (key === "Enter") places.current.get(at)?.start();
    else if (key.toLowerCase() === "r") onReference(at);
    else return;
    event.preventDefault();
  };
}

interface PaneColumnProps {
  ref: Ref<Runs>;
  promptKey: string;
  name: string;
  pane: Pane;
  reference: string | undefined;
  trial: Trial;
  edit: Edit;
  actions: DraftActions;
  onPane: (pane: Pane) => void;
  onRun: (run: Run) => void;
  onReference?: () => void;
  onDrop?: () => void;
}

function PaneColumn({ ref, name, pane, reference, trial, edit, actions, onRun, ...head }: PaneColumnProps) {
  const { run, begin: beginWith, goOn, stop } = useSteps(trial);
  const begin = () => beginWith(pane);
  const committed = useCommitted(head.promptKey, pane);
  // The tools of a version are its own, and nothing can be recorded there.
  const stepping = committed ? { edit: committed, onGoOn: goOn } : { edit, actions, onGoOn: goOn };
  useImperativeHandle(ref, () => ({ start: begin, stop }));
  const told = useRef(onRun);
  useEffect(() => {
    told.current = onRun;
  });
  useEffect(() => told.current(run), [run]);
  return (
    <article
      aria-label={name}
      className="flex min-w-80 flex-1 flex-col border-line border-l pl-5 first:border-l-0 first:pl-0"
    >
      <PaneHead name={name} pane={pane} onStart={begin} {...head} />
      <Answer run={run} title={name} reference={reference} onAgain={begin} stepping={stepping} />
    </article>
  );
}

/** What the version or label of a pane says; undefined for the draft. */
function useCommitted(key: string, pane: Pane): Edit | undefined {
  const enabled = pane.version !== undefined || pane.label !== undefined;
  const { data } = useQuery({ ...committedQuery(key, pane), enabled });
  return enabled && data ? editOf({ draft: data.content }) : undefined;
}

type PaneHeadProps = Pick<PaneColumnProps, "promptKey" | "name" | "pane" | "onPane" | "onReference" | "onDrop"> & {
  onStart: () => void;
};

function PaneHead({ promptKey, name, pane, onPane, onReference, onDrop, onStart }: PaneHeadProps) {
  const say = useText();
  const { data: models = [] } = useQuery(modelsQuery);
  return (
    <div className="mb-4 flex flex-wrap items-center gap-1">
      <VersionPicker promptKey={promptKey} pane={pane} onChange={(chosen) => onPane(withChoice(pane, chosen))} />
      <div className="flex min-w-0 max-w-40">
        <ModelPicker
          value={pane.model ?? ""}
          none={say("pick.ownModel")}
          onChange={(model) => onPane(withChoice(pane, { model: model || undefined }))}
        />
      </div>
      <ParametersPanel
        parameters={pane.parameters}
        unsupported={models.find(({ id }) => id === pane.model)?.unsupported ?? {}}
        onChange={(parameters) => onPane(withChoice(pane, { parameters }))}
      />
      <span className="ml-auto" />
      <Hint text={say("panes.run")} keys="↵">
        <Button look="ghost" size="icon" aria-label={say("panes.run.one", { name })} onClick={onStart}>
          <Play />
        </Button>
      </Hint>
      {onReference && (
        <Hint text={say("panes.refer")} keys="R">
          <Button look="ghost" size="icon" aria-label={say("panes.refer.to", { name })} onClick={onReference}>
            <Flag />
          </Button>
        </Hint>
      )}
      {onDrop && (
        <Button look="ghost" size="icon" aria-label={say("panes.drop", { name })} onClick={onDrop}>
          <X />
        </Button>
      )}
    </div>
  );
}
