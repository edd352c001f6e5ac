// One run that is kept: what was asked, what came, its trace, and the same run again beside it.
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { PenLine, Repeat2, Square } from "lucide-react";
import type { ReactNode } from "react";
import type { Content } from "@/api/client";
import type { RunRecord } from "@/api/records";
import { Button } from "@/parts/button";
import { CopyButton } from "@/parts/copy";
import { moment } from "@/parts/figure";
import { isCovered, useKeys } from "@/parts/keys";
import { usePreferences } from "@/preferences";
import { useText } from "@/text/text";
import { Answer } from "../prompts/answer";
import { ModelPicker } from "../prompts/model-picker";
import { leaveOpening } from "../prompts/opening";
import { PartsShown } from "../prompts/parts-shown";
import { ToolCallCard } from "../prompts/steps";
import { useRun } from "../prompts/use-run";
import { recorded } from "./recorded";
import { Status } from "./status";
import { runQuery } from "./use-runs";

interface Replaying {
  /** The model a replay asks; undefined: the one that was asked. */
  model: string | undefined;
  onModel: (model: string) => void;
}

export function RunPage({ id, ...replaying }: { id: string } & Replaying) {
  const { data: record } = useSuspenseQuery(runQuery(id));
  return <Shown key={id} record={record} {...replaying} />;
}

function Shown({ record, model, onModel }: { record: RunRecord } & Replaying) {
  const say = useText();
  const { run, start, stop } = useRun();
  const again = () => start(`/api/runs/${encodeURIComponent(record.id)}/replay`, model ? { model } : {});
  const running = run.phase === "running";
  const another = run.start && run.start.model !== record.model ? run.start.model : undefined;
  useKeys((event) => {
    if (event.key === "Escape" && running && !isCovered()) stop();
  });
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b px-6 py-3">
        <Name record={record} />
        <div className="ml-auto flex items-center gap-2">
          <Opening record={record} />
          <ModelPicker
            value={model ?? ""}
            none={record.model ? say("runs.sameModel", { model: record.model }) : say("pick.ownModel")}
            onChange={onModel}
          />
          {running ? (
            <Button className="text-red" onClick={stop}>
              <Square className="fill-current" /> {say("run.stop")}
            </Button>
          ) : (
            <Button look="ink" disabled={record.request === undefined} onClick={again}>
              <Repeat2 /> {say("runs.replay")}
            </Button>
          )}
        </div>
      </header>
      <main
        id="main"
        className="grid min-h-0 flex-1 grid-cols-1 overflow-y-auto lg:grid-cols-[minmax(0,1fr)_minmax(0,1.6fr)] max-lg:content-start lg:overflow-hidden"
      >
        <div className="min-w-0 px-6 py-6 lg:overflow-y-auto">
          <Asked record={record} />
        </div>
        <div className="flex min-w-0 gap-6 overflow-x-auto border-line bg-well/50 px-6 py-6 max-lg:border-t lg:min-h-0 lg:border-l">
          <article aria-label={say("runs.original")} className="flex min-w-80 flex-1 flex-col">
            {record.status === "running" || record.status === "lost" ? (
              <p className="text-soft">{say(`runs.more.${record.status}`)}</p>
            ) : (
              <Answer run={recorded(record)} title={say("runs.original")} onAgain={again} kept />
            )}
          </article>
          {run.phase !== "idle" && (
            <article
              aria-label={say("runs.replay")}
              className="flex min-w-80 flex-1 flex-col border-line border-l pl-6"
            >
              <Answer
                run={run}
                title={say("runs.replay") + (another ? ` · ${another}` : "")}
                reference={record.status === "done" && record.answer ? recorded(record).text : undefined}
                onAgain={again}
              />
            </article>
          )}
        </div>
      </main>
    </div>
  );
}

