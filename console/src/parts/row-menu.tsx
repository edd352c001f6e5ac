// What can be done with a row: edit it, more of its own, or delete it after a second thought.
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useText } from "@/text/text";
import { Button } from "./button";
import { Confirm } from "./confirm";
import { useDialog } from "./dialogs";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "./overlay";

interface RowMenuProps {
  /** What kind of thing the row is, as the address says it. */
  kind: string;
  /** What the row is called. */
  name: string;
  /** What the address calls it, when that is something else. */
  about?: string;
  onEdit: () => void;
  /** What the field for the reason of a deletion is called, where one is kept. */
  reason?: string;
  onDelete: (reason: string) => void;
  /** What editing is called here. */
  edit?: string;
  /** Whether editing happens in the row, in what is marked `data-first`. */
  inRow?: boolean;
  /** What deleting does, and what the button that does it says. */
  body?: string;
  action?: string;
  /** Further items. */
  children?: ReactNode;
}

export function RowMenu({ kind, name, about = name, onEdit, onDelete, edit, inRow = false, ...rest }: RowMenuProps) {
  const { reason, body, action, children } = rest;
  const say = useText();
  const asking = useDialog(`delete-${kind}`);
  const editing = useRef(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const edits = () => {
    editing.current = inRow;
    onEdit();
  };
  const lead = (event: Event) => {
    const field = editing.current && trigger.current?.closest("li")?.querySelector<HTMLElement>("[data-first]");
    editing.current = false;
    if (!field) return;
    event.preventDefault();
    field.focus();
  };
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button ref={trigger} look="ghost" size="tiny" aria-label={say("form.more", { name })}>
            <Ellipsis />
          </Button>
        </MenuTrigger>
        <MenuContent onCloseAutoFocus={lead}>
          <MenuItem onSelect={edits}>
            <Pencil /> {edit ?? say("form.edit")}
          </MenuItem>
          {children}
          <MenuLine />
          <MenuItem className="text-red [&_svg]:text-red" onSelect={() => asking.show(about)}>
            <Trash2 /> {say("form.delete")}
          </MenuItem>
        </MenuContent>
      </Menu>
      <Confirm
        open={asking.open && asking.about === about}
        onOpenChange={asking.onOpenChange}
        title={say("form.delete.title", { name })}
        body={body ?? say("form.delete.body")}
        action={action ?? say("form.delete")}
        reason={reason}
        onConfirm={onDelete}
      />
    </>
  );
}
