// The place where the page asks for prompts as files, and gives files to make prompts of.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type FileFormat = NonNullable<Schemas["ImportedPrompt"]["format"]>;
export type Loss = Schemas["Loss"];
export type Exported = Schemas["ExportReply"];
export type ImportReply = Schemas["ImportReply"];
export type ImportFile = Schemas["ImportFile"];
export type Existing = NonNullable<Schemas["ImportRequest"]["existing"]>;

export const FORMATS = [
  "promptwire",
  "prompty",
  "dotprompt",
  "langfuse",
  "promptfoo",
  "openai",
] as const satisfies readonly FileFormat[];

/** The draft, or a version, as a file. */
export async function exportPrompt(
  key: string,
  format: FileFormat,
  version: string | undefined,
  signal: AbortSignal,
): Promise<Exported> {
  const query = { format, ...(version && { version }) };
  return got(client.GET("/api/prompts/{key}/export", { params: { path: { key }, query }, signal }));
}

/** Makes prompts of files; with `keep` false it only tells what would be made. */
export async function importFiles(files: ImportFile[], keep: boolean, existing: Existing): Promise<ImportReply> {
  return got(client.POST("/api/import", { body: { files, keep, existing } }));
}
