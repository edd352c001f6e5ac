// The place where what the page runs becomes code for somebody's own program. All pure.
import type { RunBody } from "./use-trial";

export type Language = "curl" | "python" | "typescript";
/** Promptwire's own API, or OpenAI's as every client speaks it. */
export type Dialect = "native" | "openai";

export interface Snippet {
  /** Where this page came from. */
  origin: string;
  /** The prompt's key. */
  key: string;
  /** Who the page says runs it; empty when nobody said. */
  person: string;
  /** What runs; the draft by its name, for the server has it. */
  body: Omit<RunBody, "draft">;
}

export const LANGUAGES: readonly Language[] = ["curl", "python", "typescript"];
export const DIALECTS: readonly Dialect[] = ["native", "openai"];

const PERSON = "x-promptwire-persist-user";
const KEY = "PROMPTWIRE_API_KEY";

export function snippet(language: Language, dialect: Dialect, what: Snippet): string {
  return WRITERS[language][dialect](what);
}

/** Why OpenAI's words cannot say this run; undefined when they can. */
export function unsayable({ model, parameters }: Snippet["body"]): "override" | undefined {
  return model !== undefined || parameters !== undefined ? "override" : undefined;
}

const WRITERS: Record<Language, Record<Dialect, (what: Snippet) => string>> = {
  curl: { native: curlNative, openai: curlOpenai },
  python: { native: pythonNative, openai: pythonOpenai },
  typescript: { native: typescriptNative, openai: typescriptOpenai },
};

function curlNative(what: Snippet): string {
  return curl(`${what.origin}${path(what)}`, what, what.body);
}

function curlOpenai(what: Snippet): string {
  return curl(`${what.origin}/v1/chat/completions`, what, { ...completion(what), ...extra(what.body), stream: true });
}

function curl(url: string, { person }: Snippet, body: object): string {
  return [
    `curl -N ${quoted(url)}`,
    `  -H 'content-type: application/json'`,
    `  -H "authorization: Bearer \${${KEY}:-none}"`,
    ...(person ? [`  -H ${quoted(`${PERSON}: ${encodeURIComponent(person)}`)}`] : []),
    `  -d ${quoted(json(body))}`,
  ].join(" \\\n");
}

function pythonNative(what: Snippet): string {
  const { variables, version, label, messages, model, parameters, simulate } = what.body;
  if (simulate) return pythonPlain(what);
  const given = Object.entries({ version, label, model, parameters, messages, variables }).filter(
    ([, value]) => value !== undefined,
  );
  return lines([
    "from promptwire.api.message import Delta",
    "from promptwire.client import Promptwire",
    "",
    `with Promptwire(${python(what.origin)}${what.person ? `, user=${python(what.person)}` : ""}) as client:`,
    `    events = client.run(`,
    `        ${python(what.key)},`,
    `        stream=True,`,
    ...given.map(([name, value]) => `        ${name}=${python(value, 2)},`),
    `    )`,
    `    for event in events:`,
    `        if isinstance(event, Delta):`,
    `            print(event.text, end="", flush=True)`,
  ]);
}

/** Without the SDK, which has no words for a simulation. */
function pythonPlain(what: Snippet): string {
  return lines([
    "import json",
    "import os",
    "import urllib.request",
    "",
    `body = ${python(what.body)}`,
    `headers = {`,
    `    "content-type": "application/json",`,
    `    "accept": "text/event-stream",`,
    `    "authorization": f"Bearer {os.environ.get('${KEY}', 'none')}",`,
    ...(what.person ? [`    ${python(PERSON)}: ${python(encodeURIComponent(what.person))},`] : []),
    `}`,
    `request = urllib.request.Request(${python(`${what.origin}${path(what)}`)}, json.dumps(body).encode(), headers)`,
    `with urllib.request.urlopen(request) as response:`,
    `    event = ""`,
    `    for line in response:`,
    `        name, _, value = line.decode().rstrip("\\n").partition(": ")`,
    `        if name == "event":`,
    `            event = value`,
    `        elif name == "data" and event == "delta":`,
    `            print(json.loads(value)["text"], end="", flush=True)`,
    `        elif name == "data" and event == "error":`,
    `            raise SystemExit(json.loads(value)["message"])`,
  ]);
}

function pythonOpenai(what: Snippet): string {
  const { model, messages } = completion(what);
  return lines([
    "import os",
    "",
    "from openai import OpenAI",
    "",
    `client = OpenAI(`,
    `    base_url=${python(`${what.origin}/v1`)},`,
    `    api_key=os.environ.get(${python(KEY)}, "none"),`,
    ...(what.person ? [`    default_headers={${python(PERSON)}: ${python(encodeURIComponent(what.person))}},`] : []),
    `)`,
    `stream = client.chat.completions.create(`,
    `    model=${python(model)},`,
    `    messages=${python(messages, 1)},`,
    `    extra_body=${python(extra(what.body), 1)},`,
    `    stream=True,`,
    `)`,
    `for chunk in stream:`,
    `    if chunk.choices:`,
    `        print(chunk.choices[0].delta.content or "", end="", flush=True)`,
  ]);
}

