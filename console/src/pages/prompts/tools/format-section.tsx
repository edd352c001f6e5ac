// The shape the answer must have: off, a JSON object, or a JSON Schema.
import { useQuery } from "@tanstack/react-query";
import { Choice } from "@/parts/choice";
import { useText } from "@/text/text";
import { modelsQuery } from "../../queries";
import type { Edit } from "../draft";
import type { DraftActions } from "../use-draft";
import { type FormatKind, isStrict, kindOf, schemaOf, withFormat, withSchema } from "./format";
import { SchemaField } from "./json-field";

export function Format({ edit, actions }: { edit: Edit; actions: DraftActions }) {
  const say = useText();
  const { data: models = [] } = useQuery(modelsQuery);
  const unsupported = models.find(({ id }) => id === edit.settings.model)?.unsupported ?? {};
  const kind = kindOf(edit);
  const reason = kind && (unsupported["response_format"] ?? unsupported[kind]);
  const kinds: readonly FormatKind[] = ["", "json_object", "json_schema"];
  const options = kinds
    .filter((value) => value === kind || value === "" || !(unsupported["response_format"] ?? unsupported[value]))
    .map((value) => ({ value, label: say(`format.${value || "text"}`) }));
  const refused = kinds.find((value) => value !== "" && !options.some((option) => option.value === value));
  const why = reason || (refused && (unsupported["response_format"] ?? unsupported[refused]));
  return (
    <section aria-label={say("format.title")} className="mt-8">
      <div className="flex min-h-7 flex-wrap items-center gap-x-3">
        <h2 className="eyebrow">{say("format.title")}</h2>
        <Choice
          label={say("format.title")}
          value={kind}
          options={options}
          onChange={(chosen) => actions.edit((now) => withFormat(now, chosen))}
        />
        {why && <span className="text-amber text-xs">{why}</span>}
      </div>
      {kind === "json_schema" && (
        <div className="mt-2 grid gap-2">
          <SchemaField
            label={say("format.schema")}
            value={schemaOf(edit)}
            onChange={(schema) =>
              schema !== undefined && actions.edit((now) => withSchema(now, schema, isStrict(now)), "schema")
            }
          />
          <label className="flex items-center gap-2 text-[13px] text-soft">
            <input
              type="checkbox"
              className="size-4 accent-blue"
              checked={isStrict(edit)}
              onChange={(event) => {
                const strict = event.target.checked;
                actions.edit((now) => withSchema(now, schemaOf(now), strict));
              }}
            />
            {say("format.strict")}
          </label>
        </div>
      )}
    </section>
  );
}
