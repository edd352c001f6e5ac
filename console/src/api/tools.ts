// The place where the page asks about tools: tried, offered by MCP servers, their secrets, and schemas.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Tool = Schemas["Tool"];
export type Binding = Schemas["Binding"];
export type Mock = Schemas["Mock"];
export type HttpCall = Schemas["HttpCall"];
export type McpServer = Schemas["McpServer"];
export type ToolReply = Schemas["ToolReply"];
export type ToolSecret = Schemas["ToolSecret"];

export async function callTool(body: Schemas["CallToolRequest"]): Promise<ToolReply | undefined> {
  return (await got(client.POST("/api/tools/call", { body }))).reply;
}

export function listMcpTools(server: McpServer): Promise<Schemas["ListMcpToolsReply"]> {
  return got(client.POST("/api/tools/mcp", { body: { server } }));
}

export async function listToolSecrets(signal: AbortSignal): Promise<ToolSecret[]> {
  return (await got(client.GET("/api/tools/secrets", { signal }))).secrets;
}

export function putToolSecret(body: ToolSecret): Promise<ToolSecret> {
  return got(client.PUT("/api/tools/secrets", { body }));
}

export async function deleteToolSecret(name: string): Promise<void> {
  await got(client.DELETE("/api/tools/secrets/{name}", { params: { path: { name } } }));
}

export function checkSchema(schema: unknown, text?: string): Promise<Schemas["CheckSchemaReply"]> {
  return got(client.POST("/api/tools/schema", { body: { schema, ...(text !== undefined && { text }) } }));
}
