// One tool as a form: what the model is told of it, how a call is answered, and what a mock replies.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Binding, callTool, type HttpCall, type Tool } from "@/api/tools";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { ChoiceField, LinesField, NumberBox, Row, TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { modelsQuery } from "../../queries";
import type { Edit } from "../draft";
import { withSetting } from "../parameters";
import type { DraftActions } from "../use-draft";
import { headerLines, headersIn } from "./headers";
import { SchemaField } from "./json-field";
import { MockFields } from "./mock-fields";
import { Secrets } from "./secrets";
import { bindingOf, type Kind, kindOf, nameProblem, serverOf, withTool } from "./tools";

interface ToolDialogProps {
  stored: Tool | undefined;
  edit: Edit;
  actions: DraftActions;
  onClose: () => void;
}

const FIRST_HTTP: HttpCall = { method: "GET", url: "https://", timeout_s: 20, max_bytes: 65536 };
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export function ToolDialog({ stored, edit, actions, onClose }: ToolDialogProps) {
  const say = useText();
  const [tool, setTool] = useState<Tool>(
    () => stored ?? { name: "", description: "", parameters: { type: "object", properties: {}, required: [] } },
  );
  const [binding, setBinding] = useState<Binding>(() => bindingOf(edit, stored?.name ?? ""));
  const [problem, setProblem] = useState("");
  const kind = kindOf(binding);
  const save = () => {
    const wrong = nameProblem(edit, tool.name, stored?.name);
    if (wrong) return setProblem(say(wrong));
    actions.edit((now) => withTool(now, tool, { ...binding, name: tool.name }, stored?.name));
    onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent aria-describedby={undefined} className="top-[5vh] max-h-[90vh] w-[min(42rem,calc(100vw-2rem))]">
        <DialogTitle className="mb-5 font-serif text-[22px]">{stored?.name ?? say("tools.new")}</DialogTitle>
        <form
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            save();
          }}
        >
          <TextField
            mono
            label={say("tools.name")}
            value={tool.name}
            onChange={(name) => setTool((now) => ({ ...now, name }))}
          />
          <Row label={say("tools.description")} note={say("tools.description.help")}>
            {(id) => (
              <TextArea
                id={id}
                value={tool.description}
                onChange={({ target }) => setTool((now) => ({ ...now, description: target.value }))}
              />
            )}
          </Row>
          <SchemaField
            label={say("tools.parameters")}
            value={tool.parameters}
            onChange={(parameters) =>
              setTool(({ parameters: _, ...now }) => ({ ...now, ...(parameters !== undefined && { parameters }) }))
            }
          />
          <Strict tool={tool} model={edit.settings.model} onChange={setTool} />
          <ChoiceField<Kind>
            label={say("tools.kind")}
            note={say(`tools.kind.${kind}.help`)}
            value={kind}
            options={(kind === "mcp" ? (["mcp"] as const) : (["function", "http"] as const)).map((value) => ({
              value,
              label: say(`tools.kind.${value}`),
            }))}
            onChange={(chosen) =>
              setBinding(({ http, ...now }) => (chosen === "http" ? { ...now, http: http ?? FIRST_HTTP } : now))
            }
          />
          {binding.http && (
            <HttpFields http={binding.http} onChange={(http) => setBinding((now) => ({ ...now, http }))} />
          )}
          <MockFields
            mock={binding.mock}
            onChange={(mock) => setBinding(({ mock: _, ...now }) => ({ ...now, ...(mock && { mock }) }))}
          />
          <Try binding={{ ...binding, name: tool.name }} edit={edit} />
          <FormEnd problem={problem} />
        </form>
      </DialogContent>
    </Dialog>
  );
}

interface StrictProps {
  tool: Tool;
  model: string | undefined;
  onChange: (tool: Tool) => void;
}

