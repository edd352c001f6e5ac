// Prompts: written, kept, rendered and run.
namespace py promptwire.api.prompt
namespace go promptwire.prompt

include "base.thrift"
include "message.thrift"
include "llm.thrift"
include "tool.thrift"

/** How the text of a prompt is read: `plain` knows `{{name}}` and nothing else. */
typedef string Engine (py.values = "plain jinja2 mustache")

/** A chat is messages; a text is one template, asked as one user message; a snippet is a text that others include. */
typedef string PromptKind (py.values = "chat text snippet")

typedef string VariableType (py.values = "string integer number boolean object strings integers numbers booleans objects messages parts")

/**
 * What is known of a variable beyond its name. `default` stands in when a caller gives no value; without one, a value
 * that is not `needed` counts as null, which prints nothing. `choices` are the only values allowed, `schema` is a
 * JSON Schema a value must satisfy. A variable of type `messages` is poured into a placeholder, one of type `parts`
 * into a part that names it.
 */
struct Variable {
  1: required string name
  2: string description = ""
  3: optional base.Json default
  4: optional base.Json example
  5: VariableType type = "string"
  6: bool needed = true
  7: optional list<base.Json> choices
  8: optional base.Json schema
}

/**
 * What a person edits: messages with variables, the model and its parameters. `bindings` say, by the tools' names, how
 * calls are answered; the model sees `tools` alone.
 */
struct Content {
  1: list<message.Message> messages = []
  2: string model = ""
  3: optional llm.Parameters parameters
  4: optional list<message.Tool> tools
  5: optional base.Json tool_choice
  6: optional base.Json response_format
  7: list<Variable> variables = []
  8: Engine engine = "plain"
  12: optional list<tool.Binding> bindings
  13: optional list<tool.McpServer> mcp_servers
}

/** Somebody's draft, as others see that it is there. `modified`: it says something its base does not. */
struct Drafted {
  1: required string person
  2: required string edited_at
  3: optional string base
  4: bool modified = false
}

/**
 * A prompt as one person sees it. What is said about it is everybody's, and `about_revision` counts the changes of its
 * name and description; the draft is `person`'s own, and `revision` counts what was kept of it: 0 when nothing was, and
 * the draft is what they begin with. `base` is the version the draft was made from, `modified` says that it differs from
 * it. `others` are those who have drafts too; a list of prompts leaves them out. `variables` are the names the draft
 * uses, those of its snippets included, in order of appearance.
 */
struct Prompt {
  1: required string key
  2: string name = ""
  3: string description = ""
  4: required Content draft
  5: required i64 revision
  6: list<string> variables = []
  7: required string created_at
  8: required string updated_at
  9: string person = ""
  10: optional string base
  11: bool modified = false
  12: list<Drafted> others = []
  13: i64 about_revision = 0
  /** Free words by which prompts are found. */
  18: list<string> tags = []
  /** A path like support/refunds; empty, it is in no folder. */
  19: string folder = ""
  15: PromptKind kind = "chat"
}

/** The kind of a prompt stays what it was created as. */
struct CreatePromptRequest {
  1: required string key
  2: string name = ""
  3: string description = ""
  4: optional Content draft
  7: list<string> tags = []
  8: string folder = ""
  5: PromptKind kind = "chat"
}

struct GetPromptRequest {
  1: required string key (api.path = "key")
}

struct ListPromptsRequest {
}

struct ListPromptsReply {
  1: required list<Prompt> prompts
}

/**
 * `revision` is the one the edit of the draft was made on, `about_revision` that of name and description; when somebody
 * has changed them since, the answer is a conflict and nothing is kept. `base` is the version the draft is made from
 * now; without one it stays, and a first draft is of the newest main version. `origin` is what a first draft was made
 * from when that was no version.
 */
struct UpdateDraftRequest {
  1: required string key (api.path = "key")
  2: optional Content draft
  3: optional i64 revision
  4: optional string name
  5: optional string description
  6: optional string base
  7: optional i64 about_revision
  8: optional Content origin
  9: optional list<string> tags
  10: optional string folder
}

struct DeletePromptRequest {
  1: required string key (api.path = "key")
}

/** It is in the trash, with its draft, versions and labels, and can be restored. */
struct PromptDeleted {
}

/**
 * `draft`, when given, is run, so that what is on the screen is what runs; else `version` (`draft` is the caller's own),
 * else `label`. Without any of them it is what the label `production` is at, else the newest main version, else the
 * caller's draft. `model`, and what is set in `parameters`, are taken in the place of the prompt's own. `resumable_s`:
 * for how many seconds the gateway keeps the run without a reader (see RunService); without it a run ends at once.
 * `timeouts` stand in place of the model's own.
 * `replay_of` names the run that this one is a repetition of.
 *
 * `tools_mode` says who answers tool calls. Absent: tools bound to HTTP or MCP are called for real and mocks are not
 * used. `answer`: mocks first, then as when absent. `step`: nobody; mocks are proposed. `caller`: nobody. A round with
 * a call that is not answered here is not answered at all, and the run ends with the finish reason `tool_calls`.
 * The model is asked at most `max_rounds` times (25), within `tools_total_s` (600).
 */
struct RunRequest {
  1: required string key (api.path = "key")
  2: map<string, base.Json> variables = {}
  3: optional list<message.Message> messages
  4: optional Content draft
  5: optional llm.Simulate simulate
  6: optional double resumable_s
  7: optional string version
  8: optional string label
  15: optional string replay_of
  18: optional string model
  19: optional llm.Parameters parameters
  21: optional llm.Timeouts timeouts
  11: optional string tools_mode (py.values = "answer step caller")
  12: optional i32 max_rounds
  13: optional double tools_total_s
}

service PromptService {
  Prompt CreatePrompt(1: CreatePromptRequest request) (api.post = "/api/prompts")
  ListPromptsReply ListPrompts(1: ListPromptsRequest request) (api.get = "/api/prompts")
  Prompt GetPrompt(1: GetPromptRequest request) (api.get = "/api/prompts/:key")
  Prompt UpdateDraft(1: UpdateDraftRequest request) (api.put = "/api/prompts/:key/draft")
  /** A snippet that others include is in use, and the answer is a conflict that names them. */
  PromptDeleted DeletePrompt(1: DeletePromptRequest request) (api.delete = "/api/prompts/:key")
  /** Render and stream. `messages` are appended after the rendered ones. */
  message.Event Run(1: RunRequest request) (streaming.mode = "server", api.post = "/api/prompts/:key/run")
}
