// The place where the page asks what is kept of runs and their traces.
import { client, got } from "./client";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type RunRecord = Schemas["Record"];
export type RunStatus = RunRecord["status"];
export type Trace = Schemas["Trace"];
export type TraceSpan = Schemas["TraceSpan"];
export type RunsAsked = NonNullable<operations["ListPromptRuns"]["parameters"]["query"]>;

export async function listPromptRuns(
  key: string,
  query: RunsAsked,
  signal: AbortSignal,
): Promise<Schemas["ListRunsReply"]> {
  return got(client.GET("/api/prompts/{key}/runs", { params: { path: { key }, query }, signal }));
}

export async function getRun(id: string, signal: AbortSignal): Promise<RunRecord> {
  return got(client.GET("/api/runs/{id}", { params: { path: { id } }, signal }));
}

export async function getTrace(id: string, signal: AbortSignal): Promise<Trace> {
  return got(client.GET("/api/traces/{id}", { params: { path: { id } }, signal }));
}
