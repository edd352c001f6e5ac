// The place for the shape an answer must have: text, any JSON object, or JSON of a schema. All pure.
import { type Edit, withSettings } from "../draft";

export type FormatKind = "" | "json_object" | "json_schema";

interface Format {
  type: string;
  json_schema?: { name: string; schema: unknown; strict?: boolean };
}

const FIRST_SCHEMA = { type: "object", properties: {}, required: [], additionalProperties: false };

function formatOf({ settings }: Edit): Format | undefined {
  return settings.response_format as Format | undefined;
}

export function kindOf(edit: Edit): FormatKind {
  const type = formatOf(edit)?.type;
  return type === "json_object" || type === "json_schema" ? type : "";
}

export function schemaOf(edit: Edit): unknown {
  return formatOf(edit)?.json_schema?.schema;
}

export function isStrict(edit: Edit): boolean {
  return formatOf(edit)?.json_schema?.strict ?? false;
}

/** What an answer is checked against: a schema, true for any object, undefined for text. */
export function shapeOf(edit: Edit): unknown {
  const kind = kindOf(edit);
  if (kind === "json_object") return true;
  return kind === "json_schema" ? schemaOf(edit) : undefined;
}

export function withFormat(edit: Edit, kind: FormatKind): Edit {
  if (kind === "json_schema") return withSchema(edit, FIRST_SCHEMA, true);
  const { response_format: _, ...rest } = edit.settings;
  return withSettings({ ...edit, settings: rest }, kind === "" ? {} : { response_format: { type: kind } });
}

export function withSchema(edit: Edit, schema: unknown, strict: boolean): Edit {
  const name = formatOf(edit)?.json_schema?.name ?? "answer";
  return withSettings(edit, { response_format: { type: "json_schema", json_schema: { name, schema, strict } } });
}
