// The messages of a prompt, set like a screenplay: who speaks at the left, what is said at the right.
import { ArrowDown, ArrowUp, CopyPlus, Ellipsis, Plus, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import type { Role } from "@/api/client";
import { Editor, type Mark } from "@/editor/editor";
import type { Includable } from "@/editor/includes";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { Menu, MenuContent, MenuItem, MenuLine, MenuTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { Attach, taken } from "./attach";
import type { Part, Refused } from "./attachments";
import { type Edit, type Line, line, nextRole, type Slot, withAdded, withLine, withMoved, withoutLine } from "./draft";
import { type Findings, marksOf } from "./findings";
import { Included } from "./included";
import { PartList } from "./part-list";
import { RefusedNote } from "./refused-note";
import type { DraftActions } from "./use-draft";

const NONE: readonly Mark[] = [];
const QUIET =
  "opacity-0 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 " +
  "data-[state=open]:opacity-100 [@media(hover:none)]:opacity-100";
const ROLES: readonly Role[] = ["system", "user", "assistant", "tool", "placeholder"];

export interface MessagesProps {
  edit: Edit;
  findings: Findings;
  snippets: readonly Includable[];
  slots: readonly Slot[];
  actions: DraftActions;
}

export function Messages({ edit, findings, snippets, slots, actions }: MessagesProps) {
  const say = useText();
  const [added, setAdded] = useState<string>();
  const names = slots.flatMap(({ name, type }) => (type === "string" ? [name] : []));
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
            number={at}
            names={names}
            snippets={snippets}
            findings={findings}
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
  number: number;
  names: readonly string[];
  snippets: readonly Includable[];
  findings: Findings;
  marks: readonly Mark[];
  autoFocus: boolean;
  actions: DraftActions;
}

function MessageRow({ line: { uid, message }, number, names, snippets, findings, ...row }: MessageRowProps) {
  const { first, last, marks, autoFocus, actions } = row;
  const say = useText();
  const [refused, setRefused] = useState<Refused>();
  const role = say(`role.${message.role}`);
  const parts = message.parts ?? [];
  // Vendors take pictures and files from a user, an assistant and a tool; a placeholder is a name.
  const takesParts = message.role !== "placeholder" && message.role !== "system";
  const setParts = (changed: Part[], at?: number) =>
    actions.edit((now) => withParts(now, uid, changed), at === undefined ? undefined : `${uid} part ${at}`);
  const add = (added: Part[]) => setParts([...parts, ...added]);
  const take = (files: FileList, event: { preventDefault: () => void }) => {
    if (files.length === 0 || !takesParts) return;
    event.preventDefault();
    void taken([...files], add, setRefused);
  };
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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: files may be dropped anywhere on a message; the button beside it does the same. */}
      <div
        className="order-3 col-span-2 min-w-0 sm:order-none sm:col-span-1"
        onPasteCapture={(event) => take(event.clipboardData.files, event)}
        onDragOver={(event) => takesParts && event.preventDefault()}
        onDropCapture={(event) => take(event.dataTransfer.files, event)}
      >
        <Editor
          value={message.content}
          label={say("messages.text", { role })}
          hint={say(`messages.placeholder.${message.role}`)}
          names={names}
          snippets={snippets}
          marks={marks}
          autoFocus={autoFocus}
          onChange={(content) => actions.edit((now) => withLine(now, uid, { content }), uid)}
        />
        <PartList
          parts={parts}
          onChange={setParts}
          names={names}
          snippets={snippets}
          marks={(part) => marksOf(findings, number, part)}
        />
        <Included findings={findings} message={number} />
        <RefusedNote refused={refused} />
      </div>
      <div className="flex">
        {takesParts && <Attach onAdd={add} onRefused={setRefused} className={QUIET} />}
        <MessageMenu uid={uid} first={first} last={last} message={message} actions={actions} />
      </div>
    </li>
  );
}

type MessageMenuProps = Pick<MessageRowProps, "first" | "last" | "actions"> & Line;

function MessageMenu({ uid, message, first, last, actions }: MessageMenuProps) {
  const say = useText();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button look="ghost" size="tiny" aria-label={say("messages.more")} className={QUIET}>
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

/** A message without parts has no list of them, so that taking the last one away leaves what was there before. */
function withParts(edit: Edit, uid: string, parts: Part[]): Edit {
  if (parts.length > 0) return withLine(edit, uid, { parts });
  const lines = edit.lines.map((it) => {
    if (it.uid !== uid) return it;
    const { parts: _, ...message } = it.message;
    return { uid, message };
  });
  return { ...edit, lines };
}
