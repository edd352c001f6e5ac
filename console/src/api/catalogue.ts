// The place where the page asks about models as rows: vendors, what they offer, and whether it works.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Provider = Schemas["Provider"];
export type Preset = Schemas["Preset"];
export type ModelRow = Schemas["ModelRow"];
export type Price = Schemas["Price"];
export type Check = Schemas["Check"];
export type Health = Schemas["Health"];

export function listProviders(signal: AbortSignal): Promise<Schemas["ProvidersReply"]> {
  return got(client.GET("/api/providers", { signal }));
}

export function putProvider(body: Provider): Promise<Provider> {
  return got(client.PUT("/api/providers", { body }));
}

export async function deleteProvider(id: string): Promise<void> {
  await got(client.DELETE("/api/providers", { params: { query: { id } } }));
}

export async function listModelRows(signal: AbortSignal): Promise<ModelRow[]> {
  return (await got(client.GET("/api/models/rows", { signal }))).models;
}

export function putModel(body: ModelRow): Promise<ModelRow> {
  return got(client.PUT("/api/models/rows", { body }));
}

export async function deleteModel(id: string): Promise<void> {
  await got(client.DELETE("/api/models/rows", { params: { query: { id } } }));
}

/** `row`: one that is not stored yet. */
export async function testModel(asked: { model: string } | { row: ModelRow }): Promise<Check[]> {
  return (await got(client.POST("/api/models/test", { body: asked }))).checks;
}

export async function listHealth(signal: AbortSignal): Promise<Health[]> {
  return (await got(client.GET("/api/models/health", { signal }))).models;
}
