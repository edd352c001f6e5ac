// The place where the page asks for saved inputs: what a prompt is tried with, kept under a name.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Input = Schemas["Input"];
export type Inputs = Schemas["InputsReply"];
type Created = Omit<Schemas["CreateInputRequest"], "key">;
type Changed = Omit<Schemas["UpdateInputRequest"], "key" | "id">;

export async function listInputs(key: string, signal?: AbortSignal): Promise<Inputs> {
  return got(client.GET("/api/prompts/{key}/inputs", { params: { path: { key } }, ...(signal && { signal }) }));
}

export async function createInput(key: string, body: Created): Promise<Input> {
  return got(client.POST("/api/prompts/{key}/inputs", { params: { path: { key } }, body }));
}

export async function updateInput(key: string, id: string, body: Changed): Promise<Input> {
  return got(client.PUT("/api/prompts/{key}/inputs/{id}", { params: { path: { key, id } }, body }));
}

export async function deleteInput(key: string, id: string): Promise<void> {
  await client.DELETE("/api/prompts/{key}/inputs/{id}", { params: { path: { key, id } } });
}

/** Without an `id`, none is marked. */
export async function markInput(key: string, id: string | undefined): Promise<void> {
  await client.PUT("/api/prompts/{key}/input", { params: { path: { key } }, body: id === undefined ? {} : { id } });
}