function Name({ record }: { record: RunRecord }) {
  const say = useText();
  const { language } = usePreferences();
  const link = "underline decoration-edge underline-offset-4";
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1 text-[13px] text-soft">
      <h1 className="font-serif text-[21px] text-ink">
        {record.prompt ? (
          <Link to="/prompts/$key/runs" params={{ key: record.prompt }}>
            {record.prompt}
          </Link>
        ) : (
          record.model
        )}
      </h1>
      <Status status={record.status} />
      <time dateTime={record.started_at}>{moment(record.started_at, language)}</time>
      <span className="flex items-center font-mono text-[12px]">
        {record.id} <CopyButton text={record.id} label={say("runs.id")} />
      </span>
      <Link to="/traces/$id" params={{ id: record.trace_id }} className={link}>
        {say("run.trace")}
      </Link>
      {record.replay_of && (
        <Link to="/runs/$id" params={{ id: record.replay_of }} className={link}>
          {say("runs.replayOf")}
        </Link>
      )}
    </div>
  );
}

/** Takes what was run back to where prompts are written. */
function Opening({ record }: { record: RunRecord }) {
  const say = useText();
  const navigate = useNavigate();
  const { prompt: key, content } = record;
  if (!key || !content || record.cut.includes("content")) return null;
  const open = () => {
    const request = record.request as { variables?: Record<string, unknown> } | undefined;
    leaveOpening(key, content, request?.variables ?? {});
    void navigate({ to: "/prompts/$key", params: { key } });
  };
  return (
    <Button onClick={open}>
      <PenLine /> {say("runs.open")}
    </Button>
  );
}

function Asked({ record }: { record: RunRecord }) {
  const say = useText();
  const request = record.request as { variables?: Record<string, unknown>; messages?: Content["messages"] } | undefined;
  const messages = record.messages ?? request?.messages ?? record.content?.messages ?? [];
  const variables = Object.entries(request?.variables ?? {});
  const facts: [string, string | undefined][] = [
    [say("runs.version"), record.version === "draft" ? say("runs.draft") : record.version],
    [say("runs.label"), record.label],
    [say("runs.model"), record.model],
    [say("runs.person"), record.person],
    [say("runs.key"), record.key],
    [say("runs.scenario"), record.scenario],
    ...Object.entries(record.content?.parameters ?? {}).map(([name, value]): [string, string] => [
      name,
      JSON.stringify(value),
    ]),
  ];
  return (
    <div className="grid max-w-[50rem] gap-6">
      <Facts facts={facts} />
      {variables.length > 0 && (
        <Part title={say("variables.title")}>
          <Facts facts={variables.map(([name, value]) => [name, text(value)])} />
        </Part>
      )}
      <Part title={say("runs.asked")}>
        {messages.length === 0 && <p className="text-faint">{say("runs.unkept")}</p>}
        {record.cut.length > 0 && <p className="mb-3 text-[13px] text-amber">{say("runs.cut")}</p>}
        {messages.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was asked does not change.
          <div key={at} className="mb-4">
            <h3 className="text-faint text-xs">{say(`role.${message.role}`)}</h3>
            <p className="whitespace-pre-wrap break-words font-serif text-[15px] leading-relaxed">{message.content}</p>
            {message.parts && <PartsShown parts={message.parts} />}
            {message.tool_calls?.map((call) => (
              <ToolCallCard key={call.id} call={call} />
            ))}
          </div>
        ))}
      </Part>
    </div>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="eyebrow mb-3">{title}</h2>
      {children}
    </section>
  );
}

export function Facts({ facts }: { facts: readonly (readonly [string, string | undefined])[] }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1 text-[13px]">
      {facts.flatMap(([name, value]) =>
        value
          ? [
              <dt key={`${name}-name`} className="text-soft">
                {name}
              </dt>,
              <dd key={name} className="whitespace-pre-wrap wrap-anywhere font-mono text-[12.5px]">
                {value}
              </dd>,
            ]
          : [],
      )}
    </dl>
  );
}
