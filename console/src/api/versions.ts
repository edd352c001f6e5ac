// The place where the page asks for the versions of a prompt, and says what is to become of them.
import { type Content, client, got, type Prompt } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Version = Schemas["Version"];
export type Commit = Schemas["Commit"];
export type Change = Schemas["Change"];
export type Branch = Schemas["Branch"];
export type Label = Schemas["Label"];
export type Move = Schemas["Move"];
export type Merge = Schemas["MergeReply"];
export type MergeConflict = Schemas["MergeConflict"];
export type Decision = Schemas["Decision"];

const at = (key: string) => ({ path: { key } });

export async function listVersions(key: string, signal: AbortSignal): Promise<Version[]> {
  return (await got(client.GET("/api/prompts/{key}/versions", { params: at(key), signal }))).versions;
}

export async function listBranches(key: string, signal: AbortSignal): Promise<Branch[]> {
  return (await got(client.GET("/api/prompts/{key}/branches", { params: at(key), signal }))).branches;
}

export async function listLabels(key: string, signal: AbortSignal): Promise<Label[]> {
  return (await got(client.GET("/api/prompts/{key}/labels", { params: at(key), signal }))).labels;
}

export async function listMoves(key: string, signal: AbortSignal): Promise<Move[]> {
  return (await got(client.GET("/api/prompts/{key}/labels/history", { params: at(key), signal }))).moves;
}

export async function diffOf(key: string, before: string, after: string, signal: AbortSignal): Promise<Change[]> {
  const asked = client.GET("/api/prompts/{key}/diff", { params: { ...at(key), query: { before, after } }, signal });
  return (await got(asked)).changes;
}

export function mergeOf(
  key: string,
  ours: string,
  theirs: string,
  decisions: Decision[],
  signal?: AbortSignal,
): Promise<Merge> {
  const body = { ours, theirs, decisions };
  return got(client.POST("/api/prompts/{key}/merge", { params: at(key), body, ...(signal && { signal }) }));
}

export interface NewVersion {
  message: string;
  branch: string;
  version?: string;
  content?: Content;
  base?: string;
  merged?: string;
}

export function commitVersion(key: string, made: NewVersion): Promise<Commit> {
  return got(client.POST("/api/prompts/{key}/versions", { params: at(key), body: { author: "", ...made } }));
}

export function revertTo({ key, revision }: Prompt, version: string): Promise<Prompt> {
  return got(client.POST("/api/prompts/{key}/revert", { params: at(key), body: { version, revision } }));
}

export function createBranch(key: string, name: string, version: string): Promise<Branch> {
  return got(client.POST("/api/prompts/{key}/branches", { params: at(key), body: { name, version } }));
}

export async function dropBranch(key: string, name: string): Promise<void> {
  await client.DELETE("/api/prompts/{key}/branches/{name}", { params: { path: { key, name } } });
}

export interface LabelMove {
  version: string;
  reason: string;
  /** Where the mover saw it: when it is elsewhere, the move is refused. */
  was: string;
  keepers?: string[];
}

export function moveLabel(key: string, name: string, move: LabelMove): Promise<Label> {
  const body = { person: "", ...move };
  return got(client.PUT("/api/prompts/{key}/labels/{name}", { params: { path: { key, name } }, body }));
}

export async function dropLabel(key: string, name: string, reason: string): Promise<void> {
  await client.DELETE("/api/prompts/{key}/labels/{name}", { params: { path: { key, name }, query: { reason } } });
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
