// A second thought before something goes away.
import { AlertDialog as A } from "radix-ui";
import { useText } from "@/text/text";
import { Button } from "./button";
import { useReturn } from "./return";

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  body: string;
  /** What the button that does it says. */
  action: string;
  onConfirm: () => void;
}

export function Confirm({ open, onOpenChange, title, body, action, onConfirm }: ConfirmProps) {
  const say = useText();
  const focus = useReturn();
  return (
    <A.Root open={open} onOpenChange={onOpenChange}>
      <A.Portal>
        <A.Overlay className="fixed inset-0 z-40 bg-black/25 dark:bg-black/55" />
        <A.Content
          {...focus}
          className="rise fixed top-[22vh] left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 rounded-xl border border-line bg-sheet p-6 shadow-lifted"
        >
          <A.Title className="font-serif text-[20px]">{title}</A.Title>
          <A.Description className="mt-1 text-soft">{body}</A.Description>
          <div className="mt-5 flex justify-end gap-2">
            <A.Cancel asChild>
              <Button look="ghost">{say("form.cancel")}</Button>
            </A.Cancel>
            <A.Action asChild onClick={onConfirm}>
              <Button className="text-red">{action}</Button>
            </A.Action>
          </div>
        </A.Content>
      </A.Portal>
    </A.Root>
  );
}
