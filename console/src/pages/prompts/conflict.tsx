// Two edits of one prompt, side by side, and the choice between them.
import { Button } from "@/parts/button";
import { useText } from "@/text/text";
import type { Draft } from "./autosave";
import { compared, type Row } from "./compare";
import { editOf } from "./draft";
import type { DraftActions } from "./use-draft";

export function Conflict({ draft, actions }: { draft: Draft; actions: DraftActions }) {
  const say = useText();
  const { theirs, base, edit } = draft;
  if (draft.phase !== "conflict" || !theirs) return null;
  const rows = compared(edit, editOf(theirs));
  return (
    <section role="alert" className="border-amber/40 border-b bg-amber-wash px-6 py-4">
      <div className="flex flex-wrap items-start gap-x-8 gap-y-3">
        <div className="min-w-64 flex-1">
          <h2 className="font-serif text-[19px] leading-snug">{say("conflict.title")}</h2>
          <p className="mt-1 max-w-[44rem] text-soft">
            {say("conflict.body", { theirs: theirs.revision, mine: base.revision })}
          </p>
        </div>
        <div className="flex gap-2">
          <Button onClick={actions.takeTheirs}>{say("conflict.theirs")}</Button>
          <Button look="ink" onClick={actions.keepMine}>
            {say("conflict.mine")}
          </Button>
        </div>
      </div>
      {rows.length > 0 && (
        <div className="mt-4 max-h-64 overflow-auto rounded-lg border border-line bg-sheet">
          <div className="eyebrow sticky top-0 grid grid-cols-2 border-line border-b bg-sheet">
            <span className="px-3 py-1.5">{say("conflict.mine.label")}</span>
            <span className="border-line border-l px-3 py-1.5">{say("conflict.theirs.label")}</span>
          </div>
          {rows.map((row) => (
            <Pair key={row.what} row={row} />
          ))}
        </div>
      )}
    </section>
  );
}

function Pair({ row }: { row: Row }) {
  return (
    <div className="grid grid-cols-2 border-line border-b text-[13px] last:border-b-0">
      {[row.one, row.other].map((text, side) => (
        <div key={side === 0 ? "one" : "other"} className={side === 0 ? "px-3 py-2" : "border-line border-l px-3 py-2"}>
          <p className="font-mono text-[11px] text-faint">{row.what}</p>
          <p className="whitespace-pre-wrap break-words">{text ?? "—"}</p>
        </div>
      ))}
    </div>
  );
}
