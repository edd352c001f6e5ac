import { describe, expect, test } from "vitest";
import { type RunEvent, SseParser, stream } from "./stream";

const START = 'event: start\nid: 1\ndata: {"run_id":"r","model":"m","trace_id":"t"}\n\n';
const HEL = 'event: delta\nid: 2\ndata: {"text":"héllo 你好"}\n\n';
const DONE =
  'event: done\nid: 3\ndata: {"finish_reason":"stop","usage":{"input_tokens":1,"cache_read_tokens":0,"cache_write_tokens":0,"output_tokens":2,"reasoning_tokens":0},"duration_ms":3}\n\n';

function served(pieces: Uint8Array[], end: "close" | "break" | "hang" = "close", init: ResponseInit = {}) {
  let cancelled = false;
  let abort = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      abort = () => controller.error(new DOMException("aborted", "AbortError"));
      for (const piece of pieces) controller.enqueue(piece);
      if (end === "close") controller.close();
      if (end === "break") controller.error(new TypeError("network error"));
    },
    cancel: () => {
      cancelled = true;
    },
  });
  const answer = async (_path: unknown, request?: RequestInit) => {
    request?.signal?.addEventListener("abort", () => {
      cancelled = true;
      if (end === "hang") abort();
    });
    request?.signal?.throwIfAborted();
    return new Response(body, { headers: { "content-type": "text/event-stream" }, ...init });
  };
  return { fetch: answer as typeof fetch, cancelled: () => cancelled };
}

function bytes(text: string, size = text.length * 4): Uint8Array[] {
  const all = new TextEncoder().encode(text);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

async function read(...[served_, signal]: [{ fetch: typeof fetch }, AbortSignal?]): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of stream("/run", {}, { ...(signal ? { signal } : {}), fetch: served_.fetch })) {
    events.push(event);
  }
  return events;
}

function error(event: RunEvent | undefined) {
  if (event?.type !== "error") throw new Error(`expected an error, got ${event?.type}`);
  return event.data;
}

describe("a run that ends well", () => {
  test.each([1, 2, 3, 7, 1000])("is the same however it is cut into pieces of %i bytes", async (size) => {
    const events = await read(served(bytes(START + HEL + DONE, size)));
    expect(events.map((event) => [event.type, event.id])).toEqual([
      ["start", "1"],
      ["delta", "2"],
      ["done", "3"],
    ]);
    expect(events[1]?.data).toEqual({ text: "héllo 你好" });
  });

  test("skips heartbeats and events it does not know", async () => {
    const events = await read(served(bytes(`: beat\n\nevent: novelty\ndata: {}\n\n${DONE}`)));
    expect(events.map((event) => event.type)).toEqual(["done"]);
  });

  test("reads nothing after the end", async () => {
    const events = await read(served(bytes(DONE + HEL)));
    expect(events.map((event) => event.type)).toEqual(["done"]);
  });
});

describe("a run that ends badly says so exactly once", () => {
  test("when the stream stops without done or error", async () => {
    const events = await read(served(bytes(START + HEL)));
    expect(events.map((event) => event.type)).toEqual(["start", "delta", "error"]);
    expect(error(events[2])).toMatchObject({ class: "upstream_cut", phase: "mid_stream", code: 50202 });
  });

  test("when the connection breaks before the first text", async () => {
    const events = await read(served(bytes(START), "break"));
    expect(error(events.at(-1))).toMatchObject({ class: "upstream_cut", phase: "first_packet" });
  });

  test("when nobody answers", async () => {
    const nobody = (async () => {
      throw new TypeError("fetch failed");
    }) as typeof fetch;
    const events = await read({ fetch: nobody });
    expect(error(events[0])).toMatchObject({ class: "upstream_cut", phase: "connect", retryable: true });
  });

  test("when an event is not JSON", async () => {
    const events = await read(served(bytes("event: delta\ndata: {oops\n\n")));
    expect(events).toHaveLength(1);
    expect(error(events[0]).class).toBe("upstream_cut");
  });

  test("when the answer is a page and not a stream", async () => {
    const events = await read(served(bytes("<html>"), "close", { headers: { "content-type": "text/html" } }));
    expect(error(events[0]).message).toContain("text/html");
  });

  test("with the server's own error object when it refuses", async () => {
    const refused = { code: 40400, class: "not_found", phase: "connect", message: "no model 'x'", retryable: false };
    const events = await read(served(bytes(JSON.stringify({ error: refused })), "close", { status: 404, headers: {} }));
    expect(events.map((event) => event.data)).toEqual([refused]);
  });

  test("with the status when something in between refuses", async () => {
    const events = await read(served(bytes("bad gateway"), "close", { status: 502 }));
    expect(error(events[0])).toMatchObject({ class: "internal", message: "HTTP 502 bad gateway" });
  });

  test("with the error event of the stream", async () => {
    const events = await read(
      served(
        bytes(
          `${HEL}event: error\ndata: {"code":50402,"class":"timeout_first_token","phase":"first_packet","message":"m","retryable":true}\n\n`,
        ),
      ),
    );
    expect(events.map((event) => event.type)).toEqual(["delta", "error"]);
    expect(error(events[1]).class).toBe("timeout_first_token");
  });
});

