// Labels: where each points, who may move it, and every move there was.
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { dropLabel, type Label } from "@/api/versions";
import { Button } from "@/parts/button";
import { RowMenu } from "@/parts/row-menu";
import { useText } from "@/text/text";
import { labelsQuery, movesQuery, useDoing } from "./use-versions";
import { Chip } from "./version-list";
import { When } from "./when";

interface LabelsPanelProps {
  promptKey: string;
  /** Begin to move a label, or a new one. */
  onMove: (name?: string) => void;
}

export function LabelsPanel({ promptKey, onMove }: LabelsPanelProps) {
  const say = useText();
  const { data: labels = [] } = useQuery(labelsQuery(promptKey));
  const { attempt, problem } = useDoing(promptKey);
  return (
    <section aria-label={say("labels.title")}>
      <div className="flex items-end justify-between gap-3 border-line border-b pb-2">
        <div>
          <h2 className="font-serif text-[20px]">{say("labels.title")}</h2>
          <p className="mt-0.5 max-w-[40rem] text-[13px] text-soft">{say("labels.lead")}</p>
        </div>
        <Button size="small" onClick={() => onMove()}>
          <Plus /> {say("labels.add")}
        </Button>
      </div>
      {problem && (
        <p role="alert" className="mt-2 text-[13px] text-red">
          {problem}
        </p>
      )}
      {labels.map((label) => (
        <LabelRow
          key={label.name}
          label={label}
          onEdit={() => onMove(label.name)}
          onDelete={(reason) => void attempt(() => dropLabel(promptKey, label.name, reason))}
        />
      ))}
      <Moves promptKey={promptKey} />
    </section>
  );
}

interface LabelRowProps {
  label: Label;
  onEdit: () => void;
  onDelete: (reason: string) => void;
}

function LabelRow({ label, onEdit, onDelete }: LabelRowProps) {
  const say = useText();
  const { name, version, moved_by: by, moved_at: at, keepers } = label;
  return (
    <div className="flex items-center gap-3 border-line border-b py-2.5">
      <Chip name={name} isKept={keepers.length > 0} />
      <span className="font-mono text-[13px]">{version}</span>
      <span className="min-w-0 flex-1 truncate text-[13px] text-faint">
        {by || say("people.nobody")} · <When at={at} />
        {keepers.length > 0 && ` · ${say("labels.keptBy", { people: keepers.join(", ") })}`}
      </span>
      <RowMenu kind="label" name={name} onEdit={onEdit} reason={say("labels.reason")} onDelete={onDelete} />
    </div>
  );
}

function Moves({ promptKey }: { promptKey: string }) {
  const say = useText();
  const { data: moves = [] } = useQuery(movesQuery(promptKey));
  if (moves.length === 0) return null;
  return (
    <section aria-label={say("labels.history")} className="mt-7">
      <h3 className="eyebrow border-line border-b pb-1.5">{say("labels.history")}</h3>
      <ol>
        {moves.map(({ name, before, after, person, reason, at }) => (
          <li
            key={`${name} ${at}`}
            className="flex flex-wrap items-baseline gap-x-3 border-line border-b py-2 text-[13px]"
          >
            <span className="font-medium">{name}</span>
            <span className="font-mono">
              {before ?? "—"} → {after ?? "—"}
            </span>
            <span className="min-w-0 flex-1 text-soft">{reason}</span>
            <span className="text-faint">
              {person || say("people.nobody")} · <When at={at} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
