// Which template language a prompt is written in, and what that means.
import { Choice } from "@/parts/choice";
import { useText } from "@/text/text";
import { type Edit, withSettings } from "./draft";
import type { DraftActions } from "./use-draft";

const ENGINES = ["plain", "jinja2", "mustache"] as const;

export function EnginePicker({ edit, actions }: { edit: Edit; actions: DraftActions }) {
  const say = useText();
  const { engine } = edit.settings;
  return (
    <div className="flex min-w-0 items-center gap-1.5 text-[13px]">
      <Choice
        label={say("engine.title")}
        value={engine}
        options={ENGINES.map((value) => ({ value, label: say(`engine.${value}`) }))}
        onChange={(chosen) => actions.edit((now) => withSettings(now, { engine: chosen }))}
        className="-ml-2"
      />
      <span className="truncate text-faint max-sm:hidden">{say(`engine.${engine}.note`)}</span>
    </div>
  );
}
