// One of a few: a compact select.
import { cva } from "class-variance-authority";
import { Check, ChevronDown } from "lucide-react";
import { Select as S } from "radix-ui";

interface ChoiceProps<T extends string> {
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
  label: string;
  id?: string;
  disabled?: boolean;
  /** `quiet` shows that it can be changed only when pointed at or focused; `box` looks like a field. */
  look?: "plain" | "quiet" | "box";
  className?: string;
}

const looks = cva("group/choice inline-flex select-none items-center gap-1 disabled:opacity-45", {
  variants: {
    look: {
      plain: "h-7 rounded-md px-2 font-medium text-[13px] text-soft hover:bg-ink/6 hover:text-ink",
      quiet: "h-7 rounded-md px-2 font-medium text-[13px] text-soft hover:bg-ink/6 hover:text-ink",
      box: "h-9 w-full justify-between rounded-lg border border-line bg-sheet px-3 text-ink text-sm hover:border-edge",
    },
  },
});

const chevron = cva("size-3.5 text-faint", {
  variants: {
    look: {
      plain: "",
      quiet:
        "opacity-0 transition-opacity group-hover/choice:opacity-100 group-focus-visible/choice:opacity-100 " +
        "group-data-[state=open]/choice:opacity-100 [@media(hover:none)]:opacity-100",
      box: "",
    },
  },
});

export function Choice<T extends string>({
  value,
  options,
  onChange,
  label,
  id,
  disabled = false,
  look = "plain",
  className,
}: ChoiceProps<T>) {
  // Radix keeps the empty value for "nothing chosen"; here it may be an option like any other.
  const inside = (outside: string) => `=${outside}`;
  return (
    <S.Root disabled={disabled} value={inside(value)} onValueChange={(chosen) => onChange(chosen.slice(1) as T)}>
      <S.Trigger {...(id && { id })} aria-label={label} className={looks({ look, className })}>
        <S.Value />
        <S.Icon>
          <ChevronDown className={chevron({ look })} />
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
