// The variables that are declared and that nothing uses yet, and a field to declare another.
import { Plus, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/parts/button";
import { Input } from "@/parts/field";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { type Edit, type Slot, withoutVariable, withVariable } from "./draft";
import type { DraftActions } from "./use-draft";
import { VariableSettings } from "./variable-settings";

interface UnusedProps {
  slots: readonly Slot[];
  edit: Edit;
  actions: DraftActions;
}

export function Unused({ slots, edit, actions }: UnusedProps) {
  const say = useText();
  const used = new Set(slots.map(({ name }) => name));
  const unused = edit.settings.variables.filter(({ name }) => !used.has(name));
  return (
    <>
      {unused.length > 0 && (
        <ul aria-label={say("variables.unused")} className="mt-3 grid gap-1">
          {unused.map((variable) => (
            <li key={variable.name} className="flex items-center gap-0.5">
              <span className="truncate font-mono text-[12.5px] text-faint line-through">{variable.name}</span>
              <VariableSettings variable={variable} actions={actions} />
              <Hint text={say("variables.remove", { name: variable.name })}>
                <Button
                  look="ghost"
                  size="tiny"
                  aria-label={say("variables.remove", { name: variable.name })}
                  onClick={() => actions.edit((now) => withoutVariable(now, variable.name))}
                >
                  <X />
                </Button>
              </Hint>
              <span className="ml-2 text-faint text-xs">{say("variables.unused.note")}</span>
            </li>
          ))}
        </ul>
      )}
      <Declare known={new Set([...used, ...unused.map(({ name }) => name)])} actions={actions} />
    </>
  );
}

const NAME = /^[\p{L}\p{Nl}\p{No}_][\p{L}\p{N}_-]*$/u;

function Declare({ known, actions }: { known: ReadonlySet<string>; actions: DraftActions }) {
  const say = useText();
  const [name, setName] = useState<string>();
  if (name === undefined) {
    return (
      <Button look="ghost" size="small" className="-ml-2 mt-2" onClick={() => setName("")}>
        <Plus /> {say("variables.add")}
      </Button>
    );
  }
  const wrong = name !== "" && (!NAME.test(name) || known.has(name));
  const declare = (event: FormEvent) => {
    event.preventDefault();
    if (name === "" || wrong) return;
    const variable = { name, description: "", type: "string", needed: true } as const;
    actions.edit((now) => withVariable(now, variable));
    setName(undefined);
  };
  return (
    <form onSubmit={declare} className="mt-2 flex items-center gap-2">
      <Input
        aria-label={say("variables.name")}
        autoFocus
        className="h-8 w-48 font-mono text-[12.5px]"
        value={name}
        spellCheck={false}
        aria-invalid={wrong}
        placeholder={say("variables.name")}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => name === "" && setName(undefined)}
        onKeyDown={(event) => event.key === "Escape" && setName(undefined)}
      />
      <Button size="small" type="submit" disabled={name === "" || wrong}>
        {say("variables.declare")}
      </Button>
    </form>
  );
}
