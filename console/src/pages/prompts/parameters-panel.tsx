// The model's parameters, and how a simulated model shall behave, in a panel behind one button.
import { SlidersHorizontal } from "lucide-react";
import { useId, useState } from "react";
import type { Parameters, Simulate } from "@/api/client";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { Input, Label, TextArea } from "@/parts/field";
import { Hint, Popover, PopoverContent, PopoverTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { FAULTS, NUMBERS, numberIn, type Range, SIMULATE, setCount, withSetting } from "./parameters";

interface ParametersPanelProps {
  parameters: Parameters | undefined;
  onChange: (parameters: Parameters | undefined) => void;
  /** The settings this model cannot take, each with the reason. */
  unsupported: Readonly<Record<string, string>>;
  /** Absent when the model is a real one. */
  simulate?: SimulateFieldsProps;
}

interface SimulateFieldsProps {
  value: Simulate | undefined;
  onChange: (simulate: Simulate | undefined) => void;
}

export function ParametersPanel({ parameters, onChange, unsupported, simulate }: ParametersPanelProps) {
  const say = useText();
  const set = setCount(parameters) + setCount(simulate?.value);
  return (
    <Popover>
      <Hint text={say("parameters.title")}>
        <PopoverTrigger asChild>
          <Button
            className="px-2.5"
            aria-label={`${say("parameters.title")}${set ? ` (${say("parameters.set", { n: set })})` : ""}`}
          >
            <SlidersHorizontal />
            {set > 0 && <span className="figure text-[13px] text-blue">{set}</span>}
          </Button>
        </PopoverTrigger>
      </Hint>
      <PopoverContent className="max-h-(--radix-popover-content-available-height) w-96 overflow-auto p-5">
        <div className="mb-1 flex h-6 items-center justify-between">
          <h2 className="eyebrow">{say("parameters.title")}</h2>
          {setCount(parameters) > 0 && (
            <Button look="ghost" size="small" className="-mr-2" onClick={() => onChange(undefined)}>
              {say("parameters.reset")}
            </Button>
          )}
        </div>
        <p className="mb-3 text-faint text-xs">{say("parameters.help")}</p>
        <ParameterFields parameters={parameters} onChange={onChange} unsupported={unsupported} />
        {simulate && (
          <>
            <h2 className="eyebrow mt-6 mb-1">{say("simulate.title")}</h2>
            <p className="mb-3 text-faint text-xs">{say("simulate.help")}</p>
            <SimulateFields value={simulate.value} onChange={simulate.onChange} />
          </>
        )}
      </PopoverContent>
    </Popover>
  );
}

function SimulateFields({ value, onChange }: SimulateFieldsProps) {
  const say = useText();
  const fault = value?.fault;
  const kinds = [
    { value: "" as const, label: say("simulate.fault.none") },
    ...FAULTS.map((kind) => ({ value: kind, label: say(`fault.${kind}`) })),
  ];
  const setFault = (changed: Simulate["fault"]) => onChange(withSetting(value, "fault", changed));
  return (
    <>
      {SIMULATE.map(([name, range]) => (
        <NumberField
          key={name}
          label={say(`simulate.${name}`)}
          range={range}
          value={value?.[name]}
          onChange={(number) => onChange(withSetting(value, name, number))}
        />
      ))}
      <div className="flex h-10 items-center justify-between">
        <span className="text-[13px] text-soft">{say("simulate.fault")}</span>
        <Choice
          label={say("simulate.fault")}
          value={fault?.kind ?? ""}
          options={kinds}
          className="-mr-2"
          onChange={(kind) => setFault(kind ? { at: 0, ...fault, kind } : undefined)}
        />
      </div>
      {fault && (
        <>
          <NumberField
            label={say("simulate.at")}
            range={{ least: 0, whole: true }}
            value={fault.at}
            onChange={(at) => setFault({ ...fault, at: at ?? 0 })}
          />
          <NumberField
            label={say("simulate.retry_after_s")}
            range={{ least: 0 }}
            value={fault.retry_after_s}
            onChange={(seconds) => setFault(withSetting(fault, "retry_after_s", seconds))}
          />
        </>
      )}
    </>
  );
}

const EFFORTS = ["minimal", "low", "medium", "high"] as const;

function ParameterFields({ parameters, onChange, unsupported }: Omit<ParametersPanelProps, "simulate">) {
  const say = useText();
  const { reasoning_effort: noEffort } = unsupported;
  const efforts = [
    { value: "" as const, label: say("parameters.default") },
    ...EFFORTS.map((value) => ({ value, label: say(`effort.${value}`) })),
  ];
  return (
    <>
      {NUMBERS.map(([name, range]) => (
        <NumberField
          key={name}
          label={say(`parameters.${name}`)}
          range={range}
          reason={unsupported[name]}
          value={parameters?.[name]}
          onChange={(value) => onChange(withSetting(parameters, name, value))}
        />
      ))}
      <div className="flex h-10 items-center justify-between">
        <span className="text-[13px] text-soft">{say("parameters.reasoning_effort")}</span>
        {noEffort && <span className="ml-auto text-right text-amber text-xs">{noEffort}</span>}
        <Choice
          label={say("parameters.reasoning_effort")}
          disabled={noEffort !== undefined && parameters?.reasoning_effort === undefined}
          value={parameters?.reasoning_effort ?? ""}
          options={efforts}
          className="-mr-2"
          onChange={(value) => onChange(withSetting(parameters, "reasoning_effort", value || undefined))}
        />
      </div>
      <StopField stop={parameters?.stop} onChange={(stop) => onChange(withSetting(parameters, "stop", stop))} />
    </>
  );
}

function StopField({ stop, onChange }: { stop: string[] | undefined; onChange: (stop: string[] | undefined) => void }) {
  const say = useText();
  const id = useId();
  const [text, setText] = useState((stop ?? []).join("\n"));
  const change = (typed: string) => {
    setText(typed);
    const lines = typed.split("\n").filter((it) => it !== "");
    onChange(lines.length > 0 ? lines : undefined);
  };
  return (
    <div className="mt-1">
      <Label htmlFor={id} className="mb-1.5 block font-normal text-soft">
        {say("parameters.stop")} <span className="text-faint">· {say("parameters.stop.help")}</span>
      </Label>
      <TextArea id={id} className="font-mono text-[13px]" value={text} onChange={(it) => change(it.target.value)} />
    </div>
  );
}

interface NumberFieldProps {
  label: string;
  /** Why it cannot be set; it can still be cleared. */
  reason?: string | undefined;
  range: Range;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}

/** A number or nothing. What is typed stays on the screen while it is no number yet, and is then not taken. */
export function NumberField({ label, reason, range, value, onChange }: NumberFieldProps) {
  const say = useText();
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const bad = typed !== undefined && numberIn(typed, range) === "bad";
  const change = (text: string) => {
    setTyped(text);
    const read = numberIn(text, range);
    if (read !== "bad") onChange(read);
  };
  return (
    <div className="flex h-10 items-center justify-between gap-4">
      <Label htmlFor={id} className="font-normal text-soft">
        {label}
      </Label>
      <div className="flex items-center gap-2">
        {bad && <span className="text-red text-xs">{say("parameters.bad")}</span>}
        {reason && <span className="text-right text-amber text-xs">{reason}</span>}
        <Input
          id={id}
          inputMode="decimal"
          className="figure h-8 w-28 text-right"
          placeholder={say("parameters.default")}
          value={typed ?? value ?? ""}
          aria-invalid={bad}
          disabled={reason !== undefined && value === undefined}
          onChange={(event) => change(event.target.value)}
          onBlur={() => setTyped(undefined)}
        />
      </div>
    </div>
  );
}
