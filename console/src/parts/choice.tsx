// One of a few: a compact select.
import { Check, ChevronDown } from "lucide-react";
import { Select as S } from "radix-ui";
import { cn } from "./cn";

interface ChoiceProps<T extends string> {
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  label: string;
  id?: string;
  className?: string;
}

export function Choice<T extends string>({ value, options, onChange, label, id, className }: ChoiceProps<T>) {
  // Radix keeps the empty value for "nothing chosen"; here it may be an option like any other.
  const inside = (outside: string) => `=${outside}`;
  return (
    <S.Root value={inside(value)} onValueChange={(chosen) => onChange(chosen.slice(1) as T)}>
      <S.Trigger
        {...(id && { id })}
        aria-label={label}
        className={cn(
          "group/choice inline-flex h-7 select-none items-center gap-1 rounded-md px-2 text-[13px] font-medium text-soft",
          "hover:bg-ink/6 hover:text-ink data-[state=open]:bg-ink/6",
          className,
        )}
      >
        <S.Value />
        <S.Icon>
          <ChevronDown className="size-3.5 text-faint opacity-0 transition-opacity group-hover/choice:opacity-100 group-focus-visible/choice:opacity-100 group-data-[state=open]/choice:opacity-100 [@media(hover:none)]:opacity-100" />
        </S.Icon>
      </S.Trigger>
      <S.Portal>
        <S.Content
          position="popper"
          sideOffset={4}
          className="rise z-50 min-w-40 rounded-xl border border-line bg-sheet p-1 shadow-lifted"
        >
          <S.Viewport>
            {options.map((option) => (
              <S.Item
                key={option.value}
                value={inside(option.value)}
                className="flex select-none items-center justify-between gap-4 rounded-lg px-2.5 py-1.5 text-sm outline-none data-[highlighted]:bg-ink/6"
              >
                <S.ItemText>{option.label}</S.ItemText>
                <S.ItemIndicator>
                  <Check className="size-3.5 text-blue" />
                </S.ItemIndicator>
              </S.Item>
            ))}
          </S.Viewport>
        </S.Content>
      </S.Portal>
    </S.Root>
  );
}
