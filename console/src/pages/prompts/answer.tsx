// The answer as it types itself: figures above, text below, and how it ended.
import { memo, type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { cn } from "@/parts/cn";
import { CopyButton } from "@/parts/copy";
import { count, dollars, duration, rate } from "@/parts/figure";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { RunLinks } from "../runs/run-links";
import { ErrorCard } from "./error-card";
import { JsonAnswer } from "./json-answer";
import { against } from "./panes";
import { type Figures, figures, type Round, type Run } from "./run";
import { Replies, type Stepping, ToolCallCard, waitsForReplies } from "./steps";

interface AnswerProps {
  run: Run;
  onAgain: () => void;
  title?: string;
  /** The JSON Schema the answer shall fit, or true for any JSON object. */
  shape?: unknown;
  /** How to go on after a call that nobody answered. */
  stepping?: Stepping | undefined;
  /** Another answer, which this one is set against when it is complete. */
  reference?: string | undefined;
  /** Whether it stands on the page of its run: it leads nowhere else, and who stopped it is not known. */
  kept?: boolean;
}

export function Answer({ run, onAgain, title, shape, stepping, reference, kept = false }: AnswerProps) {
  const say = useText();
  const name = title ?? say("run.title");
  const running = run.phase === "running";
  const shown = figures(run, useNow(running));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-7 items-center gap-2">
        <h2 className="eyebrow">{name}</h2>
        <Ending run={run} />
        <span className="ml-auto" />
        {!kept && <RunLinks run={run} />}
        {run.text && <CopyButton text={run.text} label={say("run.copy")} />}
      </div>
      <FigureRow figures={shown} run={run} />
      <Announcement run={run} figures={shown} />
      <Paper run={run} name={name}>
        <Notes run={run} />
        {run.rounds.map((round, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rounds are only ever added at the end.
          <PastRound key={at} round={round} />
        ))}
        {run.reasoning && <Reasoning text={run.reasoning} open={running && !run.text} />}
        {shape !== undefined && run.text !== "" && <JsonAnswer text={run.text} shape={shape} running={running} />}
        {reference !== undefined && run.phase === "done" ? (
          <Difference reference={reference} text={run.text} />
        ) : (
          <Prose text={run.text} caret={running} />
        )}
        {stepping && waitsForReplies(run) ? (
          <Replies key={run.begunAt} run={run} stepping={stepping} />
        ) : (
          run.toolCalls.map((call) => <ToolCallCard key={call.id || call.name} call={call} />)
        )}
        {run.phase === "queued" && <p className="text-faint">{say("run.queued")}</p>}
        {run.phase === "idle" && <p className="text-faint">{say("run.idle")}</p>}
        {run.phase === "done" && isEmpty(run) && <p className="text-faint italic">{say("run.empty")}</p>}
        {run.phase === "stopped" && (
          <p className="mt-4 font-sans text-[13px] text-faint">
            {say(kept ? "runs.more.cancelled" : "run.stopped.more")}
          </p>
        )}
        {run.phase === "failed" && run.error && (
          <ErrorCard error={run.error} partial={!isEmpty(run)} onAgain={onAgain} />
        )}
      </Paper>
    </div>
  );
}

/** What was tried before this model answered, and which settings it answers without. */
function Notes({ run }: { run: Run }) {
  const say = useText();
  const attempts = (run.start?.attempts ?? []).map(({ model, message }) => say("run.attempt", { model, message }));
  const notes = [...attempts, ...(run.start?.warnings ?? [])];
  if (notes.length === 0) return null;
  return (
    <ul className="mb-5 rounded-lg bg-amber-wash px-4 py-2.5 font-sans text-[13px] text-amber">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function isEmpty(run: Run): boolean {
  return run.text === "" && run.reasoning === "" && run.toolCalls.length === 0;
}

/** The page's clock, ticking while `active`. */
function useNow(active: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!active) return;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 100);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}

function Ending({ run }: { run: Run }) {
  const say = useText();
  const badge = "rounded-full px-2 py-px text-xs";
  if (run.phase === "stopped") return <span className={cn(badge, "bg-well text-soft")}>{say("run.stopped")}</span>;
  if (run.phase !== "done" || !run.done) return null;
  const complete = run.done.finish_reason === "stop";
  return (
    <span className={cn(badge, complete ? "bg-green-wash text-green" : "bg-amber-wash text-amber")}>
      {say(`run.finish.${run.done.finish_reason}`)}
    </span>
  );
}

function FigureRow({ figures: shown, run }: { figures: Figures; run: Run }) {
  const say = useText();
  const idle = run.phase === "idle" || run.phase === "queued";
  const about = shown.exact || idle ? "" : "≈ ";
  const server = run.done?.ttft_ms;
  return (
    <dl className="figure mt-3 mb-5 flex flex-wrap gap-x-8 gap-y-3 border-line border-y py-3">
      <Stat
        name={say("stat.first")}
        value={shown.firstToken === undefined ? undefined : duration(shown.firstToken)}
        {...(server !== undefined && { note: say("stat.server", { ms: duration(server) }) })}
      />
      <Stat name={say("stat.rate")} value={shown.perSecond === undefined ? undefined : rate(shown.perSecond)} />
      <Stat
        name={say("stat.tokens")}
        value={idle || (run.phase !== "running" && shown.tokens === 0) ? undefined : `${about}${count(shown.tokens)}`}
        {...(about !== "" && { note: say("stat.about") })}
        {...(shown.input !== undefined && { more: say("stat.in", { n: count(shown.input) }) })}
      />
      <Stat name={say("stat.time")} value={shown.elapsed === undefined ? undefined : duration(shown.elapsed)} />
      {shown.cost !== undefined && <Stat name={say("stat.cost")} value={dollars(shown.cost)} />}
    </dl>
  );
}

