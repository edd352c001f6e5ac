// A field that seeks while a person types: its text is taken a moment after the last letter.
import { useEffect, useRef, useState } from "react";
import { Input } from "./field";

const PAUSE_MS = 250;

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

export function SearchField({ label, value, onChange, className }: SearchFieldProps) {
  const [field, setField] = useState({ typed: value, taken: value, seen: value });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  // The address says something else than what was taken from here: somebody went back, or chose a link.
  if (value !== field.seen) {
    const ours = value === field.taken;
    setField({ typed: ours ? field.typed : value, taken: value, seen: value });
  }
  const type = (typed: string) => {
    setField((now) => ({ ...now, typed }));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setField((now) => ({ ...now, taken: typed }));
      onChange(typed);
    }, PAUSE_MS);
  };
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      className={className}
      value={field.typed}
      onChange={(event) => type(event.target.value)}
    />
  );
}