function typescriptNative(what: Snippet): string {
  return lines([
    `const response = await fetch(${json(`${what.origin}${path(what)}`)}, {`,
    `  method: "POST",`,
    `  headers: {`,
    `    "content-type": "application/json",`,
    `    accept: "text/event-stream",`,
    `    authorization: \`Bearer \${process.env.${KEY} ?? "none"}\`,`,
    ...(what.person ? [`    ${json(PERSON)}: ${json(encodeURIComponent(what.person))},`] : []),
    `  },`,
    `  body: JSON.stringify(${indented(json(what.body), 1)}),`,
    `});`,
    `if (!response.ok || !response.body) throw new Error(await response.text());`,
    `let rest = "";`,
    `for await (const text of response.body.pipeThrough(new TextDecoderStream())) {`,
    `  const messages = (rest + text).split("\\n\\n");`,
    `  rest = messages.pop() ?? "";`,
    `  for (const message of messages) {`,
    `    const event = /^event: (.*)$/m.exec(message)?.[1];`,
    `    const data = JSON.parse(/^data: (.*)$/m.exec(message)?.[1] ?? "{}");`,
    `    if (event === "delta") process.stdout.write(data.text);`,
    `    if (event === "error") throw new Error(data.message);`,
    `  }`,
    `}`,
  ]);
}

function typescriptOpenai(what: Snippet): string {
  const { model, messages } = completion(what);
  return lines([
    `import OpenAI from "openai";`,
    "",
    `const client = new OpenAI({`,
    `  baseURL: ${json(`${what.origin}/v1`)},`,
    `  apiKey: process.env.${KEY} ?? "none",`,
    ...(what.person ? [`  defaultHeaders: { ${json(PERSON)}: ${json(encodeURIComponent(what.person))} },`] : []),
    `});`,
    `const body = {`,
    `  model: ${json(model)},`,
    `  messages: ${indented(json(messages), 1)},`,
    `  stream: true as const,`,
    ...Object.entries(extra(what.body)).map(([name, value]) => `  ${name}: ${indented(json(value), 1)},`),
    `};`,
    `const stream = await client.chat.completions.create(body as OpenAI.ChatCompletionCreateParamsStreaming);`,
    `for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? "");`,
  ]);
}

function path({ key }: Snippet): string {
  return `/api/prompts/${encodeURIComponent(key)}/run`;
}

/** In OpenAI's words: a prompt is a model, and what follows its messages are the messages. */
function completion({ key, body }: Snippet) {
  const { version, label, messages = [] } = body;
  const at = version !== undefined ? `@${version}` : label !== undefined ? `:${label}` : "";
  const said = messages.map(({ role, content, parts }) => ({ role, content: parts ? parts.map(partOf) : content }));
  return { model: `prompt/${key}${at}`, messages: said };
}

type Part = NonNullable<NonNullable<RunBody["messages"]>[number]["parts"]>[number];

function partOf({ text, image_url, file }: Part): object {
  if (image_url !== undefined) return { type: "image_url", image_url: { url: image_url } };
  if (file) return { type: "file", file: { file_data: file.url, filename: file.name ?? "" } };
  return { type: "text", text: text ?? "" };
}

/** What OpenAI has no word for. */
function extra({ variables, simulate }: Snippet["body"]): Record<string, unknown> {
  return { prompt_variables: variables, ...(simulate && { simulate }) };
}

function lines(text: readonly string[]): string {
  return text.join("\n");
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

/** Text of several lines inside a line that is itself `level` levels in. */
function indented(text: string, level: number): string {
  return text.replaceAll("\n", `\n${"  ".repeat(level)}`);
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A JSON value as Python writes it. */
function python(value: unknown, level = 0): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonText(value);
  if (typeof value !== "object") return String(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const items = Array.isArray(value)
    ? value.map((it) => python(it, level + 1))
    : Object.entries(value)
        .filter(([, it]) => it !== undefined)
        .map(([name, it]) => `${pythonText(name)}: ${python(it, level + 1)}`);
  if (items.length === 0) return `${open}${close}`;
  const pad = "    ".repeat(level + 1);
  return `${open}\n${items.map((it) => `${pad}${it},\n`).join("")}${"    ".repeat(level)}${close}`;
}

/** JSON's escapes are Python's too, but for the surrogates of what lies beyond 16 bits, which JSON leaves alone. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
