// The place where the page asks for the versions of a prompt.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Version = Schemas["Version"];
export type Commit = Schemas["Commit"];

export async function listVersions(key: string, signal: AbortSignal): Promise<Version[]> {
  return (await got(client.GET("/api/prompts/{key}/versions", { params: { path: { key } }, signal }))).versions;
}

/** A version by its name or by a label. */
export async function fetchVersion(
  key: string,
  query: { version?: string | undefined; label?: string | undefined },
  signal: AbortSignal,
): Promise<Commit> {
  const named = JSON.parse(JSON.stringify(query)) as { version?: string; label?: string };
  return got(client.GET("/api/prompts/{key}/fetch", { params: { path: { key }, query: named }, signal }));
}
