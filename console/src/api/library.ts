// The place where the page asks for prompts among many: found, put in order, deleted and fetched back.
import { client, got, type Prompt } from "./client";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type Entry = Schemas["Entry"];
export type Shelves = Schemas["ShelvesReply"];
export type Sought = NonNullable<operations["Search"]["parameters"]["query"]>;

export async function searchPrompts(query: Sought, signal?: AbortSignal): Promise<Schemas["SearchReply"]> {
  return got(client.GET("/api/library", { params: { query }, ...(signal && { signal }) }));
}

export async function listShelves(signal?: AbortSignal): Promise<Shelves> {
  return got(client.GET("/api/library/shelves", { ...(signal && { signal }) }));
}

export async function organise(body: Partial<Schemas["OrganiseRequest"]> & { keys: string[] }): Promise<void> {
  await client.POST("/api/library/organise", { body: { add_tags: [], drop_tags: [], ...body } });
}

export async function rename(key: string, name: string): Promise<void> {
  await client.PATCH("/api/prompts/{key}", { params: { path: { key } }, body: { name } });
}

export async function duplicate(key: string, name: string): Promise<Prompt> {
  return got(client.POST("/api/prompts/{key}/duplicate", { params: { path: { key } }, body: { name } }));
}

export async function deletePrompt(key: string): Promise<void> {
  await client.DELETE("/api/prompts/{key}", { params: { path: { key } } });
}

export async function restorePrompt(key: string): Promise<void> {
  await client.POST("/api/prompts/{key}/restore", { params: { path: { key } } });
}
