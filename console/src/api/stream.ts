// The place where a run arrives in the page: a POST whose answer is read, event by event, as it comes.
//
// Whatever happens, reading ends with exactly one `done` or `error`: a refusal before the first byte, a server that
// cannot be reached, a stream that stops in the middle and a stop by the reader are all told as an `error` event.
import { credentials } from "./key";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ErrorObject = Schemas["Error"];
export type Usage = Schemas["Usage"];

/** What each event of a run carries. */
export interface Events {
  start: Schemas["Start"];
  delta: Schemas["Delta"];
  reasoning: Schemas["Reasoning"];
  tool_call: Schemas["ToolCallDelta"];
  usage: Usage;
  error: ErrorObject;
  done: Schemas["Done"];
}

/** One event of a run; `id` is its sequence number, empty when the page made the event itself. */
export type RunEvent = { [K in keyof Events]: { type: K; id: string; data: Events[K] } }[keyof Events];

export interface StreamOptions {
  signal?: AbortSignal;
  /** Replaced in tests. */
  fetch?: typeof fetch;
}

const NAMES: ReadonlySet<string> = new Set<keyof Events>([
  "start",
  "delta",
  "reasoning",
  "tool_call",
  "usage",
  "error",
  "done",
]);

/** Run `path` with `body` and yield its events. Leaving the loop early closes the connection, which cancels the run. */
export async function* stream(
  path: string,
  body: unknown,
  options: StreamOptions = {},
): AsyncGenerator<RunEvent, void, undefined> {
  const connection = new AbortController();
  const stop = () => connection.abort();
  options.signal?.addEventListener("abort", stop);
  if (options.signal?.aborted) stop();
  const reader = new Reader();
  try {
    const response = await (options.fetch ?? fetch)(path, {
      method: "POST",
      headers: { ...credentials(), "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify(body),
      signal: connection.signal,
    });
    if (!response.ok) yield failed(await refusal(response));
    else yield* reader.events(response);
  } catch (error) {
    yield failed(reader.lost(error, connection.signal.aborted));
  } finally {
    options.signal?.removeEventListener("abort", stop);
    connection.abort();
  }
}

/** Reads one response and knows how far it came. */
class Reader {
  #phase: ErrorObject["phase"] = "connect";

  async *events(response: Response): AsyncGenerator<RunEvent, void, undefined> {
    this.#phase = "first_packet";
    const kind = response.headers.get("content-type") ?? "";
    if (!kind.startsWith("text/event-stream") || !response.body) {
      throw new Error(`expected an event stream, got ${kind || "nothing"}`);
    }
    for await (const message of messages(response.body)) {
      if (!NAMES.has(message.event)) continue;
      const event = { type: message.event, id: message.id, data: JSON.parse(message.data) } as RunEvent;
      if (event.type === "delta") this.#phase = "mid_stream";
      yield event;
      if (event.type === "done" || event.type === "error") return;
    }
    throw new Error("the stream stopped before its end");
  }

  /** The error of a reading that `cause` ended. */
  lost(cause: unknown, aborted: boolean): ErrorObject {
    if (aborted) return ours(49900, "cancelled", this.#phase, "stopped by the reader");
    const said = cause instanceof Error ? cause.message : String(cause);
    const message = this.#phase === "connect" ? `Promptwire did not answer (${said})` : said;
    return ours(50202, "upstream_cut", this.#phase, message);
  }
}

/** The error object of a response that is not a success. */
export async function refusal(response: Response): Promise<ErrorObject> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: Partial<ErrorObject> };
    if (error?.class && error.message !== undefined) return error as ErrorObject;
  } catch {
    // Not ours: something between the page and Promptwire answered.
  }
  return ours(
    50000,
    "internal",
    "connect",
    `HTTP ${response.status} ${text.slice(0, 200) || response.statusText}`.trim(),
  );
}

function failed(error: ErrorObject): RunEvent {
  return { type: "error", id: "", data: error };
}

function ours(code: number, kind: ErrorObject["class"], phase: ErrorObject["phase"], message: string): ErrorObject {
  return { code, class: kind, phase, message, retryable: kind === "upstream_cut" };
}

/** One message of an event stream. */
export interface SseMessage {
  event: string;
  id: string;
  data: string;
}

async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<SseMessage, void, undefined> {
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield* parser.feed(decoder.decode(value, { stream: true }));
  }
}

const LONGEST_LINE = 16 * 1024 * 1024;

/** Splits text that arrives in any pieces into messages, as the HTML standard says (§9.2.6). */
export class SseParser {
  #line = "";
  #afterReturn = false;
  #event = "";
  #id = "";
  #data: string[] = [];

  *feed(text: string): Generator<SseMessage, void, undefined> {
    // A \r\n cut between two pieces is one line end, not two.
    let rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    for (let end = rest.search(/[\r\n]/); end >= 0; end = rest.search(/[\r\n]/)) {
      const line = this.#line + rest.slice(0, end);
      this.#line = "";
      rest = rest.slice(end + (rest.startsWith("\r\n", end) ? 2 : 1));
      const message = this.#take(line);
      if (message) yield message;
    }
    this.#line += rest;
    if (this.#line.length > LONGEST_LINE) throw new Error("a line of the stream has no end");
  }

  #take(line: string): SseMessage | undefined {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return undefined;
  }

  #dispatch(): SseMessage | undefined {
    const [event, data] = [this.#event || "message", this.#data];
    this.#event = "";
    this.#data = [];
    return data.length ? { event, id: this.#id, data: data.join("\n") } : undefined;
  }
}
