// The tools of a prompt: what the model may call, whether it must, and who answers in runs of this page.
import { useQuery } from "@tanstack/react-query";
import { Plug, Plus, Server } from "lucide-react";
import type { Tool } from "@/api/tools";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { useDialogOf } from "@/parts/dialogs";
import { RowMenu } from "@/parts/row-menu";
import { useText } from "@/text/text";
import { modelsQuery } from "../../queries";
import type { Edit } from "../draft";
import type { DraftActions } from "../use-draft";
import { ServerDialog } from "./server-dialog";
import { ToolDialog } from "./tool-dialog";
import {
  bindingOf,
  choiceShown,
  kindOf,
  MODES,
  type ToolsMode,
  toolsOf,
  withChoice,
  withoutServer,
  withoutTool,
} from "./tools";

interface ToolsProps {
  edit: Edit;
  actions: DraftActions;
  mode: ToolsMode;
  onMode: (mode: ToolsMode) => void;
}

const nameOf = ({ name }: { name: string }) => name;

export function Tools({ edit, actions, mode, onMode }: ToolsProps) {
  const say = useText();
  const { data: models = [] } = useQuery(modelsQuery);
  const reason = models.find(({ id }) => id === edit.settings.model)?.unsupported?.["tools"];
  const tools = toolsOf(edit);
  const tool = useDialogOf("tool", tools, nameOf);
  const server = useDialogOf("server", edit.settings.mcp_servers ?? [], nameOf);
  return (
    <section aria-label={say("tools.title")} className="mt-8">
      <div className="flex min-h-7 flex-wrap items-center gap-x-2">
        <h2 className="eyebrow mr-1">{say("tools.title")}</h2>
        {tools.length > 0 && <Choices edit={edit} actions={actions} mode={mode} onMode={onMode} />}
        {reason && <span className="text-amber text-xs">{reason}</span>}
      </div>
      <ul className="mt-1">
        {tools.map((it) => (
          <ToolRow key={it.name} tool={it} edit={edit} actions={actions} onOpen={() => tool.show(it.name)} />
        ))}
        {edit.settings.mcp_servers?.map(({ name, url }) => (
          <li key={name} aria-label={name} className="flex items-center gap-3 border-line border-b py-2">
            <Server className="size-3.5 shrink-0 text-faint" />
            <button type="button" className="font-mono text-[13px]" onClick={() => server.show(name)}>
              {name}
            </button>
            <span className="min-w-0 flex-1 truncate text-faint text-xs">{url}</span>
            <RowMenu
              kind="server"
              name={name}
              onEdit={() => server.show(name)}
              onDelete={() => actions.edit((now) => withoutServer(now, name))}
            />
          </li>
        ))}
      </ul>
      <div className="-ml-2 mt-1 flex">
        <Button look="ghost" size="small" onClick={() => tool.show()}>
          <Plus /> {say("tools.add")}
        </Button>
        <Button look="ghost" size="small" onClick={() => server.show()}>
          <Plug /> {say("tools.server.add")}
        </Button>
      </div>
      {tool.open && (
        <ToolDialog key={tool.about} stored={tool.stored} edit={edit} actions={actions} onClose={tool.close} />
      )}
      {server.open && (
        <ServerDialog key={server.about} stored={server.stored} edit={edit} actions={actions} onClose={server.close} />
      )}
    </section>
  );
}

function Choices({ edit, actions, mode, onMode }: ToolsProps) {
  const say = useText();
  const choices = [
    ...(["", "auto", "required", "none"] as const).map((value) => ({
      value: value as string,
      label: say(`tools.choice.${value || "default"}`),
    })),
    ...toolsOf(edit).map(({ name }) => ({ value: `=${name}`, label: say("tools.choice.named", { name }) })),
  ];
  return (
    <>
      <Choice
        label={say("tools.choice")}
        value={choiceShown(edit)}
        options={choices}
        onChange={(chosen) => actions.edit((now) => withChoice(now, chosen))}
      />
      <Choice
        label={say("tools.mode")}
        value={mode}
        options={MODES.map((value) => ({ value, label: say(`tools.mode.${value}`) }))}
        onChange={onMode}
      />
    </>
  );
}

interface ToolRowProps {
  tool: Tool;
  edit: Edit;
  actions: DraftActions;
  onOpen: () => void;
}

function ToolRow({ tool, edit, actions, onOpen }: ToolRowProps) {
  const say = useText();
  const binding = bindingOf(edit, tool.name);
  const marks = [say(`tools.kind.${kindOf(binding)}`), ...(binding.mock ? [say("tools.mocked")] : [])];
  return (
    <li aria-label={tool.name} className="flex items-center gap-3 border-line border-b py-2">
      <button type="button" className="font-mono text-[13px] text-blue" onClick={onOpen}>
        {tool.name}
      </button>
      <span className="min-w-0 flex-1 truncate text-[13px] text-soft">{tool.description}</span>
      <span className="text-faint text-xs">{marks.join(" · ")}</span>
      <RowMenu
        kind="tool"
        name={tool.name}
        onEdit={onOpen}
        onDelete={() => actions.edit((now) => withoutTool(now, tool.name))}
      />
    </li>
  );
}
