// One of a few, all of them in sight.
import { Button } from "./button";
import { cn } from "./cn";

interface SegmentsProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  /** Whether they share the whole width. */
  wide?: boolean;
  className?: string;
}

export function Segments<T extends string>({ label, value, options, onChange, wide, className }: SegmentsProps<T>) {
  return (
    <fieldset aria-label={label} className={cn("flex rounded-lg bg-well p-0.5", className)}>
      {options.map((option) => (
        <Button
          key={option.value}
          look="ghost"
          size="small"
          aria-pressed={option.value === value}
          className={cn(
            "h-6 aria-pressed:bg-sheet aria-pressed:text-ink aria-pressed:shadow-sm",
            wide === true && "h-7 flex-1",
          )}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </Button>
      ))}
    </fieldset>
  );
}
