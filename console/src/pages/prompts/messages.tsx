// The messages of a prompt, set like a screenplay: who speaks at the left, what is said at the right.
import { ArrowDown, ArrowUp, CopyPlus, Ellipsis, Plus, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import type { Role } from "@/api/client";
import { Editor, type Mark } from "@/editor/editor";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { type Edit, type Line, line, nextRole, slots, withAdded, withLine, withMoved, withoutLine } from "./draft";
import { type Findings, marksOf } from "./findings";
import type { DraftActions } from "./use-draft";

const NONE: readonly Mark[] = [];
const ROLES: readonly Role[] = ["system", "user", "assistant", "tool", "placeholder"];

interface MessagesProps {
  edit: Edit;
  findings: Findings;
  actions: DraftActions;
}

export function Messages({ edit, findings, actions }: MessagesProps) {
  const say = useText();
  const [added, setAdded] = useState<string>();
  const names = slots(edit).flatMap(({ name, type }) => (type === "string" ? [name] : []));
  const marks = useMemo(() => findings.edit.lines.map((_, at) => marksOf(findings, at)), [findings]);
  const add = () => {
    const fresh = line({ role: nextRole(edit.lines), content: "" });
    setAdded(fresh.uid);
    actions.edit((now) => withAdded(now, fresh));
  };
  return (
    <section aria-label={say("messages.title")}>
      {edit.lines.length === 0 && <p className="py-6 text-faint">{say("messages.empty")}</p>}
      <ol>
        {edit.lines.map((it, at) => (
          <MessageRow
            key={it.uid}
            line={it}
            first={at === 0}
            last={at === edit.lines.length - 1}
            names={names}
            marks={marks[at] ?? NONE}
            autoFocus={it.uid === added}
            actions={actions}
          />
        ))}
      </ol>
      <Button look="ghost" size="small" className="-ml-2 mt-2" onClick={add}>
        <Plus /> {say("messages.add")}
      </Button>
    </section>
  );
}

interface MessageRowProps {
  line: Line;
  first: boolean;
  last: boolean;
  names: readonly string[];
  marks: readonly Mark[];
  autoFocus: boolean;
  actions: DraftActions;
}

function MessageRow({ line: { uid, message }, first, last, names, marks, autoFocus, actions }: MessageRowProps) {
  const say = useText();
  const role = say(`role.${message.role}`);
  return (
    <li className="group grid grid-cols-[1fr_auto] gap-x-2 border-line border-b py-4 first:pt-0 sm:grid-cols-[7.25rem_1fr_auto]">
      <div className="-ml-2 -mt-0.5">
        <Choice
          value={message.role}
          label={say("messages.role")}
          look="quiet"
          options={ROLES.map((value) => ({ value, label: say(`role.${value}`) }))}
          onChange={(chosen) => actions.edit((now) => withLine(now, uid, { role: chosen }))}
        />
      </div>
      <div className="order-3 col-span-2 min-w-0 sm:order-none sm:col-span-1">
        <Editor
          value={message.content}
          label={say("messages.text", { role })}
          hint={say(`messages.placeholder.${message.role}`)}
          names={names}
          marks={marks}
          autoFocus={autoFocus}
          onChange={(content) => actions.edit((now) => withLine(now, uid, { content }), uid)}
        />
      </div>
      <MessageMenu uid={uid} first={first} last={last} message={message} actions={actions} />
    </li>
  );
}

type MessageMenuProps = Pick<MessageRowProps, "first" | "last" | "actions"> & Line;

function MessageMenu({ uid, message, first, last, actions }: MessageMenuProps) {
  const say = useText();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button
          look="ghost"
          size="tiny"
          aria-label={say("messages.more")}
          className="opacity-0 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 [@media(hover:none)]:opacity-100"
        >
          <Ellipsis />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuItem disabled={first} onSelect={() => actions.edit((now) => withMoved(now, uid, -1))}>
          <ArrowUp /> {say("messages.up")}
        </MenuItem>
        <MenuItem disabled={last} onSelect={() => actions.edit((now) => withMoved(now, uid, 1))}>
          <ArrowDown /> {say("messages.down")}
        </MenuItem>
        <MenuItem onSelect={() => actions.edit((now) => withAdded(now, line(message), uid))}>
          <CopyPlus /> {say("messages.copy")}
        </MenuItem>
        <MenuLine />
        <MenuItem className="text-red [&_svg]:text-red" onSelect={() => actions.edit((now) => withoutLine(now, uid))}>
          <Trash2 /> {say("messages.delete")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
