// The place where a content waits to be opened in the workbench: left by another page, taken once, as an edit.
import type { Content } from "@/api/client";
import { type Edit, line } from "./draft";
import { keepValues, keptValues, shown } from "./values";

const waiting = new Map<string, Content>();

/** Leave `content` for the prompt `key`, and its variables with the values it had. */
export function leaveOpening(key: string, content: Content, variables: Record<string, unknown>): void {
  waiting.set(key, content);
  const values = Object.entries(variables).map(([name, value]) => [name, shown(value)] as const);
  keepValues(key, { ...keptValues(key), ...Object.fromEntries(values) });
}

/** What was left for the prompt `key`; it is there no more. */
export function takeOpening(key: string): Content | undefined {
  const content = waiting.get(key);
  waiting.delete(key);
  return content;
}

/** The edit with another content; its name stays. */
export function withContent(edit: Edit, content: Content): Edit {
  const { messages = [], ...settings } = content;
  const lines = messages.map((message) => line({ ...message, content: message.content ?? "" }));
  const plain = {
    model: settings.model ?? "",
    variables: settings.variables ?? [],
    engine: settings.engine ?? "plain",
  };
  return { ...edit, lines, settings: { ...settings, ...plain } };
}