/** Whether the vendor holds calls to the schema; what is not said is not sent. */
function Strict({ tool, model, onChange }: StrictProps) {
  const say = useText();
  const { data: models = [] } = useQuery(modelsQuery);
  const reason = models.find(({ id }) => id === model)?.unsupported?.["strict"];
  return (
    <div className="grid gap-1.5">
      <ChoiceField
        label={say("tools.strict")}
        note={reason ? undefined : say("tools.strict.help")}
        disabled={reason !== undefined && tool.strict === undefined}
        value={tool.strict === undefined ? "" : tool.strict ? "yes" : "no"}
        options={(["", "yes", "no"] as const).map((value) => ({
          value,
          label: say(`tools.strict.${value || "default"}`),
        }))}
        onChange={(chosen) => onChange(withSetting(tool, "strict", chosen ? chosen === "yes" : undefined) ?? tool)}
      />
      {reason && <p className="text-amber text-xs">{reason}</p>}
    </div>
  );
}

function HttpFields({ http, onChange }: { http: HttpCall; onChange: (http: HttpCall) => void }) {
  const say = useText();
  const change = (some: Partial<HttpCall>) => onChange({ ...http, ...some });
  const withBody = ({ body: _, ...rest }: HttpCall, body: string): HttpCall => (body ? { ...rest, body } : rest);
  return (
    <div className="grid grid-cols-[7rem_1fr] gap-4">
      <ChoiceField
        label={say("tools.http.method")}
        value={http.method}
        options={METHODS.map((value) => ({ value, label: value }))}
        onChange={(method) => change({ method })}
      />
      <TextField
        mono
        label={say("tools.http.url")}
        note={say("tools.http.url.help")}
        value={http.url}
        onChange={(url) => change({ url })}
      />
      <div className="col-span-2 grid gap-4">
        <LinesField
          mono
          label={say("tools.headers")}
          note={say("tools.headers.help")}
          value={headerLines(http.headers)}
          onChange={(lines) => change({ headers: headersIn(lines) })}
        />
        <Secrets />
        {http.method !== "GET" && http.method !== "DELETE" && (
          <TextField
            mono
            label={say("tools.http.body")}
            note={say("tools.http.body.help")}
            value={http.body ?? ""}
            onChange={(body) => onChange(withBody(http, body))}
          />
        )}
        <div className="grid grid-cols-2 gap-4">
          <NumberBox
            label={say("tools.timeout")}
            bad={say("form.notNumber")}
            value={http.timeout_s}
            onChange={(seconds) => change({ timeout_s: seconds ?? 20 })}
          />
          <NumberBox
            label={say("tools.http.size")}
            bad={say("form.notNumber")}
            value={http.max_bytes}
            onChange={(bytes) => change({ max_bytes: Math.round(bytes ?? 65536) })}
          />
        </div>
      </div>
    </div>
  );
}

/** Calls the tool as it stands in the form. */
function Try({ binding, edit }: { binding: Binding; edit: Edit }) {
  const say = useText();
  const [args, setArgs] = useState("{}");
  const server = serverOf(edit, binding);
  const calling = useMutation({
    mutationFn: (mock: boolean) => callTool({ binding, arguments: args, mock, ...(server && { server }) }),
  });
  const real = kindOf(binding) !== "function";
  if (!real && !binding.mock) return null;
  const { data, error, isSuccess } = calling;
  return (
    <fieldset className="grid gap-2">
      <legend className="eyebrow mb-2">{say("tools.try")}</legend>
      <TextArea
        aria-label={say("tools.try.arguments")}
        className="font-mono text-[12.5px]"
        value={args}
        onChange={(event) => setArgs(event.target.value)}
      />
      <div className="flex gap-1">
        {real && (
          <Button size="small" disabled={calling.isPending} onClick={() => calling.mutate(false)}>
            {say("steps.call")}
          </Button>
        )}
        {binding.mock && (
          <Button size="small" disabled={calling.isPending} onClick={() => calling.mutate(true)}>
            {say("tools.try.mock")}
          </Button>
        )}
      </div>
      {error && <p className="text-red text-xs">{error.message}</p>}
      {isSuccess && (
        <output className={data?.is_error ? "text-red" : ""}>
          <pre className="max-h-40 overflow-auto whitespace-pre-wrap break-words font-mono text-[12.5px]">
            {data?.content ?? say("tools.try.none")}
          </pre>
        </output>
      )}
    </fieldset>
  );
}