function Stat({ name, value, note, more }: { name: string; value?: string | undefined; note?: string; more?: string }) {
  const figure = (
    <dd className="min-w-16 text-[17px] leading-6">
      {value ?? <span className="text-faint/60">–</span>}
      {more && <span className="ml-1 text-faint text-xs"> {more}</span>}
    </dd>
  );
  return (
    <div>
      <dt className="text-faint text-xs">{name}</dt>
      {note ? <Hint text={note}>{figure}</Hint> : figure}
    </div>
  );
}

/** Says to a screen reader how the run goes, in few words; the text itself would be read letter by letter. */
function Announcement({ run, figures: shown }: { run: Run; figures: Figures }) {
  const say = useText();
  const words = () => {
    switch (run.phase) {
      case "idle":
      case "queued":
        return "";
      case "running":
        return say("run.announce.running");
      case "stopped":
        return say("run.announce.stopped");
      case "failed":
        return say("run.announce.failed", { reason: run.error?.message ?? "" });
      case "done":
        return say("run.announce.done", { tokens: count(shown.tokens), time: duration(shown.elapsed ?? 0) });
    }
  };
  return (
    <p role="status" className="sr-only">
      {words()}
    </p>
  );
}

/** Scrolls along with the text while the reader is at its end, and stays where the reader went otherwise. */
function Paper({ run, name, children }: { run: Run; name: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new run is followed from its beginning.
  useEffect(() => {
    follows.current = true;
  }, [run.begunAt]);
  useLayoutEffect(() => {
    const paper = box.current;
    if (paper && follows.current && run.phase !== "idle") paper.scrollTop = paper.scrollHeight;
  });
  return (
    <section
      ref={box}
      data-paper
      aria-label={name}
      aria-busy={run.phase === "running"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        follows.current = scrollHeight - scrollTop - clientHeight < 24;
      }}
      className="min-h-48 flex-1 overflow-y-auto rounded-md pb-16 font-serif text-[17px] leading-[1.65]"
    >
      {children}
    </section>
  );
}

/** Text by paragraphs, of which only the last is painted again while it grows. */
function Prose({ text, caret }: { text: string; caret: boolean }) {
  const paragraphs = text.split(/\n{2,}/);
  return (
    <div data-answer className="max-w-[44rem]">
      {paragraphs.map((paragraph, at) => (
        <Paragraph
          // biome-ignore lint/suspicious/noArrayIndexKey: paragraphs are only ever added at the end.
          key={at}
          text={paragraph}
          caret={caret && at === paragraphs.length - 1}
        />
      ))}
    </div>
  );
}

/** The text with what the reference does not say marked. */
function Difference({ reference, text }: { reference: string; text: string }) {
  const say = useText();
  const { pieces, missing } = useMemo(() => against(reference, text), [reference, text]);
  const alike = missing === 0 && pieces.every(({ fresh }) => !fresh);
  return (
    <div>
      <p className="mb-2 font-sans text-faint text-xs">
        {alike ? say("panes.alike") : say("panes.missing", { n: missing })}
      </p>
      <p data-answer className="whitespace-pre-wrap break-words">
        {pieces.map(({ text: piece, fresh }, at) =>
          fresh ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a finished text do not move.
            <mark key={at} className="rounded-sm bg-blue-wash text-ink">
              {piece}
            </mark>
          ) : (
            piece
          ),
        )}
      </p>
    </div>
  );
}

const Paragraph = memo(function Paragraph({ text, caret }: { text: string; caret: boolean }) {
  if (text === "" && !caret) return null;
  return (
    <p className="mb-[1em] whitespace-pre-wrap break-words">
      {text}
      {caret && <span aria-hidden className="caret" />}
    </p>
  );
});

function Reasoning({ text, open }: { text: string; open: boolean }) {
  const say = useText();
  return (
    <details className="mb-5 border-edge border-l-2 pl-4" open={open}>
      <summary className="eyebrow cursor-pointer font-sans">{say("run.reasoning")}</summary>
      <p className="mt-2 max-w-[42rem] whitespace-pre-wrap text-[15px] text-soft italic">{text}</p>
    </details>
  );
}

/** A step of the conversation that is over: what was said, called and replied. */
function PastRound({ round }: { round: Round }) {
  return (
    <section data-round className="mb-5 border-line border-b pb-2">
      {round.reasoning && <Reasoning text={round.reasoning} open={false} />}
      {round.text && <p className="mb-3 max-w-[44rem] whitespace-pre-wrap break-words">{round.text}</p>}
      {round.toolCalls.map((call) => (
        <ToolCallCard key={call.id || call.name} call={call} />
      ))}
    </section>
  );
}
