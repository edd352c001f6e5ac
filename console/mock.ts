// THROWAWAY
import type { Plugin } from "vite";
const prompts: any = {
  demo: { key: "demo", name: "Demo", description: "x", revision: 1, variables: ["topic"], created_at: "", updated_at: "", draft: { messages: [{ role: "system", content: "You are a patient guide. Answer in a few short paragraphs." }, { role: "user", content: "Tell me about {{topic}}." }], model: "simulated/typewriter", variables: [{ name: "topic", description: "What the answer is about", default: "typewriters", example: "the printing press" }] } },
  "support-reply": { key: "support-reply", name: "Support reply", description: "", revision: 3, variables: [], created_at: "", updated_at: "", draft: { messages: [{ role: "system", content: "You answer customers of {{company}}. Be kind, be brief, never promise a date.\n\nReturn JSON:\n{\"reply\": \"...\", \"tone\": \"calm\"}" }, { role: "placeholder", content: "history" }, { role: "user", content: "{{question}}" }], model: "openai/gpt-5-mini", parameters: { temperature: 0.2, max_tokens: 400 }, variables: [] } },
};
const TEXT = "A typewriter is a small agreement between a hand and a page. You press a key, a bar of type swings up, and a letter is there: not proposed, not previewed, but printed.\n\nThe first ones that sold well came out of Ilion, New York, in the 1870s, from a company that until then had made rifles and sewing machines. They wrote only capitals. The typist could not see the line being written; it surfaced a few lines later, like a thought one had a moment ago.\n\nWhat they changed was not speed so much as evenness. Every letter weighed the same. Offices filled with people who could make a page look finished, and a page that looks finished is believed.\n\nThe order of the keys is an argument that has outlived everyone who made it.";
export function mock(): Plugin {
  return { name: "mock", configureServer(server) {
    server.middlewares.use(async (req, res, next) => {
      const url = req.url ?? "";
      if (!url.startsWith("/api")) return next();
      let raw = ""; for await (const c of req) raw += c;
      const body = raw ? JSON.parse(raw) : {};
      const json = (status: number, v: unknown) => { res.statusCode = status; res.setHeader("content-type", "application/json"); res.end(JSON.stringify(v)); };
      const err = (status: number, code: number, cls: string, message: string) => json(status, { error: { code, class: cls, phase: "connect", message, retryable: false, trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" } });
      if (url === "/api/models") return json(200, { models: [{ id: "simulated/typewriter", provider: "simulated", description: "Types a fixed text about whatever was asked" }, { id: "simulated/echo", provider: "simulated", description: "Types back the last user message" }, { id: "openai/gpt-5-mini", provider: "openai", description: "" }] });
      if (url === "/api/prompts" && req.method === "GET") return json(200, { prompts: Object.values(prompts) });
      if (url === "/api/prompts") { prompts[body.key] = { ...body, revision: 1, variables: [], created_at: "", updated_at: "" }; return json(200, prompts[body.key]); }
      const m = /^\/api\/prompts\/([^/]+)(\/\w+)?$/.exec(url); if (!m) return err(404, 40400, "not_found", "nothing");
      const p = prompts[m[1]]; if (!p) return err(404, 40400, "not_found", `no prompt '${m[1]}'`);
      if (!m[2]) return json(200, p);
      if (m[2] === "/draft") { if (body.revision !== p.revision) return err(409, 40900, "conflict", "the draft moved on"); prompts[m[1]] = { ...p, draft: body.draft, name: body.name, revision: p.revision + 1 }; return json(200, prompts[m[1]]); }
      if (m[2] === "/run") {
        if (body.draft.model.startsWith("openai")) return err(404, 40400, "not_found", "no model 'openai/gpt-5-mini'");
        res.setHeader("content-type", "text/event-stream");
        let id = 0; const ev = (e: string, d: unknown) => res.write(`event: ${e}\nid: ${++id}\ndata: ${JSON.stringify(d)}\n\n`);
        ev("start", { run_id: "r", model: "m", trace_id: "t" });
        const words = TEXT.match(/\s*\S+/g)!; const usage = { input_tokens: 23, cache_read_tokens: 0, cache_write_tokens: 0, output_tokens: words.length, reasoning_tokens: 0 };
        await new Promise(r => setTimeout(r, 200));
        for (let i = 0; i < words.length; i++) { if (res.destroyed) return; ev("delta", { text: words[i] }); if (p.key === "cut" && i === 40) { ev("error", { code: 50402, class: "upstream_cut", phase: "mid_stream", message: "the vendor's stream ended before its end", retryable: true, retry_after_s: 3, vendor: "simulated", trace_id: "4bf92f3577b34da6a3ce929d0e0e4736" }); return res.end(); } await new Promise(r => setTimeout(r, 20)); }
        ev("done", { finish_reason: "stop", usage, ttft_ms: 201, duration_ms: 3000 }); res.end();
      }
    });
  } };
}
