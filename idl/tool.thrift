// Tools of a prompt beyond what a model is told of them: how a call is answered, for real or by a mock.
namespace py promptwire.api.tool
namespace go promptwire.tool

include "base.thrift"
include "message.thrift"

typedef string ToolSource (py.values = "mock http mcp person")

/** A value of a call's arguments, by JSON path (`$.city`, `$.stops[0].name`), and what it must be. */
struct Condition {
  1: required string path
  2: string test = "equals" (py.values = "equals matches contains exists")
  3: optional base.Json value
}

/** When every condition holds (none: always), this is the reply. */
struct MockRule {
  1: list<Condition> conditions = []
  2: string reply = ""
  3: bool is_error = false
}

/** A reply to a call with these arguments: JSON text, compared as values. */
struct Recording {
  1: required string arguments
  2: string reply = ""
  3: bool is_error = false
}

/**
 * Replies in place of calls. `fixed` always gives `reply`; `rule` gives that of the first rule that holds, `recorded`
 * that of the recording with the same arguments, and both give `reply`, when there is one, where nothing matches.
 * What has no reply is answered as if there were no mock.
 */
struct Mock {
  1: string kind = "fixed" (py.values = "fixed rule recorded")
  2: optional string reply
  3: optional list<MockRule> rules
  4: optional list<Recording> recordings
}

/**
 * An HTTP request that answers a call. `{{name}}` stands for an argument: percent-encoded in the URL, as JSON in the
 * body. `{{secret.NAME}}` in a header stands for a stored secret. Arguments the URL does not name are the JSON body,
 * or for GET and DELETE the query; `body`, when given, is sent instead.
 */
struct HttpCall {
  1: string method = "GET" (py.values = "GET POST PUT PATCH DELETE")
  2: required string url
  3: optional map<string, string> headers
  4: optional string body
  5: double timeout_s = 20.0
  6: i64 max_bytes = 65536
}

/** A tool of an MCP server, by the names of both. `tool`, when empty, is called as the model calls it. */
struct McpCall {
  1: required string server
  2: string tool = ""
}

/** An MCP server, spoken to over Streamable HTTP. `{{secret.NAME}}` in a header stands for a stored secret. */
struct McpServer {
  1: required string name
  2: required string url
  3: optional map<string, string> headers
  4: double timeout_s = 30.0
}

/** How calls of the tool `name` are answered. Without `http` and `mcp` it is a function, which its caller answers. */
struct Binding {
  1: required string name
  2: optional HttpCall http
  3: optional McpCall mcp
  4: optional Mock mock
}

/** A tool's reply to one call. */
struct ToolReply {
  1: required string content
  2: required ToolSource source
  3: bool is_error = false
  4: double duration_ms = 0.0
}

/** `mock`: try the mock alone; otherwise the tool is called for real, by its `http` or `mcp`. */
struct CallToolRequest {
  1: required Binding binding
  2: required string arguments
  3: bool mock = false
  4: optional McpServer server
}

/** Absent `reply`: the mock has none for these arguments. */
struct CallToolReply {
  1: optional ToolReply reply
}

struct ListMcpToolsRequest {
  1: required McpServer server
}

/** What an MCP server offers, and what it says it is. */
struct ListMcpToolsReply {
  1: required list<message.Tool> tools
  2: string server = ""
}

/**
 * A secret that headers of tools name: written, never read back. It is sent to `hosts` alone (`api.example.com`, or
 * with its port), so that whoever may edit a prompt cannot send it elsewhere. A `value` that stays away stays as it is.
 */
struct ToolSecret {
  1: required string name
  2: required list<string> hosts
  3: optional string value
}

struct ListToolSecretsRequest {
}

struct ListToolSecretsReply {
  1: required list<ToolSecret> secrets
}

struct DeleteToolSecretRequest {
  1: required string name (api.path = "name")
}

struct DeleteToolSecretReply {
}

/** `text`, when given, is a JSON text that shall fit `schema`. */
struct CheckSchemaRequest {
  1: required base.Json schema
  2: optional string text
}

/** `schema_problem`: why it is no JSON Schema. `problems`: what of the text does not fit it, none when it does. */
struct CheckSchemaReply {
  1: optional string schema_problem
  2: list<string> problems = []
}

service ToolService {
  /** Answer one call, as a run would. */
  CallToolReply CallTool(1: CallToolRequest request) (api.post = "/api/tools/call")
  /** Ask an MCP server what it offers. */
  ListMcpToolsReply ListMcpTools(1: ListMcpToolsRequest request) (api.post = "/api/tools/mcp")
  ListToolSecretsReply ListToolSecrets(1: ListToolSecretsRequest request) (api.get = "/api/tools/secrets")
  ToolSecret PutToolSecret(1: ToolSecret request) (api.put = "/api/tools/secrets")
  DeleteToolSecretReply DeleteToolSecret(1: DeleteToolSecretRequest request) (api.delete = "/api/tools/secrets/:name")
  /** Whether a schema is one, and whether a text fits it. */
  CheckSchemaReply CheckSchema(1: CheckSchemaRequest request) (api.post = "/api/tools/schema")
}
