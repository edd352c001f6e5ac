// Where a person gives the value of a variable, in the way its type asks for. What is kept is text: JSON, but for a
// string as it is.
import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { Variable } from "@/api/client";
import { JsonEditor } from "@/editor/lazy-json-editor";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { Input, TextArea } from "@/parts/field";
import { useText } from "@/text/text";
import { Attach, taken } from "./attach";
import type { Part, Refused } from "./attachments";
import { PartList } from "./part-list";
import { RefusedNote } from "./refused-note";
import { listIn, shown } from "./values";

export interface ValueFieldProps {
  id: string;
  variable: Variable;
  value: string;
  invalid: boolean;
  onChange: (value: string) => void;
}

export function ValueField(props: ValueFieldProps) {
  const { variable, value } = props;
  const choices = variable.type === "boolean" ? [true, false] : variable.choices;
  if (choices?.length) return <ChosenField {...props} choices={choices} />;
  if (variable.type === "messages" && listIn(value)) return <MessagesField {...props} />;
  if (variable.type === "parts" && listIn(value)) return <PartsField {...props} />;
  return <TypedField {...props} />;
}

function ChosenField({ id, variable, value, onChange, choices }: ValueFieldProps & { choices: readonly unknown[] }) {
  const say = useText();
  const none = { value: "", label: useHint(variable) || say("variables.choose") };
  return (
    <Choice
      id={id}
      label={variable.name}
      value={value}
      options={[none, ...choices.map((it) => ({ value: shown(it), label: shown(it) }))]}
      onChange={onChange}
      look="box"
    />
  );
}

function TypedField({ id, variable, value, invalid, onChange }: ValueFieldProps) {
  const hint = useHint(variable);
  const field = {
    id,
    value,
    placeholder: hint,
    "aria-invalid": invalid,
    "aria-describedby": `${id}-note`,
  };
  if (variable.type === "integer" || variable.type === "number") {
    return (
      <Input
        {...field}
        inputMode={variable.type === "integer" ? "numeric" : "decimal"}
        className="figure"
        onChange={(event) => onChange(event.target.value)}
      />
    );
  }
  if (variable.type !== "string") {
    return (
      <JsonEditor
        id={id}
        label={variable.name}
        hint={hint}
        value={value}
        invalid={invalid}
        className="min-h-9"
        onChange={onChange}
      />
    );
  }
  return <TextArea {...field} onChange={(event) => onChange(event.target.value)} />;
}

interface Said {
  role: "user" | "assistant";
  content?: string;
}

/** A conversation, message by message. What else a message holds stays with it. */
function MessagesField({ id, variable, value, onChange }: ValueFieldProps) {
  const say = useText();
  const messages = (listIn(value) ?? []) as Said[];
  const put = (changed: readonly Said[]) => onChange(changed.length > 0 ? JSON.stringify(changed) : "");
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be named by a label elsewhere.
    <div id={id} role="group" aria-label={variable.name} tabIndex={-1} className="grid gap-1.5">
      {messages.map((message, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message has no name of its own.
        <div key={at} className="flex items-start gap-1">
          <Choice
            value={message.role}
            label={say("values.role", { number: at + 1 })}
            options={(["user", "assistant"] as const).map((role) => ({ value: role, label: say(`role.${role}`) }))}
            onChange={(role) => put(messages.with(at, { ...message, role }))}
            className="mt-1 w-24 justify-between"
          />
          <TextArea
            aria-label={say("values.message", { number: at + 1 })}
            value={message.content ?? ""}
            onChange={(event) => put(messages.with(at, { ...message, content: event.target.value }))}
          />
          <Button
            look="ghost"
            size="tiny"
            className="mt-1.5"
            aria-label={say("values.remove", { number: at + 1 })}
            onClick={() => put(messages.filter((_, other) => other !== at))}
          >
            <X />
          </Button>
        </div>
      ))}
      <Button
        look="ghost"
        size="small"
        className="-ml-2 justify-self-start"
        onClick={() =>
          put([...messages, { role: messages.at(-1)?.role === "user" ? "assistant" : "user", content: "" }])
        }
      >
        <Plus /> {say("messages.add")}
      </Button>
    </div>
  );
}

function PartsField({ id, variable, value, onChange }: ValueFieldProps) {
  const say = useText();
  const [refused, setRefused] = useState<Refused>();
  const parts = (listIn(value) ?? []) as Part[];
  const put = (changed: readonly Part[]) => onChange(changed.length > 0 ? JSON.stringify(changed) : "");
  const add = (added: Part[]) => put([...parts, ...added]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be named by a label elsewhere.
    <div
      id={id}
      role="group"
      aria-label={variable.name}
      tabIndex={-1}
      className="rounded-lg border border-line border-dashed px-2 py-1.5 [&>ol]:mt-0 [&>ol]:mb-1.5"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void taken([...event.dataTransfer.files], add, setRefused);
      }}
      onPaste={(event) => {
        const files = [...event.clipboardData.files];
        if (files.length > 0) void taken(files, add, setRefused);
      }}
    >
      <PartList parts={parts} onChange={put} />
      <div className="flex items-center gap-1 text-[13px] text-faint">
        <Attach onAdd={add} onRefused={setRefused} /> {say("parts.drop")}
      </div>
      <RefusedNote refused={refused} />
    </div>
  );
}

function useHint(variable: Variable): string {
  const say = useText();
  if (variable.default !== undefined) return say("variables.default", { value: shown(variable.default) });
  if (variable.example !== undefined) return say("variables.example", { value: shown(variable.example) });
  if (variable.type === "messages") return say("variables.messages");
  if (variable.type === "parts") return say("variables.parts");
  return variable.type === "string" ? "" : say(`type.${variable.type}`);
}
