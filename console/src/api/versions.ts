// The place where the page asks for the versions of a prompt.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Version = Schemas["Version"];

export async function listVersions(key: string, signal: AbortSignal): Promise<Version[]> {
  return (await got(client.GET("/api/prompts/{key}/versions", { params: { path: { key } }, signal }))).versions;
}
