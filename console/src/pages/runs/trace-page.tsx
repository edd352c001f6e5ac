// A trace: the pieces of work of a run as bars over its time, and what is known of the one that is chosen.
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { TraceSpan } from "@/api/records";
import { cn } from "@/parts/cn";
import { CopyButton } from "@/parts/copy";
import { duration } from "@/parts/figure";
import { useText } from "@/text/text";
import { Facts } from "./run-page";
import { traceQuery } from "./use-runs";
import { type Bar, bars, runOf } from "./waterfall";

interface TracePageProps {
  id: string;
  /** The id of the span that is looked at. */
  span: string | undefined;
  onSpan: (id: string) => void;
}

export function TracePage({ id, span, onSpan }: TracePageProps) {
  const say = useText();
  const { data: trace } = useSuspenseQuery(traceQuery(id));
  const chosen = trace.spans.find((it) => it.id === span) ?? trace.spans[0];
  const run = runOf(trace);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-6 py-3 text-[13px] text-soft">
        <h1 className="font-serif text-[21px] text-ink">{say("run.trace")}</h1>
        <span className="flex items-center font-mono text-[12px]">
          {id} <CopyButton text={id} label={say("error.trace")} />
        </span>
        <span className="figure">{duration(trace.duration_us / 1000)}</span>
        {run && (
          <Link to="/runs/$id" params={{ id: run }} className="underline decoration-edge underline-offset-4">
            {say("runs.run")}
          </Link>
        )}
      </header>
      <main
        id="main"
        className="grid min-h-0 flex-1 grid-cols-1 overflow-y-auto max-lg:content-start lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)] lg:overflow-hidden"
      >
        <ol aria-label={say("trace.spans")} className="min-w-0 px-4 py-4 lg:overflow-y-auto">
          {bars(trace).map((bar) => (
            <li key={bar.span.id}>
              <Line bar={bar} chosen={bar.span === chosen} onChoose={() => onSpan(bar.span.id)} />
            </li>
          ))}
        </ol>
        <aside className="min-w-0 border-line bg-well/50 px-6 py-6 max-lg:border-t lg:overflow-y-auto lg:border-l">
          {chosen && <Details span={chosen} />}
        </aside>
      </main>
    </div>
  );
}

function Line({ bar, chosen, onChoose }: { bar: Bar; chosen: boolean; onChoose: () => void }) {
  const say = useText();
  const { span, failed, cancelled } = bar;
  return (
    <button
      type="button"
      aria-pressed={chosen}
      onClick={onChoose}
      className={cn(
        "grid w-full grid-cols-[minmax(0,16rem)_minmax(4rem,1fr)_4.5rem] items-center gap-3 rounded-md px-2 py-1.5 text-left text-[13px] hover:bg-ink/4",
        chosen && "bg-ink/6",
      )}
    >
      <span
        className={cn("truncate", failed && "text-red")}
        style={{ paddingLeft: `${span.depth * 0.9}rem` }}
        title={span.name}
      >
        {span.name}
        {failed && <span className="sr-only"> ({say("runs.status.failed")})</span>}
      </span>
      <span className="relative h-3 rounded-sm bg-ink/4">
        <span
          data-bar
          className={cn("absolute inset-y-0 rounded-sm", failed ? "bg-red" : cancelled ? "bg-faint" : "bg-blue")}
          style={{ left: `${bar.left}%`, width: `${bar.width}%` }}
        />
      </span>
      <span className="figure text-right text-soft">{duration(span.duration_us / 1000)}</span>
    </button>
  );
}

function Details({ span }: { span: TraceSpan }) {
  const say = useText();
  return (
    <section aria-label={span.name} className="grid gap-6">
      <div>
        <h2 className="break-words font-serif text-[19px]">{span.name}</h2>
        <p className="text-[13px] text-soft">
          {span.process} · {duration(span.duration_us / 1000)}
        </p>
        {span.message && <p className="mt-2 break-words text-red text-sm">{span.message}</p>}
      </div>
      {span.events.map((event) => (
        <div key={`${event.name} ${event.at_us}`}>
          <h3 className="eyebrow mb-2">
            {event.name} · +{duration((event.at_us - span.started_us) / 1000)}
          </h3>
          <Facts facts={Object.entries(event.attributes).map(([name, value]) => [name, shown(value)])} />
        </div>
      ))}
      <div>
        <h3 className="eyebrow mb-2">{say("trace.attributes")}</h3>
        <Facts facts={Object.entries(span.attributes).map(([name, value]) => [name, shown(value)])} />
      </div>
    </section>
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
