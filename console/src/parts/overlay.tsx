// What lies above the page: tooltips, popovers, menus and dialogs.
import { Dialog as D, DropdownMenu as M, Popover as P, Tooltip as T } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { noteOpener, useReturn } from "./return";

const LIFTED = "rise z-50 rounded-xl border border-line bg-sheet text-ink shadow-lifted outline-none";

/** Says what a control does and which keys do the same. */
export function Hint({ text, keys, children }: { text: string; keys?: string; children: ReactNode }) {
  return (
    <T.Root>
      <T.Trigger asChild>{children}</T.Trigger>
      <T.Portal>
        <T.Content
          sideOffset={6}
          className="rise z-60 flex items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-paper shadow-lifted"
        >
          {text}
          {keys && <span className="font-mono text-[10.5px] opacity-65">{keys}</span>}
        </T.Content>
      </T.Portal>
    </T.Root>
  );
}

export const HintProvider = T.Provider;

export const Popover = P.Root;
export const PopoverTrigger = P.Trigger;

export function PopoverContent({ className, ...rest }: ComponentProps<typeof P.Content>) {
  return (
    <P.Portal>
      <P.Content align="end" sideOffset={6} collisionPadding={12} className={cn(LIFTED, "p-4", className)} {...rest} />
    </P.Portal>
  );
}

export const Menu = M.Root;
export const MenuTrigger = M.Trigger;
export const MenuGroup = M.RadioGroup;

export function MenuContent({ className, ...rest }: ComponentProps<typeof M.Content>) {
  return (
    <M.Portal>
      <M.Content
        align="end"
        sideOffset={6}
        collisionPadding={12}
        className={cn(LIFTED, "min-w-44 p-1", className)}
        {...rest}
      />
    </M.Portal>
  );
}

const ROW =
  "flex select-none items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-sm outline-none data-[highlighted]:bg-ink/6 " +
  "data-[disabled]:opacity-45 [&_svg]:size-4 [&_svg]:stroke-[1.75] [&_svg]:text-faint";

export function MenuItem({ className, onSelect, ...rest }: ComponentProps<typeof M.Item>) {
  const select = (event: Event) => {
    noteOpener(event.currentTarget);
    onSelect?.(event);
  };
  return <M.Item className={cn(ROW, className)} onSelect={select} {...rest} />;
}

export function MenuChoice({ className, children, ...rest }: ComponentProps<typeof M.RadioItem>) {
  return (
    <M.RadioItem className={cn(ROW, "data-[state=checked]:text-blue", className)} {...rest}>
      {children}
      <M.ItemIndicator className="ml-auto text-blue">✓</M.ItemIndicator>
    </M.RadioItem>
  );
}

export function MenuTitle({ children }: { children: ReactNode }) {
  return <M.Label className="eyebrow px-2.5 pt-2 pb-1">{children}</M.Label>;
}

export function MenuLine() {
  return <M.Separator className="-mx-1 my-1 h-px bg-line" />;
}

export const Dialog = D.Root;
export const DialogClose = D.Close;
export const DialogTitle = D.Title;
export const DialogDescription = D.Description;

export function DialogContent({ className, children, ...rest }: ComponentProps<typeof D.Content>) {
  const focus = useReturn();
  return (
    <D.Portal>
      <D.Overlay className="fixed inset-0 z-40 bg-black/25 backdrop-blur-[1px] dark:bg-black/55" />
      <D.Content
        data-dialog
        className={cn(
          LIFTED,
          "fixed top-[14vh] left-1/2 z-50 max-h-[78vh] w-[min(28rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto p-6",
          className,
        )}
        {...focus}
        {...rest}
      >
        {children}
      </D.Content>
    </D.Portal>
  );
}
