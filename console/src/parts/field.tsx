// Where a person writes a line, a number or a few lines, and the label that names it.
import type { ComponentProps, KeyboardEvent } from "react";
import { cn } from "./cn";
import { isShortcut } from "./keys";

const BOX =
  "w-full rounded-lg border border-line bg-sheet text-ink placeholder:text-faint/80 transition-colors hover:border-edge " +
  "focus-visible:border-blue focus-visible:outline-1 focus-visible:outline-offset-0 focus-visible:outline-blue " +
  "aria-invalid:border-red aria-invalid:focus-visible:outline-red disabled:opacity-50";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cn(BOX, "h-9 px-3 text-sm", className)} autoComplete="off" {...rest} />;
}

/** Grows with its text. Ctrl+Enter does in a form what Enter does in a line of it. */
export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  const send = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (!event.defaultPrevented && isShortcut(event.nativeEvent, "Enter")) event.currentTarget.form?.requestSubmit();
  };
  return (
    <textarea
      className={cn(BOX, "field-sizing-content max-h-60 resize-none px-3 py-2 text-sm leading-relaxed", className)}
      rows={1}
      spellCheck={false}
      onKeyDown={send}
      {...rest}
    />
  );
}

export function Label({ className, ...rest }: ComponentProps<"label">) {
  // biome-ignore lint/a11y/noLabelWithoutControl: the caller says which control by htmlFor.
  return <label className={cn("text-[13px] font-medium text-ink", className)} {...rest} />;
}
