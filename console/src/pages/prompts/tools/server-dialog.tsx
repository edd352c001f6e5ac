// An MCP server of a prompt: where it is, and which of its tools the model may call.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { listMcpTools, type McpServer, type Tool } from "@/api/tools";
import { Button } from "@/parts/button";
import { LinesField, NumberBox, TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import type { Edit } from "../draft";
import type { DraftActions } from "../use-draft";
import { headerLines, headersIn } from "./headers";
import { Secrets } from "./secrets";
import { withServer } from "./tools";

interface ServerDialogProps {
  stored: McpServer | undefined;
  edit: Edit;
  actions: DraftActions;
  onClose: () => void;
}

export function ServerDialog({ stored, edit, actions, onClose }: ServerDialogProps) {
  const say = useText();
  const [server, setServer] = useState<McpServer>(() => stored ?? { name: "", url: "https://", timeout_s: 30 });
  const [ticked, setTicked] = useState(() => tickedOf(edit, stored));
  const [problem, setProblem] = useState("");
  const asking = useMutation({ mutationFn: () => listMcpTools({ ...server, name: server.name || "server" }) });
  const offered: readonly Tool[] = asking.data?.tools ?? ownOf(edit, ticked);
  const change = (some: Partial<McpServer>) => setServer((now) => ({ ...now, ...some }));
  const tick = (name: string, on: boolean) =>
    setTicked((now) => new Set(on ? [...now, name] : [...now].filter((it) => it !== name)));
  const save = () => {
    const taken = edit.settings.mcp_servers?.some(({ name }) => name === server.name) && server.name !== stored?.name;
    if (server.name === "" || taken) return setProblem(say(taken ? "tools.name.taken" : "tools.server.noName"));
    const foreign = offered.find(
      ({ name }) =>
        ticked.has(name) &&
        edit.settings.tools?.some((it) => it.name === name) &&
        edit.settings.bindings?.find((it) => it.name === name)?.mcp?.server !== server.name,
    );
    if (foreign) return setProblem(say("tools.server.clash", { name: foreign.name }));
    actions.edit((now) => withServer(now, server, offered, ticked));
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent aria-describedby={undefined} className="top-[6vh] max-h-[88vh] w-[min(38rem,calc(100vw-2rem))]">
        <DialogTitle className="mb-5 font-serif text-[22px]">{stored?.name ?? say("tools.server.new")}</DialogTitle>
        <form
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <div className="grid grid-cols-[1fr_8rem] gap-4">
            <TextField
              mono
              label={say("tools.server.name")}
              value={server.name}
              disabled={stored !== undefined}
              onChange={(name) => change({ name })}
            />
            <NumberBox
              label={say("tools.timeout")}
              bad={say("form.notNumber")}
              value={server.timeout_s}
              onChange={(seconds) => change({ timeout_s: seconds ?? 30 })}
            />
          </div>
          <TextField mono label={say("tools.server.url")} value={server.url} onChange={(url) => change({ url })} />
          <LinesField
            mono
            label={say("tools.headers")}
            note={say("tools.headers.help")}
            value={headerLines(server.headers)}
            onChange={(lines) => change({ headers: headersIn(lines) })}
          />
          <Secrets />
          <div>
            <Button size="small" disabled={asking.isPending} onClick={() => asking.mutate()}>
              {say("tools.server.ask")}
            </Button>
            {asking.data?.server && <span className="ml-2 text-faint text-xs">{asking.data.server}</span>}
            {asking.error && <p className="mt-1 text-red text-xs">{asking.error.message}</p>}
          </div>
          <ul aria-label={say("tools.server.offers")}>
            {offered.map((tool) => (
              <li key={tool.name} className="border-line border-b py-2">
                <label className="flex items-baseline gap-2.5">
                  <input
                    type="checkbox"
                    className="size-4 self-center accent-blue"
                    checked={ticked.has(tool.name)}
                    onChange={(event) => tick(tool.name, event.target.checked)}
                  />
                  <span className="font-mono text-[13px] text-blue">{tool.name}</span>
                  <span className="text-[13px] text-soft">{tool.description}</span>
                </label>
              </li>
            ))}
          </ul>
          <FormEnd problem={problem} />
        </form>
      </DialogContent>
    </Dialog>
  );
}

function tickedOf(edit: Edit, server: McpServer | undefined): ReadonlySet<string> {
  const own = edit.settings.bindings?.filter(({ mcp }) => server !== undefined && mcp?.server === server.name) ?? [];
  return new Set(own.map(({ name }) => name));
}

function ownOf(edit: Edit, names: ReadonlySet<string>): Tool[] {
  return edit.settings.tools?.filter(({ name }) => names.has(name)) ?? [];
}
