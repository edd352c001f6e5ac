// One prompt on several models side by side: run together, watched together, set against the first.
import { Plus, X } from "lucide-react";
import { type KeyboardEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import { Button } from "@/parts/button";
import { useText } from "@/text/text";
import { Answer } from "./answer";
import { ModelPicker } from "./model-picker";
import { LEAST_PANES, MOST_PANES } from "./panes";
import type { Run } from "./run";
import { useRun } from "./use-run";

/** A run of the prompt on a model. */
export interface Request {
  path: string;
  body: object;
}

export interface Panes {
  start: () => void;
  stop: () => void;
}

interface ComparePanesProps {
  ref: Ref<Panes>;
  models: readonly string[];
  onModels: (models: string[]) => void;
  /** What is sent for a model; undefined when the prompt cannot run yet. */
  request: (model: string) => Request | undefined;
  onRunning: (running: boolean) => void;
}

export function ComparePanes({ ref, models, onModels, request, onRunning }: ComparePanesProps) {
  const say = useText();
  const panes = useRef(new Map<number, Panes>());
  const [runs, setRuns] = useState<Readonly<Record<number, Run>>>({});
  const every = (act: (pane: Panes) => void) => panes.current.forEach(act);
  useImperativeHandle(ref, () => ({ start: () => every((it) => it.start()), stop: () => every((it) => it.stop()) }));

  const running = models.some((_, at) => runs[at]?.phase === "running");
  useEffect(() => onRunning(running), [running, onRunning]);
  const reference = runs[0]?.phase === "done" ? runs[0].text : undefined;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows are a short way between panes that Tab reaches too.
    <div className="flex min-h-0 flex-1 flex-col gap-3" onKeyDown={walk}>
      <div className="flex min-h-80 flex-1 gap-5 overflow-x-auto pb-2">
        {models.map((model, at) => (
          <Pane
            // biome-ignore lint/suspicious/noArrayIndexKey: a pane is its place; two may run one model.
            key={at}
            ref={(pane) => {
              if (pane) panes.current.set(at, pane);
              else panes.current.delete(at);
            }}
            name={at === 0 ? say("panes.reference") : say("panes.pane", { n: at + 1 })}
            model={model}
            reference={at === 0 ? undefined : reference}
            request={request}
            onModel={(chosen) => onModels(models.with(at, chosen))}
            onRun={(run) => setRuns((now) => ({ ...now, [at]: run }))}
            {...(models.length > LEAST_PANES && { onDrop: () => onModels(models.toSpliced(at, 1)) })}
          />
        ))}
      </div>
      {models.length < MOST_PANES && (
        <Button
          look="ghost"
          size="small"
          className="self-start"
          onClick={() => onModels([...models, models.at(-1) ?? ""])}
        >
          <Plus /> {say("panes.add")}
        </Button>
      )}
    </div>
  );
}

/** Left and right go from answer to answer. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !(event.target instanceof HTMLElement) || !event.target.matches("[data-paper]")) return;
  const papers = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-paper]")];
  papers[papers.indexOf(event.target) + step]?.focus();
  event.preventDefault();
}

interface PaneProps {
  ref: Ref<Panes>;
  name: string;
  model: string;
  reference: string | undefined;
  request: ComparePanesProps["request"];
  onModel: (model: string) => void;
  onRun: (run: Run) => void;
  onDrop?: () => void;
}

function Pane({ ref, name, model, reference, request, onModel, onRun, onDrop }: PaneProps) {
  const say = useText();
  const { run, start, stop } = useRun();
  const begin = () => {
    const asked = request(model);
    if (asked) start(asked.path, asked.body);
  };
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
      <div className="mb-4 flex items-center gap-1">
        <ModelPicker value={model} onChange={onModel} />
        {onDrop && (
          <Button
            look="ghost"
            size="icon"
            className="ml-auto"
            aria-label={say("panes.drop", { name })}
            onClick={onDrop}
          >
            <X />
          </Button>
        )}
      </div>
      <Answer run={run} title={name} reference={reference} onAgain={begin} />
    </article>
  );
}
