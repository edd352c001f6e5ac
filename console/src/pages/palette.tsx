// Everything that can be done, and every prompt, found by typing: Ctrl+K.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { type ReactNode, useState } from "react";
import { useCommands } from "@/parts/commands";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { searchQuery } from "./queries";

/** Of the prompts that match, as many as a person looks through. */
const MOST = 20;

export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const say = useText();
  const navigate = useNavigate();
  const commands = useCommands();
  const [sought, setSought] = useState("");
  const { data } = useQuery({ ...searchQuery({ text: sought, limit: MOST }), enabled: open });
  const change = (opened: boolean) => {
    setSought("");
    onOpenChange(opened);
  };
  const perform = (action: () => void) => {
    change(false);
    action();
  };
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent className="w-[min(36rem,calc(100vw-2rem))] p-0">
        <DialogTitle className="sr-only">{say("command.title")}</DialogTitle>
        <DialogDescription className="sr-only">{say("command.search")}</DialogDescription>
        <Command loop filter={matches} label={say("command.title")}>
          <Command.Input
            value={sought}
            onValueChange={setSought}
            placeholder={say("command.search")}
            className="w-full border-line border-b bg-transparent px-5 py-4 text-[15px] outline-none placeholder:text-faint"
          />
          <Command.List className="max-h-[50vh] overflow-auto p-2">
            <Command.Empty className="px-3 py-8 text-center text-faint">{say("command.none")}</Command.Empty>
            <Group heading={say("command.actions")}>
              {commands.map((command) => (
                <Row
                  key={command.id}
                  value={`${command.label} ·${command.id}`}
                  onSelect={() => perform(command.perform)}
                >
                  {command.label}
                  {command.keys && <kbd className="ml-auto font-mono text-[11px] text-faint">{command.keys}</kbd>}
                </Row>
              ))}
            </Group>
            <Group heading={say("command.prompts")}>
              {(data?.entries ?? []).map(({ key, name, folder, tags, found }) => (
                <Row
                  key={key}
                  value={`${name} ${key} ${folder} ${tags?.join(" ")} ${found ? sought : ""} ·prompt`}
                  onSelect={() => perform(() => void navigate({ to: "/prompts/$key", params: { key } }))}
                >
                  {name || key}
                  <span className="ml-auto font-mono text-[11px] text-faint">{key}</span>
                </Row>
              ))}
            </Group>
          </Command.List>
        </Command>
      </DialogContent>
    </Dialog>
  );
}

/** Each word that was typed stands in the text; what follows the dot only tells equal texts apart. */
function matches(value: string, sought: string): number {
  const text = (value.split("·")[0] ?? "").toLowerCase();
  return sought
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
    ? 1
    : 0;
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:eyebrow **:[[cmdk-group-heading]]:px-3 **:[[cmdk-group-heading]]:pt-2.5 **:[[cmdk-group-heading]]:pb-1"
    >
      {children}
    </Command.Group>
  );
}

function Row({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex items-center gap-4 rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-ink/6"
    >
      {children}
    </Command.Item>
  );
}
