// What changed between two states of a prompt: texts line by line and word by word, everything else side by side.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight } from "lucide-react";
import type { Change } from "@/api/versions";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { cn } from "@/parts/cn";
import { Hint } from "@/parts/overlay";
import { Problem } from "@/parts/problem";
import { useText } from "@/text/text";
import { useOpenDraft } from "../open-draft";
import { type Group, groupOf, type Piece, type Row, readable, rowsOf } from "./difference";
import { useStates } from "./states";
import { diffQuery } from "./use-versions";

interface DiffViewProps {
  before: string;
  after: string;
  onChange: (between: { before: string; after: string }) => void;
}

export function DiffView({ before, after, onChange }: DiffViewProps) {
  const say = useText();
  const [draft] = useOpenDraft();
  const options = useStates(before, after);
  return (
    <section aria-label={say("diff.title")}>
      <div className="flex flex-wrap items-end gap-2">
        <Side
          label={say("diff.before")}
          value={before}
          options={options}
          onChange={(it) => onChange({ before: it, after })}
        />
        <Hint text={say("diff.swap")}>
          <Button
            look="ghost"
            size="icon"
            aria-label={say("diff.swap")}
            onClick={() => onChange({ before: after, after: before })}
          >
            <ArrowLeftRight />
          </Button>
        </Hint>
        <Side
          label={say("diff.after")}
          value={after}
          options={options}
          onChange={(it) => onChange({ before, after: it })}
        />
      </div>
      <Difference promptKey={draft.base.key} before={before} after={after} revision={draft.base.revision} />
    </section>
  );
}

interface SideProps {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Side({ label, value, options, onChange }: SideProps) {
  return (
    <div className="w-56 max-w-full">
      <p className="eyebrow mb-1">{label}</p>
      <Choice look="box" label={label} value={value} options={options} onChange={onChange} />
    </div>
  );
}

interface DifferenceProps {
  promptKey: string;
  before: string;
  after: string;
  /** Of the draft, which may be one of the two. */
  revision: number;
}

export function Difference({ promptKey, before, after, revision }: DifferenceProps) {
  const say = useText();
  const { data: changes, error } = useQuery(diffQuery(promptKey, before, after, revision));
  if (error) return <Problem text={error.message} className="mt-4" />;
  if (!changes) return <p className="mt-6 text-faint">{say("app.loading")}</p>;
  if (changes.length === 0) return <p className="mt-6 text-soft">{say("diff.none")}</p>;
  return <Changes changes={changes} />;
}

const ORDER: readonly Group[] = ["messages", "variables", "parameters", "tools", "other"];

function Changes({ changes }: { changes: readonly Change[] }) {
  const say = useText();
  return (
    <div className="mt-6 grid gap-7">
      {ORDER.map((group) => {
        const found = changes.filter(({ path }) => groupOf(path) === group);
        if (found.length === 0) return null;
        return (
          <section key={group} aria-label={say(`diff.${group}`)}>
            <h3 className="eyebrow border-line border-b pb-1.5">{say(`diff.${group}`)}</h3>
            {found.map((change) => (
              <One key={change.path} change={change} />
            ))}
          </section>
        );
      })}
    </div>
  );
}

function One({ change }: { change: Change }) {
  return (
    <div className="border-line border-b py-3 last:border-b-0">
      <p className="font-mono text-[11px] text-faint">{change.path}</p>
      {change.lines ? <Text rows={rowsOf(change.lines)} /> : <Values before={change.before} after={change.after} />}
    </div>
  );
}

const LOOKS = {
  same: "",
  added: "bg-green-wash",
  removed: "bg-red-wash",
} as const;
const MARKS = { same: " ", added: "+", removed: "−" } as const;

function Text({ rows }: { rows: readonly Row[] }) {
  return (
    <div className="mt-1.5 overflow-hidden rounded-lg border border-line bg-sheet text-[14px] leading-relaxed">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
        <div key={index} data-line={row.kind} className={cn("flex gap-2 px-3 py-0.5", LOOKS[row.kind])}>
          <span aria-hidden className="w-3 shrink-0 select-none text-center font-mono text-faint">
            {MARKS[row.kind]}
          </span>
          <span className="min-w-0 whitespace-pre-wrap break-words">
            {row.pieces.map((piece, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place.
              <Words key={at} kind={row.kind} piece={piece} />
            ))}
          </span>
        </div>
      ))}
    </div>
  );
}

function Words({ kind, piece }: { kind: Row["kind"]; piece: Piece }) {
  const text = piece.text.replace(/\r?\n$/, "");
  if (!piece.changed || kind === "same") return text;
  const Tag = kind === "added" ? "ins" : "del";
  return <Tag className={cn("rounded-sm no-underline", kind === "added" ? "bg-green/25" : "bg-red/25")}>{text}</Tag>;
}

function Values({ before, after }: { before: unknown; after: unknown }) {
  return (
    <div className="mt-1.5 grid gap-1.5 text-[13px]">
      {before !== undefined && <Value kind="removed" value={before} />}
      {after !== undefined && <Value kind="added" value={after} />}
    </div>
  );
}

function Value({ kind, value }: { kind: "added" | "removed"; value: unknown }) {
  return (
    <div data-line={kind} className={cn("flex gap-2 rounded-lg border border-line px-3 py-1.5", LOOKS[kind])}>
      <span aria-hidden className="w-3 shrink-0 select-none text-center font-mono text-faint">
        {MARKS[kind]}
      </span>
      <span className="min-w-0 whitespace-pre-wrap break-words font-mono text-[12.5px]">{readable(value)}</span>
    </div>
  );
}
