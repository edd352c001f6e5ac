// The same run several times over, to see how far the answers spread.
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useImperativeHandle, useRef } from "react";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { cn } from "@/parts/cn";
import { count, dollars, duration } from "@/parts/figure";
import { useText } from "@/text/text";
import { Answer } from "./answer";
import { LEAST_RUNS, MOST_RUNS } from "./bench-search";
import type { RunsProps } from "./one-answer";
import { IDLE, type Run } from "./run";
import { groupOf, type Span, type Spread, spread } from "./spread";
import { useRuns } from "./use-run";

interface ManyRunsProps extends RunsProps {
  /** How often. */
  times: number;
  /** Which of them is looked at. */
  at: number;
  onChange: (times: number, at: number) => void;
}

const COUNTS = Array.from({ length: MOST_RUNS - LEAST_RUNS + 1 }, (_, at) => String(at + LEAST_RUNS));

export function ManyRuns({ ref, trial, onRunning, times, at, onChange }: ManyRunsProps) {
  const say = useText();
  const { runs, start, again, stop, active } = useRuns();
  const begin = () => {
    const asked = trial.request({});
    if (asked) start(times, asked.path, asked.body);
  };
  const repeat = () => {
    const asked = trial.request({});
    if (asked && runs[at]) again(at, asked.path, asked.body);
    else begin();
  };
  useImperativeHandle(ref, () => ({ start: begin, stop }));
  useEffect(() => onRunning(active), [active, onRunning]);

  const found = spread(runs);
  const group = groupOf(found, at);
  return (
    <section aria-label={say("runs.title")} className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-2">
        <h2 className="eyebrow">{say("runs.title")}</h2>
        <Choice
          label={say("runs.times")}
          value={String(times)}
          options={COUNTS.map((value) => ({ value, label: say("runs.n", { n: value }) }))}
          onChange={(chosen) => onChange(Number(chosen), Math.min(at, Number(chosen) - 1))}
        />
      </div>
      {trial.stepping && <p className="mt-2 text-[13px] text-amber">{say("runs.noStepping")}</p>}
      <Summary spread={found} times={runs.length || times} />
      <Pager
        runs={runs}
        times={runs.length || times}
        at={at}
        spread={found}
        onAt={(chosen) => onChange(times, chosen)}
      />
      <Answer
        run={runs[at] ?? IDLE}
        title={say("runs.one", { n: at + 1 })}
        reference={group === undefined || group === 0 ? undefined : found.groups[0]?.text}
        onAgain={repeat}
      />
    </section>
  );
}

function Summary({ spread: found, times }: { spread: Spread; times: number }) {
  const say = useText();
  const spans: [string, Span | undefined, (value: number) => string][] = [
    [say("runs.length"), found.characters, count],
    [say("stat.tokens"), found.tokens, count],
    [say("stat.first"), found.firstToken, duration],
    [say("stat.time"), found.elapsed, duration],
    [say("stat.cost"), found.cost, dollars],
  ];
  return (
    <div className="figure mt-3 mb-4 grid gap-x-8 gap-y-3 border-line border-y py-3 sm:grid-cols-[auto_1fr]">
      <dl className="flex gap-8 sm:grid sm:content-start sm:gap-3">
        <div>
          <dt className="text-faint text-xs">{say("runs.distinct")}</dt>
          <dd className="text-[17px] leading-6">
            {found.complete > 0 ? say("runs.of", { n: found.groups.length, m: found.complete }) : "–"}
          </dd>
        </div>
        <div>
          <dt className="text-faint text-xs">{say("runs.agreement")}</dt>
          <dd className="text-[17px] leading-6">
            {found.agreement === undefined ? "–" : `${Math.round(found.agreement * 100)} %`}
          </dd>
        </div>
      </dl>
      <table className="text-[13px]">
        <thead>
          <tr className="text-faint text-xs">
            <th className="text-left font-normal">{say("runs.complete", { n: found.complete, m: times })}</th>
            {(["least", "median", "most"] as const).map((it) => (
              <th key={it} className="text-right font-normal">
                {say(`runs.${it}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {spans.map(([name, span, shown]) => (
            <tr key={name}>
              <th className="text-left font-normal text-soft">{name}</th>
              {(["least", "median", "most"] as const).map((it) => (
                <td key={it} className="text-right">
                  {span ? shown(span[it]) : <span className="text-faint/60">–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PagerProps {
  runs: readonly Run[];
  times: number;
  at: number;
  spread: Spread;
  onAt: (at: number) => void;
}

/** One key for each run, named by the answer it gave: equal letters are equal answers, A is the most common. */
function Pager({ runs, times, at, spread: found, onAt }: PagerProps) {
  const say = useText();
  const box = useRef<HTMLDivElement>(null);
  const go = (to: number) => {
    onAt(to);
    box.current?.querySelectorAll<HTMLElement>("[data-run]")[to]?.focus();
  };
  const steps: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: times - 1 };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows are a short way between keys that Tab reaches too.
    <div
      ref={box}
      className="mb-4 flex flex-wrap items-center gap-1"
      onKeyDown={(event) => {
        const to = steps[event.key];
        if (to === undefined || to < 0 || to >= times) return;
        event.preventDefault();
        go(to);
      }}
    >
      <Button look="ghost" size="icon" aria-label={say("runs.before")} disabled={at === 0} onClick={() => onAt(at - 1)}>
        <ChevronLeft />
      </Button>
      {Array.from({ length: times }, (_, place) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a run is its place.
          key={place}
          type="button"
          data-run
          aria-label={say("runs.one", { n: place + 1 })}
          aria-current={place === at}
          onClick={() => onAt(place)}
          className={cn(
            "figure size-8 rounded-md border border-line text-[13px] text-soft hover:border-edge",
            place === at && "border-ink text-ink",
            runs[place]?.phase === "failed" && "bg-red-wash text-red",
            runs[place]?.phase === "running" && "bg-blue-wash text-blue",
          )}
        >
          {mark(runs[place], groupOf(found, place))}
        </button>
      ))}
      <Button
        look="ghost"
        size="icon"
        aria-label={say("runs.after")}
        disabled={at >= times - 1}
        onClick={() => onAt(at + 1)}
      >
        <ChevronRight />
      </Button>
    </div>
  );
}

function mark(run: Run | undefined, group: number | undefined): string {
  if (group !== undefined) return String.fromCharCode(65 + group);
  if (run?.phase === "failed") return "!";
  return run?.phase === "running" ? "…" : "·";
}
