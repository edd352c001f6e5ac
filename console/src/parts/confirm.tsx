// A second thought before something goes away.
import { AlertDialog as A } from "radix-ui";
import { type FormEvent, useRef, useState } from "react";
import { useText } from "@/text/text";
import { Button } from "./button";
import { TextField } from "./form";
import { useReturn } from "./return";

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  body: string;
  /** What the button that does it says. */
  action: string;
  /** What the field for a reason is called, where one is kept. */
  reason?: string | undefined;
  onConfirm: (reason: string) => void;
}

export function Confirm({ open, onOpenChange, ...rest }: ConfirmProps) {
  const focus = useReturn();
  const box = useRef<HTMLDivElement>(null);
  return (
    <A.Root open={open} onOpenChange={onOpenChange}>
      <A.Portal>
        <A.Overlay className="fixed inset-0 z-40 bg-black/25 dark:bg-black/55" />
        <A.Content
          {...focus}
          ref={box}
          data-dialog
          className="rise fixed top-[22vh] left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 rounded-xl border border-line bg-sheet p-6 shadow-lifted"
          onOpenAutoFocus={(event) => {
            focus.onOpenAutoFocus(event);
            const field = box.current?.querySelector("input");
            if (!field) return;
            event.preventDefault();
            field.focus();
          }}
        >
          <Question {...rest} onDone={() => onOpenChange(false)} />
        </A.Content>
      </A.Portal>
    </A.Root>
  );
}

type QuestionProps = Omit<ConfirmProps, "open" | "onOpenChange"> & { onDone: () => void };

function Question({ title, body, action, reason, onConfirm, onDone }: QuestionProps) {
  const say = useText();
  const [typed, setTyped] = useState("");
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    onConfirm(typed.trim());
    onDone();
  };
  return (
    <form onSubmit={confirm}>
      <A.Title className="font-serif text-[20px]">{title}</A.Title>
      <A.Description className="mt-1 text-soft">{body}</A.Description>
      {reason !== undefined && <TextField className="mt-4" label={reason} value={typed} onChange={setTyped} />}
      <div className="mt-5 flex justify-end gap-2">
        <A.Cancel asChild>
          <Button look="ghost">{say("form.cancel")}</Button>
        </A.Cancel>
        <Button className="text-red" type="submit">
          {action}
        </Button>
      </div>
    </form>
  );
}
