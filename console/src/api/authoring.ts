// The place where the page asks for help with writing that needs no model.
import { type Content, client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Finding = Schemas["Finding"];
export type Form = Schemas["Form"];
export type LintReply = Schemas["LintReply"];
export type PreviewReply = Schemas["PreviewReply"];
export type Snippet = Schemas["Snippet"];
export type SnippetUse = Schemas["SnippetUse"];

/** What could be better in a draft of the prompt `key`, and which variables and snippets it uses. */
export async function lint(content: Content, key: string, signal: AbortSignal): Promise<LintReply> {
  return got(client.POST("/api/lint", { body: { content, key }, signal }));
}

/** A draft as it would be sent, with its tokens. */
export async function preview(
  key: string,
  body: { draft: Content; variables: Record<string, unknown> },
  signal: AbortSignal,
): Promise<PreviewReply> {
  return got(client.POST("/api/prompts/{key}/preview", { params: { path: { key } }, body, signal }));
}

export async function readForm(text: string, signal: AbortSignal): Promise<Form> {
  return got(client.POST("/api/form/read", { body: { text }, signal }));
}

export async function writeForm(form: Form, signal: AbortSignal): Promise<string> {
  return (await got(client.POST("/api/form/write", { body: form, signal }))).text;
}

export async function listSnippets(signal: AbortSignal): Promise<Snippet[]> {
  return (await got(client.GET("/api/snippets", { signal }))).snippets;
}

/** The drafts and versions that a snippet is part of. */
export async function impact(key: string, signal: AbortSignal): Promise<SnippetUse[]> {
  return (await got(client.GET("/api/prompts/{key}/impact", { params: { path: { key } }, signal }))).uses;
}
