// A field for each variable the messages use; they come and go as the messages are typed.
import type { Variable } from "@/api/client";
import { TextArea } from "@/parts/field";
import { useText } from "@/text/text";
import type { Slot } from "./draft";
import { type Problem, shown, type Values } from "./values";

interface VariablesProps {
  slots: readonly Slot[];
  known: readonly Variable[];
  values: Values;
  problems: Readonly<Record<string, Problem>>;
  onChange: (name: string, value: string) => void;
}

export function Variables({ slots, known, values, problems, onChange }: VariablesProps) {
  const say = useText();
  return (
    <section aria-label={say("variables.title")}>
      <h2 className="eyebrow mb-3">{say("variables.title")}</h2>
      {slots.length === 0 && <p className="text-[13px] text-faint">{say("variables.none")}</p>}
      <div className="grid gap-x-4 gap-y-3 sm:grid-cols-[minmax(5rem,auto)_1fr]">
        {slots.map((slot) => (
          <VariableRow
            key={slot.name}
            slot={slot}
            variable={known.find(({ name }) => name === slot.name)}
            value={values[slot.name] ?? ""}
            problem={problems[slot.name]}
            onChange={(value) => onChange(slot.name, value)}
          />
        ))}
      </div>
    </section>
  );
}

interface VariableRowProps {
  slot: Slot;
  variable: Variable | undefined;
  value: string;
  problem: Problem | undefined;
  onChange: (value: string) => void;
}

function VariableRow({ slot, variable, value, problem, onChange }: VariableRowProps) {
  const say = useText();
  const id = variableField(slot.name);
  const hint = () => {
    if (slot.placeholder) return say("variables.messages");
    if (variable?.default !== undefined) return say("variables.default", { value: shown(variable.default) });
    if (variable?.example !== undefined) return say("variables.example", { value: shown(variable.example) });
    return "";
  };
  const wrong = problem && say(problem === "missing" ? "variables.missing" : "variables.messages.bad");
  return (
    <>
      <label htmlFor={id} className="max-w-56 break-words pt-2 font-mono text-[12.5px] text-blue">
        {slot.name}
      </label>
      <div className="min-w-0">
        <TextArea
          id={id}
          value={value}
          placeholder={hint()}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-note`}
          onChange={(event) => onChange(event.target.value)}
        />
        <p id={`${id}-note`} className={wrong ? "mt-1 text-red text-xs" : "mt-1 text-faint text-xs empty:hidden"}>
          {wrong ?? variable?.description}
        </p>
      </div>
    </>
  );
}

/** The id of the field of the variable `name`. */
export function variableField(name: string): string {
  return `variable-${name}`;
}
