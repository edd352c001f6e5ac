// The place for the tools of a prompt as they are edited: all pure, an edit in and an edit out.
import type { Binding, McpServer, Mock, Tool } from "@/api/tools";
import { type Edit, withSettings } from "../draft";
import { withSetting } from "../parameters";

/** Who answers tool calls in runs of the page. */
export type ToolsMode = "answer" | "step" | "caller";
export const MODES: readonly ToolsMode[] = ["answer", "step", "caller"];

export type Kind = "function" | "http" | "mcp";

export function toolsOf({ settings }: Edit): readonly Tool[] {
  return settings.tools ?? [];
}

export function bindingOf({ settings }: Edit, name: string): Binding {
  return settings.bindings?.find((it) => it.name === name) ?? { name };
}

export function kindOf({ http, mcp }: Binding): Kind {
  return http ? "http" : mcp ? "mcp" : "function";
}

/** The server a tool is of, if it is of one. */
export function serverOf({ settings }: Edit, { mcp }: Binding): McpServer | undefined {
  return settings.mcp_servers?.find(({ name }) => name === mcp?.server);
}

/** The tool put in the place of the one called `was`, or at the end. */
export function withTool(edit: Edit, tool: Tool, binding: Binding, was = tool.name): Edit {
  const { tools = [], bindings = [] } = edit.settings;
  const bound = binding.http || binding.mcp || binding.mock;
  const others = bindings.filter(({ name }) => name !== was && name !== tool.name);
  return tidy(edit, {
    tools: placed(tools, tool, was),
    bindings: bound ? placed(bindings, { ...binding, name: tool.name }, was) : others,
    tool_choice: was !== tool.name && chosenOf(edit) === was ? choiceOf(tool.name) : edit.settings.tool_choice,
  });
}

export function withoutTool(edit: Edit, name: string): Edit {
  const { tools = [], bindings = [] } = edit.settings;
  const left = tools.filter((it) => it.name !== name);
  const gone = left.length === 0 || chosenOf(edit) === name;
  return tidy(edit, {
    tools: left,
    bindings: bindings.filter((it) => it.name !== name),
    tool_choice: gone ? undefined : edit.settings.tool_choice,
  });
}

/** The server with the tools that are ticked: the model may call them. What is asked of their calls stays. */
export function withServer(edit: Edit, server: McpServer, offered: readonly Tool[], ticked: ReadonlySet<string>): Edit {
  const { bindings = [], mcp_servers: servers = [] } = edit.settings;
  const bound = bindings.filter(({ mcp }) => mcp?.server === server.name).map(({ name }) => name);
  let changed = tidy(edit, { mcp_servers: placed(servers, server, server.name) });
  for (const name of bound) if (!ticked.has(name)) changed = withoutTool(changed, name);
  for (const tool of offered)
    if (ticked.has(tool.name))
      changed = withTool(changed, withSetting(tool, "strict", strictOf(edit, tool.name)) ?? tool, {
        ...bindingOf(edit, tool.name),
        mcp: { server: server.name, tool: tool.name },
      });
  return changed;
}

/** Without the server, and the tools that are its. */
export function withoutServer(edit: Edit, name: string): Edit {
  const { bindings = [], mcp_servers: servers = [] } = edit.settings;
  const own = bindings.filter(({ mcp }) => mcp?.server === name);
  const left = own.reduce((now, binding) => withoutTool(now, binding.name), edit);
  return tidy(left, { mcp_servers: servers.filter((it) => it.name !== name) });
}

/** A reply kept with the draft: the next call with these arguments gets it. */
export function withRecording(edit: Edit, name: string, args: string, reply: string, isError = false): Edit {
  const tool = toolsOf(edit).find((it) => it.name === name);
  if (!tool) return edit;
  const binding = bindingOf(edit, name);
  const known = binding.mock;
  const fresh = { arguments: args || "{}", reply, is_error: isError };
  const kept = known?.kind === "recorded" ? (known.recordings ?? []) : [];
  const others = kept.filter((it) => canonical(it.arguments) !== canonical(args));
  const mock: Mock = { ...known, kind: "recorded", recordings: [...others, fresh] };
  return withTool(edit, tool, { ...binding, mock });
}

/** The same text for the same arguments. */
export function canonical(args: string): string {
  try {
    return JSON.stringify(JSON.parse(args || "{}"), (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  } catch {
    return args;
  }
}

/** What the model must do: "auto", "none", "required", or the name of a tool after "=". */
export function choiceShown(edit: Edit): string {
  const { tool_choice: choice } = edit.settings;
  const name = chosenOf(edit);
  return name === undefined ? (typeof choice === "string" ? choice : "") : `=${name}`;
}

export function withChoice(edit: Edit, shown: string): Edit {
  const choice = shown.startsWith("=") ? choiceOf(shown.slice(1)) : shown || undefined;
  return tidy(edit, { tool_choice: choice });
}

/** Why a tool cannot be called so. */
export function nameProblem(edit: Edit, name: string, was?: string): "tools.name.bad" | "tools.name.taken" | undefined {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return "tools.name.bad";
  return name !== was && toolsOf(edit).some((it) => it.name === name) ? "tools.name.taken" : undefined;
}

function choiceOf(name: string): unknown {
  return { type: "function", function: { name } };
}

function strictOf(edit: Edit, name: string): boolean | undefined {
  return toolsOf(edit).find((it) => it.name === name)?.strict;
}

function chosenOf({ settings: { tool_choice: choice } }: Edit): string | undefined {
  if (typeof choice !== "object" || choice === null) return undefined;
  const { function: chosen } = choice as { function?: { name?: unknown } };
  return typeof chosen?.name === "string" ? chosen.name : undefined;
}

function placed<T extends { name: string }>(list: readonly T[], one: T, was: string): T[] {
  const at = list.findIndex(({ name }) => name === was);
  return at < 0 ? [...list, one] : list.map((it, place) => (place === at ? one : it));
}

/** Settings changed; what is empty is left out, as the server does. */
function tidy(edit: Edit, change: { [K in keyof Edit["settings"]]?: Edit["settings"][K] | undefined }): Edit {
  const settings = { ...edit.settings, ...change };
  const kept = Object.entries(settings).filter(
    ([name, value]) => value !== undefined && !(name in change && Array.isArray(value) && value.length === 0),
  );
  return withSettings({ ...edit, settings: Object.fromEntries(kept) as Edit["settings"] }, {});
}
