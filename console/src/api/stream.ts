// The place where a run arrives in the page: a POST whose answer is read, event by event, as it comes.
//
// Whatever happens, reading ends with exactly one `done` or `error`: a refusal before the first byte, a server that
// cannot be reached, a stream that stops in the middle and a stop by the reader are all told as an `error` event.
// A connection that is lost in the middle is made anew and read on from the last event, with no second model call.
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
  tool_result: Schemas["ToolResult"];
  usage: Usage;
  error: ErrorObject;
  done: Schemas["Done"];
}

/** One event of a run; `id` is its sequence number, empty when the page made the event itself. */
export type RunEvent = { [K in keyof Events]: { type: K; id: string; data: Events[K] } }[keyof Events];

export interface StreamOptions {
  signal?: AbortSignal;
  /** For how many seconds the server keeps the run for us when the connection is lost. */
  resumableS?: number;
  /** Replaced in tests. */
  fetch?: typeof fetch;
}

const NAMES: ReadonlySet<string> = new Set<keyof Events>([
  "start",
  "delta",
  "reasoning",
  "tool_call",
  "tool_result",
  "usage",
  "error",
  "done",
]);

/** What runs from the page are for: limits and rules may tell them from what programs ask. */
const SCENARIO = { "x-promptwire-persist-scenario": "debug" };

/** How long to wait before each attempt to read on; an event that arrives begins the row anew. */
const PAUSES_MS = [0, 200, 500, 1_000, 2_000, 4_000];

/** Run `path` with `body` and yield its events. Leaving the loop early cancels the run. */
export async function* stream(
  path: string,
  body: object,
  options: StreamOptions = {},
): AsyncGenerator<RunEvent, void, undefined> {
  const reading = new Reading(options);
  const leave = () => reading.leave();
  options.signal?.addEventListener("abort", leave);
  if (options.signal?.aborted) leave();
  try {
    yield* reading.events(path, body);
  } finally {
    options.signal?.removeEventListener("abort", leave);
    leave();
  }
}

/** What came cannot be read, and would be the same if it came again. */
class Unreadable extends Error {}

/** Reads one run, over as many connections as it takes. */
class Reading {
  readonly #connection = new AbortController();
  readonly #fetch: typeof fetch;
  readonly #resumableS: number | undefined;
  #phase: ErrorObject["phase"] = "connect";
  readonly #request = requestId(); // by which the run can be stopped before we are told what it is called
  #begun = false;
  #run = "";
  #last = "";
  #ended = false;

  constructor(options: StreamOptions) {
    // A browser's own fetch refuses to be called as a member of something else.
    this.#fetch = options.fetch ?? ((...asked) => fetch(...asked));
    this.#resumableS = options.resumableS;
  }

  async *events(path: string, body: object): AsyncGenerator<RunEvent, void, undefined> {
    let ask = () => this.#begin(path, body);
    for (let failures = 0; !this.#ended; ) {
      try {
        for await (const event of this.#read(await ask())) {
          failures = 0;
          yield event;
        }
      } catch (error) {
        const pause = PAUSES_MS[failures++];
        if (pause === undefined || !this.#canReadOn(error)) yield this.#end(this.#lost(error));
        else await paused(pause, this.#connection.signal);
        ask = () => this.#readOn();
      }
    }
  }

  /** Go away: tell the server when it would keep the run for us, and close the connection. */
  leave(): void {
    const { signal } = this.#connection;
    if (!signal.aborted && !this.#ended && this.#begun && this.#resumableS !== undefined) {
      const cancel = { method: "POST", headers: credentials(), keepalive: true };
      const run = this.#run || this.#request;
      this.#fetch(`/api/runs/${run}/cancel`, cancel).catch(() => undefined); // Then it ends by itself, soon.
    }
    this.#connection.abort();
  }

  #begin(path: string, body: object): Promise<Response> {
    const asked = this.#resumableS === undefined ? body : { ...body, resumable_s: this.#resumableS };
    const kinds = { "content-type": "application/json", accept: "text/event-stream" };
    this.#begun = true;
    return this.#fetch(path, {
      method: "POST",
      headers: { ...credentials(), ...SCENARIO, ...kinds, "x-request-id": this.#request },
      body: JSON.stringify(asked),
      signal: this.#connection.signal,
    });
  }

  #readOn(): Promise<Response> {
    return this.#fetch(`/api/runs/${this.#run}/stream`, {
      headers: { ...credentials(), accept: "text/event-stream", "last-event-id": this.#last },
      signal: this.#connection.signal,
    });
  }

  async *#read(response: Response): AsyncGenerator<RunEvent, void, undefined> {
    if (!response.ok) {
      yield this.#end(await refusal(response));
      return;
    }
    if (this.#phase === "connect") this.#phase = "first_packet";
    const kind = response.headers.get("content-type") ?? "";
    if (!kind.startsWith("text/event-stream") || !response.body) {
      throw new Unreadable(`expected an event stream, got ${kind || "nothing"}`);
    }
    for await (const message of messages(response.body)) {
      if (!NAMES.has(message.event)) continue;
      const event = read(message);
      this.#note(event);
      yield event;
      if (this.#ended) return;
    }
    throw new Error("the stream stopped before its end");
  }

  #note(event: RunEvent): void {
    this.#last = event.id;
    if (event.type === "start") this.#run = event.data.run_id;
    if (event.type === "delta") this.#phase = "mid_stream";
    if (event.type === "done" || event.type === "error") this.#ended = true;
  }

  #canReadOn(cause: unknown): boolean {
    const left = this.#connection.signal.aborted;
    return this.#resumableS !== undefined && this.#run !== "" && !left && !(cause instanceof Unreadable);
  }

  #end(error: ErrorObject): RunEvent {
    this.#ended = true;
    return { type: "error", id: "", data: error };
  }

  /** The error of a reading that `cause` ended. */
  #lost(cause: unknown): ErrorObject {
    if (this.#connection.signal.aborted) return ours(49900, "cancelled", this.#phase, "stopped by the reader");
    const said = cause instanceof Error ? cause.message : String(cause);
    const message = this.#phase === "connect" ? `Promptwire did not answer (${said})` : said;
    return ours(50202, "upstream_cut", this.#phase, message);
  }
}

/** A name nobody else's request has; `crypto.randomUUID` is missing where a page is not served securely. */
function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `req_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function read(message: SseMessage): RunEvent {
  try {
    return { type: message.event, id: message.id, data: JSON.parse(message.data) } as RunEvent;
  } catch {
    throw new Unreadable(`an event that is not JSON: ${message.data.slice(0, 100)}`);
  }
}

/** Wait, or until the reader leaves. */
function paused(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
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