describe("a reader that leaves", () => {
  test("by signal is told cancelled, and the connection is closed", async () => {
    const stop = new AbortController();
    const source = served(bytes(HEL), "hang");
    const events: RunEvent[] = [];
    for await (const event of stream("/run", {}, { signal: stop.signal, fetch: source.fetch })) {
      events.push(event);
      stop.abort();
    }
    expect(events.map((event) => event.type)).toEqual(["delta", "error"]);
    expect(error(events[1])).toMatchObject({ class: "cancelled", phase: "mid_stream" });
    expect(source.cancelled()).toBe(true);
  });

  test("by leaving the loop closes the connection", async () => {
    const source = served(bytes(HEL), "hang");
    for await (const _ of stream("/run", {}, { fetch: source.fetch })) break;
    expect(source.cancelled()).toBe(true);
  });

  test("before it began is told cancelled", async () => {
    const events = await read(served(bytes(DONE)), AbortSignal.abort());
    expect(error(events[0])).toMatchObject({ class: "cancelled", phase: "connect" });
  });
});

describe("a connection that is lost in a run the server keeps", () => {
  const RESUMABLE = { resumableS: 15 };

  /** Answers request after request, and notes what was asked. */
  function line(...answers: (Response | Error)[]) {
    const asked: { path: string; method: string; last: string | null; body: unknown }[] = [];
    const answer = async (path: unknown, init: RequestInit = {}) => {
      const body = init.body ? JSON.parse(String(init.body)) : undefined;
      const last = new Headers(init.headers).get("last-event-id");
      asked.push({ path: String(path), method: init.method ?? "GET", last, body });
      const next = answers.shift();
      if (!next) throw new TypeError("nobody there");
      if (next instanceof Error) throw next;
      return next;
    };
    return { fetch: answer as typeof fetch, asked };
  }

  const sse = (text: string, init: ResponseInit = {}) =>
    new Response(text, { headers: { "content-type": "text/event-stream" }, ...init });

  async function all(source: { fetch: typeof fetch }): Promise<RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const event of stream("/run", { a: 1 }, { ...RESUMABLE, fetch: source.fetch })) events.push(event);
    return events;
  }

  test("is made anew and read on from the last event, as often as it takes", async () => {
    const source = line(sse(START), new TypeError("refused"), sse(HEL), sse(DONE));
    expect((await all(source)).map((event) => event.type)).toEqual(["start", "delta", "done"]);
    expect(source.asked).toEqual([
      { path: "/run", method: "POST", last: null, body: { a: 1, resumable_s: 15 } },
      { path: "/api/runs/r/stream", method: "GET", last: "1", body: undefined },
      { path: "/api/runs/r/stream", method: "GET", last: "1", body: undefined },
      { path: "/api/runs/r/stream", method: "GET", last: "2", body: undefined },
    ]);
  });

  test("ends with the server's reason when it no longer keeps the run", async () => {
    const gone = { code: 40400, class: "not_found", phase: "connect", message: "no such run", retryable: false };
    const source = line(sse(START + HEL), sse(JSON.stringify({ error: gone }), { status: 404 }));
    const events = await all(source);
    expect(events.map((event) => event.type)).toEqual(["start", "delta", "error"]);
    expect(error(events[2])).toEqual(gone);
  });

  test("is not made anew for what cannot be read", async () => {
    const source = line(sse(`${START}event: delta\ndata: {oops\n\n`));
    expect(error((await all(source)).at(-1)).message).toContain("not JSON");
    expect(source.asked.map(({ path }) => path)).toEqual(["/run"]);
  });

  test("is not made anew before the run has a name", async () => {
    const source = line(new TypeError("refused"));
    expect(error((await all(source))[0])).toMatchObject({ class: "upstream_cut", phase: "connect" });
    expect(source.asked).toHaveLength(1);
  });

  test("a reader that leaves cancels the run, and one that read to the end does not", async () => {
    const left = line(sse(START + HEL), sse(""));
    for await (const event of stream("/run", {}, { ...RESUMABLE, fetch: left.fetch }))
      if (event.type === "delta") break;
    expect(left.asked.at(-1)).toMatchObject({ path: "/api/runs/r/cancel", method: "POST" });
    const stayed = line(sse(START + DONE));
    await all(stayed);
    expect(stayed.asked).toHaveLength(1);
  });
});

describe("a run the server keeps, left before it is known", () => {
  test("is cancelled by the name of its request", async () => {
    const asked: string[] = [];
    const names: (string | null)[] = [];
    const stop = new AbortController();
    const silent = ((path: unknown, init: RequestInit = {}) => {
      asked.push(String(path));
      names.push(new Headers(init.headers).get("x-request-id"));
      stop.abort();
      return init.signal ? Promise.reject(new DOMException("left", "AbortError")) : Promise.resolve(new Response());
    }) as typeof fetch;
    for await (const _ of stream("/run", {}, { resumableS: 15, signal: stop.signal, fetch: silent }));
    expect(names[0]).toMatch(/^req_[0-9a-f]{24}$/);
    expect(asked).toEqual(["/run", `/api/runs/${names[0]}/cancel`]);
  });
});

describe("the parser", () => {
  const all = (pieces: string[]) => {
    const parser = new SseParser();
    return pieces.flatMap((piece) => [...parser.feed(piece)]);
  };

  test.each(["\n", "\r\n", "\r"])("takes %j as a line end", (end) => {
    expect(all([`data: a${end}data: b${end}${end}`])).toEqual([{ event: "message", id: "", data: "a\nb" }]);
  });

  test("does not see two line ends in a \\r\\n that is cut in the middle", () => {
    expect(all(["data: a\r", "\ndata: b\r", "\n\r", "\n"])).toEqual([{ event: "message", id: "", data: "a\nb" }]);
  });

  test("keeps the last id and forgets the event name", () => {
    expect(all(["id: 7\nevent: x\ndata:1\n\ndata:  2\n\n"])).toEqual([
      { event: "x", id: "7", data: "1" },
      { event: "message", id: "7", data: " 2" },
    ]);
  });

  test("drops a message without data and one without its empty line", () => {
    expect(all(["event: x\n\n", "data: half"])).toEqual([]);
  });
});
