// The place where the page asks for help with writing that needs no model.
import { type Content, client, got } from "./client";
import type { components } from "./schema";

export type Finding = components["schemas"]["Finding"];

/** What could be better in a draft. */
export async function lint(content: Content, signal: AbortSignal): Promise<Finding[]> {
  return (await got(client.POST("/api/lint", { body: { content }, signal }))).findings;
}
