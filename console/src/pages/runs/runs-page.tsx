// The runs of a prompt, the latest first: found by how they ended, what was run, who ran it, and what was said.
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Repeat2 } from "lucide-react";
import type { RunRecord } from "@/api/records";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { count, dollars, duration, moment } from "@/parts/figure";
import { SearchField } from "@/parts/search-field";
import { usePreferences } from "@/preferences";
import { reason } from "@/text/failure";
import { useText } from "@/text/text";
import { PromptBar } from "../prompts/frame";
import { useOpenDraft } from "../prompts/open-draft";
import { type RunFilters, STATUSES, withFilter } from "./filters";
import { Status } from "./status";
import { runsQuery } from "./use-runs";

interface RunsPageProps {
  filters: RunFilters;
  onFilters: (filters: RunFilters) => void;
}

export function RunsPage({ filters, onFilters }: RunsPageProps) {
  const say = useText();
  const [{ base }] = useOpenDraft();
  const { data, isError, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    runsQuery(base.key, filters),
  );
  const runs = data?.pages.flatMap((page) => page.runs);
  const filtered = Object.keys(filters).length > 0;
  return (
    <>
      <PromptBar />
      <main id="main" className="min-h-0 flex-1 overflow-y-auto px-6 py-6">
        <Filters filters={filters} onFilters={onFilters} />
        {isError && <p className="py-8 text-red">{say("runs.unread")}</p>}
        {runs?.length === 0 && (
          <p className="py-8 text-soft">{filtered ? say("runs.none.filtered") : say("runs.none")}</p>
        )}
        {runs && runs.length > 0 && <Table runs={runs} />}
        {hasNextPage && (
          <Button className="mt-4" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {say("runs.more")}
          </Button>
        )}
      </main>
    </>
  );
}

function Filters({ filters, onFilters }: RunsPageProps) {
  const say = useText();
  const set = (name: keyof RunFilters) => (value: string) => onFilters(withFilter(filters, name, value));
  return (
    <search className="mb-4 flex flex-wrap items-center gap-2">
      <Choice
        label={say("runs.status")}
        value={filters.status ?? ""}
        onChange={set("status")}
        options={[
          { value: "", label: say("runs.status.any") },
          ...STATUSES.map((status) => ({ value: status, label: say(`runs.status.${status}`) })),
        ]}
      />
      <Choice
        label={say("runs.within")}
        value={filters.within ?? ""}
        onChange={set("within")}
        options={[
          { value: "", label: say("runs.within.any") },
          { value: "hour", label: say("runs.within.hour") },
          { value: "day", label: say("runs.within.day") },
          { value: "week", label: say("runs.within.week") },
        ]}
      />
      {(["text", "version", "model", "person"] as const).map((name) => (
        <SearchField
          key={name}
          label={say(`runs.${name}`)}
          className="h-8 w-36 bg-transparent text-[13px]"
          value={filters[name] ?? ""}
          onChange={set(name)}
        />
      ))}
    </search>
  );
}

function Table({ runs }: { runs: readonly RunRecord[] }) {
  const say = useText();
  return (
    <table className="w-full text-[13px]">
      <thead className="text-left text-faint text-xs">
        <tr className="border-line border-b [&>th]:whitespace-nowrap [&>th]:py-2 [&>th]:pr-4 [&>th]:font-normal">
          <th>{say("runs.status")}</th>
          <th>{say("runs.started")}</th>
          <th>{say("runs.version")}</th>
          <th>{say("runs.model")}</th>
          <th className="w-full min-w-40">{say("runs.answer")}</th>
          <th className="text-right">{say("stat.tokens")}</th>
          <th className="text-right">{say("stat.first")}</th>
          <th className="text-right">{say("stat.time")}</th>
          <th className="text-right">{say("stat.cost")}</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ run }: { run: RunRecord }) {
  const say = useText();
  const { language } = usePreferences();
  const tokens = run.usage && run.usage.output_tokens + run.usage.reasoning_tokens;
  return (
    <tr className="relative border-line border-b hover:bg-ink/3 [&>td]:py-2 [&>td]:pr-4 [&>td]:align-top">
      <td className="whitespace-nowrap">
        <Status status={run.status} />
      </td>
      <td className="whitespace-nowrap">
        <Link
          to="/runs/$id"
          params={{ id: run.id }}
          className="underline decoration-edge underline-offset-4 after:absolute after:inset-0"
        >
          <time dateTime={run.started_at}>{moment(run.started_at, language)}</time>
        </Link>
        {run.person && <span className="block text-faint">{run.person}</span>}
      </td>
      <td className="whitespace-nowrap font-mono">
        {run.version === "draft" ? say("runs.draft") : run.version}
        {run.label && <span className="block text-faint">{run.label}</span>}
      </td>
      <td className="max-w-48 truncate font-mono">{run.model}</td>
      <td className="min-w-40 max-w-0 truncate text-soft">
        {run.replay_of && (
          <Repeat2 role="img" aria-label={say("runs.replayed")} className="mr-1 inline size-3.5 text-faint" />
        )}
        {run.error && run.status !== "cancelled" ? <span className="text-red">{reason(run.error)}</span> : run.excerpt}
      </td>
      <td className="figure text-right">{tokens === undefined ? "" : count(tokens)}</td>
      <td className="figure whitespace-nowrap text-right">{run.ttft_ms === undefined ? "" : duration(run.ttft_ms)}</td>
      <td className="figure whitespace-nowrap text-right">
        {run.duration_ms === undefined ? "" : duration(run.duration_ms)}
      </td>
      <td className="figure text-right">{run.cost === undefined ? "" : dollars(run.cost)}</td>
    </tr>
  );
}
