// The place where the page asks the gateway anything but a stream: typed from the contract, failing with its error.
import createClient from "openapi-fetch";
import { reason } from "@/text/failure";
import { credentials, PERSON } from "./key";
import type { components, paths } from "./schema";
import { type ErrorObject, refusal } from "./stream";

type Schemas = components["schemas"];

export type Prompt = Schemas["Prompt"];
export type Content = Schemas["Content"];
export type Message = Schemas["Message"];
export type Model = Schemas["Model"];
export type Parameters = Schemas["Parameters"];
export type Simulate = Schemas["Simulate"];
export type Variable = Schemas["Variable"];
export type Role = Message["role"];

/** A request that was refused, or that nobody answered. Its message is for a person, in the language of the page. */
export class ApiFailure extends Error {
  readonly error: ErrorObject;

  constructor(error: ErrorObject) {
    super(reason(error));
    this.error = error;
  }
}

/** Why something failed, as the server says it or the browser does. */
export function reasonOf(failure: unknown): string {
  return failure instanceof ApiFailure ? failure.message : String(failure);
}

export const client = createClient<paths>();

client.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(credentials())) {
      if (!request.headers.has(name)) request.headers.set(name, value);
    }
  },
  async onResponse({ response }) {
    if (!response.ok) throw new ApiFailure(await refusal(response));
  },
  onError({ error }) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Promptwire did not answer (${reason})`;
    return new ApiFailure({ code: 50202, class: "upstream_cut", phase: "connect", message, retryable: true });
  },
});

export async function getPrompt(key: string, signal?: AbortSignal): Promise<Prompt> {
  return got(client.GET("/api/prompts/{key}", { params: { path: { key } }, ...(signal && { signal }) }));
}

export async function createPrompt(body: Schemas["CreatePromptRequest"]): Promise<Prompt> {
  return got(client.POST("/api/prompts", { body }));
}

/**
 * Keeps an edit of the draft of whom `whose` belongs to, whatever the browser's person is called by now. `leaving`: the
 * page is about to go away, and the request shall outlive it.
 */
export async function updateDraft(
  { key, person }: Pick<Prompt, "key" | "person">,
  body: Schemas["UpdateDraftRequest"],
  leaving = false,
): Promise<Prompt> {
  const headers = { [PERSON]: encodeURIComponent(person) };
  return got(client.PUT("/api/prompts/{key}/draft", { params: { path: { key } }, body, headers, keepalive: leaving }));
}

export async function listModels(signal?: AbortSignal): Promise<Model[]> {
  return (await got(client.GET("/api/models", { ...(signal && { signal }) }))).models;
}

export async function got<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  if (data === undefined) throw new Error("an answer without a body");
  return data;
}
