// A mock as part of a form: one reply, rules in order, or replies that were recorded.
import { Plus, X } from "lucide-react";
import type { Mock } from "@/api/tools";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { Input, TextArea } from "@/parts/field";
import { ChoiceField, Row } from "@/parts/form";
import { useText } from "@/text/text";
import { shown } from "../values";

type MockRule = NonNullable<Mock["rules"]>[number];
type Condition = MockRule["conditions"][number];

const KINDS = ["", "fixed", "rule", "recorded"] as const;
const TESTS = ["equals", "matches", "contains", "exists"] as const;

interface MockFieldsProps {
  mock: Mock | undefined;
  onChange: (mock: Mock | undefined) => void;
}

export function MockFields({ mock, onChange }: MockFieldsProps) {
  const say = useText();
  const reply = (text: string): Mock => {
    const { reply: _, ...rest } = mock ?? { kind: "fixed" };
    return text === "" && rest.kind !== "fixed" ? rest : { ...rest, reply: text };
  };
  return (
    <>
      <ChoiceField
        label={say("mock.title")}
        note={say("mock.help")}
        value={mock?.kind ?? ""}
        options={KINDS.map((value) => ({ value, label: say(`mock.${value || "none"}`) }))}
        onChange={(kind) =>
          onChange(kind === "" ? undefined : ({ reply: kind === "fixed" ? "" : undefined, ...mock, kind } as Mock))
        }
      />
      {mock?.kind === "rule" && <Rules rules={mock.rules ?? []} onChange={(rules) => onChange({ ...mock, rules })} />}
      {mock?.kind === "recorded" && <Recordings mock={mock} onChange={onChange} />}
      {mock && (
        <Row label={say(mock.kind === "fixed" ? "mock.reply" : "mock.otherwise")}>
          {(id) => (
            <TextArea
              id={id}
              className="font-mono text-[12.5px]"
              value={mock.reply ?? ""}
              onChange={(event) => onChange(reply(event.target.value))}
            />
          )}
        </Row>
      )}
    </>
  );
}

function Rules({ rules, onChange }: { rules: readonly MockRule[]; onChange: (rules: MockRule[]) => void }) {
  const say = useText();
  const change = (at: number, rule: MockRule) => onChange(rules.with(at, rule));
  return (
    <div className="grid gap-3">
      {rules.map((rule, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a rule is its place.
        <fieldset key={at} className="grid gap-2 rounded-lg border border-line p-3">
          <legend className="eyebrow px-1">{say("mock.rule.n", { n: at + 1 })}</legend>
          {rule.conditions.map((condition, place) => (
            <ConditionRow
              // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place.
              key={place}
              condition={condition}
              onChange={(changed) => change(at, { ...rule, conditions: rule.conditions.with(place, changed) })}
              onDrop={() => change(at, { ...rule, conditions: rule.conditions.toSpliced(place, 1) })}
            />
          ))}
          <Button
            look="ghost"
            size="small"
            className="-ml-1 justify-self-start"
            onClick={() => change(at, { ...rule, conditions: [...rule.conditions, { path: "$.", test: "equals" }] })}
          >
            <Plus /> {say("mock.condition.add")}
          </Button>
          <TextArea
            aria-label={say("mock.rule.reply", { n: at + 1 })}
            placeholder={say("mock.reply")}
            className="font-mono text-[12.5px]"
            value={rule.reply}
            onChange={(event) => change(at, { ...rule, reply: event.target.value })}
          />
          <Button
            look="ghost"
            size="small"
            className="justify-self-end"
            onClick={() => onChange(rules.toSpliced(at, 1))}
          >
            <X /> {say("mock.rule.drop", { n: at + 1 })}
          </Button>
        </fieldset>
      ))}
      <Button
        look="ghost"
        size="small"
        className="-ml-2 justify-self-start"
        onClick={() =>
          onChange([...rules, { conditions: [{ path: "$.", test: "equals" }], reply: "", is_error: false }])
        }
      >
        <Plus /> {say("mock.rule.add")}
      </Button>
    </div>
  );
}

interface ConditionRowProps {
  condition: Condition;
  onChange: (condition: Condition) => void;
  onDrop: () => void;
}

function ConditionRow({ condition, onChange, onDrop }: ConditionRowProps) {
  const say = useText();
  return (
    <div className="flex items-center gap-1">
      <Input
        aria-label={say("mock.condition.path")}
        className="font-mono text-[12.5px]"
        value={condition.path}
        onChange={(event) => onChange({ ...condition, path: event.target.value })}
      />
      <Choice
        label={say("mock.condition.test")}
        value={condition.test}
        options={TESTS.map((value) => ({ value, label: say(`mock.test.${value}`) }))}
        onChange={(test) => onChange({ ...condition, test })}
      />
      {condition.test !== "exists" && (
        <Input
          aria-label={say("mock.condition.value")}
          className="font-mono text-[12.5px]"
          value={condition.value === undefined ? "" : shown(condition.value)}
          onChange={(event) => onChange({ ...condition, value: meant(event.target.value) })}
        />
      )}
      <Button look="ghost" size="tiny" aria-label={say("mock.condition.drop")} onClick={onDrop}>
        <X />
      </Button>
    </div>
  );
}

/** A number, true, false or null is itself; everything else is text. */
function meant(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? text : value;
  } catch {
    return text;
  }
}

function Recordings({ mock, onChange }: { mock: Mock; onChange: (mock: Mock) => void }) {
  const say = useText();
  const recordings = mock.recordings ?? [];
  if (recordings.length === 0) return <p className="text-faint text-xs">{say("mock.recorded.none")}</p>;
  return (
    <ul>
      {recordings.map((one, at) => (
        <li key={one.arguments} className="flex items-start gap-2 border-line border-b py-2 font-mono text-[12.5px]">
          <span className="min-w-0 flex-1 break-words">
            <span className="text-soft">{one.arguments}</span> → {one.reply}
          </span>
          <Button
            look="ghost"
            size="tiny"
            aria-label={say("mock.recorded.drop", { arguments: one.arguments })}
            onClick={() => onChange({ ...mock, recordings: recordings.toSpliced(at, 1) })}
          >
            <X />
          </Button>
        </li>
      ))}
    </ul>
  );
}
