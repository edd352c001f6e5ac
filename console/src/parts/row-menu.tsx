// What can be done with a row: edit it, or delete it after a second thought.
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useText } from "@/text/text";
import { Button } from "./button";
import { Confirm } from "./confirm";
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
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={say("form.delete.title", { name })}
        body={say("form.delete.body")}
        action={say("form.delete")}
        onConfirm={onDelete}
      />
    </>
  );
}
