// What can be done with a row: edit it, or delete it after a second thought.
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { AlertDialog as A } from "radix-ui";
import { useState } from "react";
import { useText } from "@/text/text";
import { Button } from "./button";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "./overlay";

interface RowMenuProps {
  /** What the row is called. */
  name: string;
  onEdit: () => void;
  onDelete: () => void;
}

export function RowMenu({ name, onEdit, onDelete }: RowMenuProps) {
  const say = useText();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button look="ghost" size="tiny" aria-label={say("form.more", { name })}>
            <Ellipsis />
          </Button>
        </MenuTrigger>
        <MenuContent>
          <MenuItem onSelect={onEdit}>
            <Pencil /> {say("form.edit")}
          </MenuItem>
          <MenuLine />
          <MenuItem className="text-red [&_svg]:text-red" onSelect={() => setAsking(true)}>
            <Trash2 /> {say("form.delete")}
          </MenuItem>
        </MenuContent>
      </Menu>
      <A.Root open={asking} onOpenChange={setAsking}>
        <A.Portal>
          <A.Overlay className="fixed inset-0 z-40 bg-black/25 dark:bg-black/55" />
          <A.Content className="rise fixed top-[22vh] left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 rounded-xl border border-line bg-sheet p-6 shadow-lifted">
            <A.Title className="font-serif text-[20px]">{say("form.delete.title", { name })}</A.Title>
            <A.Description className="mt-1 text-soft">{say("form.delete.body")}</A.Description>
            <div className="mt-5 flex justify-end gap-2">
              <A.Cancel asChild>
                <Button look="ghost">{say("form.cancel")}</Button>
              </A.Cancel>
              <A.Action asChild onClick={onDelete}>
                <Button className="text-red">{say("form.delete")}</Button>
              </A.Action>
            </div>
          </A.Content>
        </A.Portal>
      </A.Root>
    </>
  );
}
