// The fields of a form: each a label, a control, and what is wrong with it.
import { type ReactNode, useId, useState } from "react";
import { useText } from "@/text/text";
import { Choice } from "./choice";
import { cn } from "./cn";
import { Input, Label, TextArea } from "./field";

interface RowProps {
  label: string;
  note?: string | undefined;
  problem?: string | undefined;
  className?: string;
  children: (id: string) => ReactNode;
}

/** A label above a control. */
export function Row({ label, note, problem, className, children }: RowProps) {
  const id = useId();
  return (
    <div className={cn("grid content-start gap-1.5", className)}>
      <Label htmlFor={id}>{label}</Label>
      {children(id)}
      {(problem || note) && <p className={problem ? "text-red text-xs" : "text-faint text-xs"}>{problem || note}</p>}
    </div>
  );
}

interface FieldProps<T> {
  label: string;
  value: T;
  onChange: (value: T) => void;
  note?: string | undefined;
  problem?: string | undefined;
  className?: string;
}

interface TextProps extends FieldProps<string> {
  placeholder?: string;
  secret?: boolean;
  mono?: boolean;
  disabled?: boolean;
  /** The form is not sent without it. */
  required?: boolean;
}

export function TextField({ value, onChange, placeholder, secret, mono, required, problem, ...rest }: TextProps) {
  const say = useText();
  const { disabled, ...row } = rest;
  const missing = required && value.trim() === "" ? say("form.required") : "";
  return (
    <Row problem={problem} {...row}>
      {(id) => (
        <Input
          ref={(input) => input?.setCustomValidity(missing)}
          id={id}
          type={secret ? "password" : "text"}
          value={value}
          placeholder={placeholder}
          disabled={disabled}
          spellCheck={false}
          autoComplete={secret ? "new-password" : "off"}
          aria-invalid={problem !== undefined && problem !== ""}
          className={mono ? "font-mono text-[13px]" : ""}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Row>
  );
}

type LinesProps = FieldProps<string[]> & { placeholder?: string; mono?: boolean };

/** A list of texts, one a line. */
export function LinesField({ value, onChange, placeholder, mono, ...row }: LinesProps) {
  const [typed, setTyped] = useState(() => value.join("\n"));
  const change = (text: string) => {
    setTyped(text);
    onChange(
      text
        .split("\n")
        .map((it) => it.trim())
        .filter((it) => it !== ""),
    );
  };
  return (
    <Row {...row}>
      {(id) => (
        <TextArea
          id={id}
          value={typed}
          placeholder={placeholder}
          className={mono ? "font-mono text-[13px]" : ""}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Row>
  );
}

type NumberProps = FieldProps<number | undefined> & { placeholder?: string; bad: string };

/** A number that is not below zero, or nothing. What is no number is kept on the screen and not taken. */
export function NumberBox({ value, onChange, placeholder, bad, ...row }: NumberProps) {
  const [typed, setTyped] = useState<string>();
  const wrong = typed !== undefined && typed.trim() !== "" && !(Number(typed) >= 0);
  const change = (text: string) => {
    setTyped(text);
    if (text.trim() === "") onChange(undefined);
    else if (Number(text) >= 0) onChange(Number(text));
  };
  return (
    <Row {...row} problem={wrong ? bad : undefined}>
      {(id) => (
        <Input
          id={id}
          inputMode="decimal"
          className="figure"
          placeholder={placeholder}
          value={typed ?? value ?? ""}
          aria-invalid={wrong}
          onChange={(event) => change(event.target.value)}
          onBlur={() => !wrong && setTyped(undefined)}
        />
      )}
    </Row>
  );
}

type ChoiceFieldProps<T extends string> = FieldProps<T> & {
  options: readonly { value: T; label: string }[];
  disabled?: boolean;
};

export function ChoiceField<T extends string>({ value, onChange, options, disabled, ...row }: ChoiceFieldProps<T>) {
  return (
    <Row {...row}>
      {(id) => (
        <Choice
          id={id}
          label={row.label}
          value={value}
          options={options}
          disabled={disabled ?? false}
          onChange={onChange}
          look="box"
        />
      )}
    </Row>
  );
}

/** On or off. */
export function Toggle({
  label,
  value,
  onChange,
  disabled = false,
}: Pick<FieldProps<boolean>, "label" | "value" | "onChange"> & { disabled?: boolean }) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={value}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!value)}
      className={cn(
        "relative h-5 w-9 shrink-0 rounded-full transition-colors disabled:opacity-40",
        value ? "bg-blue" : "bg-edge",
      )}
    >
      <span
        className={cn(
          "absolute top-0.5 left-0.5 size-4 rounded-full bg-sheet shadow-sm transition-transform",
          value && "translate-x-4",
        )}
      />
    </button>
  );
}
