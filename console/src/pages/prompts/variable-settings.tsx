// What is known of a variable beyond its name: type, default, example, allowed values, schema.
import { Settings2 } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { Variable } from "@/api/client";
import { JsonEditor } from "@/editor/lazy-json-editor";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { Input, Label, TextArea } from "@/parts/field";
import { Hint, Popover, PopoverContent, PopoverTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { withVariable } from "./draft";
import type { DraftActions } from "./use-draft";
import { type Problem, read, shown, Wrong } from "./values";

const TYPES: readonly Variable["type"][] = [
  "string",
  "integer",
  "number",
  "boolean",
  "object",
  "strings",
  "integers",
  "numbers",
  "booleans",
  "objects",
  "messages",
  "parts",
];

export function VariableSettings({ variable, actions }: { variable: Variable; actions: DraftActions }) {
  const say = useText();
  const label = say("variables.settings", { name: variable.name });
  return (
    <Popover>
      <Hint text={label}>
        <PopoverTrigger asChild>
          <Button look="ghost" size="tiny" aria-label={label}>
            <Settings2 />
          </Button>
        </PopoverTrigger>
      </Hint>
      <PopoverContent align="start" className="grid w-88 gap-3.5">
        <h3 className="font-mono text-[13px] text-blue">{variable.name}</h3>
        <SettingsForm
          variable={variable}
          onChange={(change) =>
            actions.edit((edit) => withVariable(edit, { ...variable, ...change }), `variable ${variable.name}`)
          }
        />
      </PopoverContent>
    </Popover>
  );
}

function SettingsForm({ variable, onChange }: { variable: Variable; onChange: (change: Partial<Variable>) => void }) {
  const say = useText();
  const id = useId();
  const { type } = variable;
  return (
    <>
      <div className="grid gap-1.5">
        <Label htmlFor={`${id}-description`}>{say("variables.description")}</Label>
        <Input
          id={`${id}-description`}
          value={variable.description}
          onChange={(event) => onChange({ description: event.target.value })}
        />
      </div>
      <div className="flex items-center justify-between">
        <span className="font-medium text-[13px]">{say("variables.type")}</span>
        <Choice
          label={say("variables.type")}
          value={type}
          options={TYPES.map((value) => ({ value, label: say(`type.${value}`) }))}
          onChange={(chosen) => onChange({ type: chosen })}
          className="-mr-2"
        />
      </div>
      <label className="flex items-center justify-between font-medium text-[13px]">
        {say("variables.needed")}
        <input
          type="checkbox"
          className="size-4 accent-blue"
          checked={variable.needed}
          onChange={(event) => onChange({ needed: event.target.checked })}
        />
      </label>
      <ValueField
        label={say("variables.default.field")}
        value={variable.default}
        parse={(text) => read(type, text)}
        onChange={(value) => onChange({ default: value })}
      />
      <ValueField
        label={say("variables.example.field")}
        value={variable.example}
        parse={(text) => read(type, text)}
        onChange={(value) => onChange({ example: value })}
      />
      <ValueField
        label={say("variables.choices")}
        note={say("variables.choices.help")}
        value={variable.choices}
        show={(choices) => (choices as unknown[]).map(shown).join("\n")}
        parse={(text) => readLines(type, text)}
        onChange={(value) => onChange({ choices: value as unknown[] })}
      />
      <ValueField
        label={say("variables.schema")}
        value={variable.schema}
        json
        show={(schema) => JSON.stringify(schema, null, 2)}
        parse={(text) => read("object", text)}
        onChange={(value) => onChange({ schema: value })}
      />
    </>
  );
}

function readLines(type: Variable["type"], text: string): unknown {
  const read_ = text
    .split("\n")
    .filter((it) => it.trim() !== "")
    .map((it) => read(type, it));
  return read_.find((value) => value instanceof Wrong) ?? read_;
}

interface ValueFieldProps {
  label: string;
  note?: ReactNode;
  value: unknown;
  /** It is JSON. */
  json?: boolean;
  show?: (value: unknown) => string;
  parse: (text: string) => unknown;
  onChange: (value: unknown) => void;
}

/** A value written as text; what does not fit yet stays on the screen and is not taken. */
function ValueField({ label, note, value, json = false, show = shown, parse, onChange }: ValueFieldProps) {
  const say = useText();
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const change = (text: string) => {
    setTyped(text);
    const parsed = text === "" ? undefined : parse(text);
    setProblem(parsed instanceof Wrong ? parsed.problem : undefined);
    if (!(parsed instanceof Wrong)) onChange(parsed);
  };
  const text = typed ?? (value === undefined ? "" : show(value));
  return (
    <div className="grid gap-1.5">
      <Label htmlFor={id}>
        {label} {note && <span className="font-normal text-faint">· {note}</span>}
      </Label>
      {json ? (
        <JsonEditor id={id} label={label} className="max-h-40 min-h-9" value={text} onChange={change} />
      ) : (
        <TextArea
          id={id}
          className="max-h-40"
          value={text}
          aria-invalid={problem !== undefined}
          onChange={(event) => change(event.target.value)}
        />
      )}
      {problem && !(json && problem === "json") && <p className="text-red text-xs">{say(`bad.${problem}`)}</p>}
    </div>
  );
}
