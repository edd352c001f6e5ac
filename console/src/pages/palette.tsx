// Everything that can be done, and every prompt, found by typing: Ctrl+K.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command as List } from "cmdk";
import { type ReactNode, useState } from "react";
import { type Command, useCommands } from "@/parts/commands";
import type { DialogPlace } from "@/parts/dialogs";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { searchQuery } from "./queries";

/** Of the prompts that match, as many as a person looks through. */
const MOST = 20;

export function Palette({ place }: { place: DialogPlace }) {
  const say = useText();
  const navigate = useNavigate();
  const commands = useCommands();
  const [sought, setSought] = useState("");
  const { data } = useQuery({ ...searchQuery({ text: sought, limit: MOST }), enabled: place.open });
  const change = (opened: boolean) => {
    setSought("");
    place.onOpenChange(opened);
  };
  const perform = (action: () => void) => {
    setSought("");
    void place.close().then(action);
  };
  return (
    <Dialog open={place.open} onOpenChange={change}>
      <DialogContent className="w-[min(36rem,calc(100vw-2rem))] p-0">
        <DialogTitle className="sr-only">{say("command.title")}</DialogTitle>
        <DialogDescription className="sr-only">{say("command.search")}</DialogDescription>
        <List loop filter={matches} label={say("command.title")}>
          <List.Input
            value={sought}
            onValueChange={setSought}
            placeholder={say("command.search")}
            className="w-full border-line border-b bg-transparent px-5 py-4 text-[15px] outline-none placeholder:text-faint"
          />
          <List.List className="max-h-[50vh] overflow-auto p-2">
            <List.Empty className="px-3 py-8 text-center text-faint">{say("command.none")}</List.Empty>
            <Group heading={say("command.actions")}>
              {commands
                .filter(({ group }) => group === undefined)
                .map((command) => (
                  <Row key={command.id} value={foundBy(command)} onSelect={() => perform(command.perform)}>
                    {command.label}
                    {command.keys && <kbd className="ml-auto font-mono text-[11px] text-faint">{command.keys}</kbd>}
                  </Row>
                ))}
            </Group>
            <Group heading={say("command.versions")}>
              {best(commands, sought).map((command) => (
                <Row key={command.id} value={foundBy(command)} onSelect={() => perform(command.perform)}>
                  <span className="shrink-0 font-mono text-[13px]">{command.label}</span>
                  <span className="ml-auto truncate text-faint text-xs">{command.note}</span>
                </Row>
              ))}
            </Group>
            <Group heading={say("command.prompts")}>
              {(data?.entries ?? []).map(({ key, name, folder, tags, found }) => (
                <Row
                  key={key}
                  value={`${name} ${key} ${folder} ${tags?.join(" ")} ${found ? sought : ""}${BAR}prompt`}
                  onSelect={() => perform(() => void navigate({ to: "/prompts/$key", params: { key } }))}
                >
                  {name || key}
                  <span className="ml-auto font-mono text-[11px] text-faint">{key}</span>
                </Row>
              ))}
            </Group>
          </List.List>
        </List>
      </DialogContent>
    </Dialog>
  );
}

/** What a command is found by; what follows the bar only tells equal texts apart. */
function foundBy({ id, label, note = "" }: Command): string {
  return `${label} ${note}${BAR}${id}`;
}

/** Of the versions and labels that match, the first few. */
function best(commands: readonly Command[], sought: string): Command[] {
  return commands
    .filter(({ group }) => group === "versions")
    .map((command) => ({ command, score: matches(foundBy(command), sought) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, MOST)
    .map(({ command }) => command);
}

const BAR = "\u001f";

/** Each word that was typed stands in the text; what begins with just that comes first: v3 before v30. */
function matches(value: string, typed: string): number {
  const text = (value.split(BAR)[0] ?? "").toLowerCase();
  const sought = typed.trim().toLowerCase();
  if (!sought.split(/\s+/).every((word) => text.includes(word))) return 0;
  return text.startsWith(`${sought} `) ? 1 : 0.5;
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <List.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:eyebrow **:[[cmdk-group-heading]]:px-3 **:[[cmdk-group-heading]]:pt-2.5 **:[[cmdk-group-heading]]:pb-1"
    >
      {children}
    </List.Group>
  );
}

function Row({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <List.Item
      value={value}
      onSelect={onSelect}
      className="flex items-center gap-4 rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-ink/6"
    >
      {children}
    </List.Item>
  );
}
