// A field for each variable the messages use; they come and go as the messages are typed.
import type { ReactNode } from "react";
import type { Variable } from "@/api/client";
import { useText } from "@/text/text";
import type { Edit, Slot } from "./draft";
import { Unused } from "./unused-variables";
import type { DraftActions } from "./use-draft";
import { ValueField } from "./value-field";
import { type Problem, type Values, variableOf } from "./values";
import { VariableSettings } from "./variable-settings";

interface VariablesProps {
  slots: readonly Slot[];
  edit: Edit;
  actions: DraftActions;
  values: Values;
  problems: Readonly<Record<string, Problem>>;
  onChange: (name: string, value: string) => void;
  /** What stands beside the heading. */
  head?: ReactNode;
}

export function Variables({ slots, edit, actions, values, problems, onChange, head }: VariablesProps) {
  const say = useText();
  return (
    <section aria-label={say("variables.title")}>
      <div className="mb-3 flex min-h-7 flex-wrap items-center justify-between gap-x-4">
        <h2 className="eyebrow">{say("variables.title")}</h2>
        {head}
      </div>
      {slots.length === 0 && <p className="text-[13px] text-faint">{say("variables.none")}</p>}
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-[minmax(5rem,auto)_1fr]">
        {slots.map((slot) => (
          <VariableRow
            key={slot.name}
            variable={variableOf(slot, edit.settings.variables)}
            actions={actions}
            value={values[slot.name] ?? ""}
            problem={problems[slot.name]}
            snippet={slot.snippet}
            onChange={(value) => onChange(slot.name, value)}
          />
        ))}
      </div>
      <Unused slots={slots} edit={edit} actions={actions} />
    </section>
  );
}

interface VariableRowProps {
  variable: Variable;
  actions: DraftActions;
  value: string;
  problem: Problem | undefined;
  snippet: string | undefined;
  onChange: (value: string) => void;
}

function VariableRow({ variable, actions, value, problem, snippet, onChange }: VariableRowProps) {
  const say = useText();
  const id = variableField(variable.name);
  return (
    <>
      <div className="flex h-9 max-w-64 items-center gap-0.5">
        <label htmlFor={id} className="min-w-0 truncate font-mono text-[12.5px] text-blue" title={variable.name}>
          {variable.name}
        </label>
        <VariableSettings variable={variable} actions={actions} />
      </div>
      <div className="min-w-0">
        <ValueField id={id} variable={variable} value={value} invalid={problem !== undefined} onChange={onChange} />
        <p id={`${id}-note`} className={problem ? "mt-1 text-red text-xs" : "mt-1 text-faint text-xs empty:hidden"}>
          {problem ? say(`bad.${problem}`) : variable.description || (snippet && say("variables.of", { key: snippet }))}
        </p>
      </div>
    </>
  );
}

/** The id of the field of the variable `name`. */
export function variableField(name: string): string {
  return `variable-${name}`;
}
