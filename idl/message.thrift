// Messages of a conversation and the events of a run.
namespace py promptwire.api.message
namespace go promptwire.message

include "base.thrift"

typedef string Role (py.values = "system user assistant tool placeholder")

/** Why a model stopped; OpenAI's words. */
typedef string FinishReason (py.values = "stop length tool_calls content_filter")

/**
 * A call of a tool, whole. `arguments` is JSON text as the model wrote it, which may be malformed. `signature` is a
 * vendor's seal on the thought behind the call, to be sent back with it.
 */
struct ToolCall {
  1: required string id
  2: required string name
  3: required string arguments
  4: optional string signature
}

/** A file a model reads: its content as a `data:` URL, or where a vendor may fetch it. */
struct File {
  1: required string url
  2: string name = ""
}

/**
 * One piece of a multi-part content: exactly one field is set. An `image_url` may be a `data:` URL. A `variable` stands
 * for the list of parts given under its name at run time; no vendor ever sees one.
 */
struct Part {
  1: optional string text
  2: optional string image_url
  3: optional File file
  4: optional string variable
}

/**
 * One message. A `placeholder` stands for a list of messages given at run time under the name in `content`.
 * `reasoning_signature` is a vendor's seal on `reasoning`, to be sent back with it.
 */
struct Message {
  1: required Role role
  2: string content = ""
  3: optional list<Part> parts
  4: optional string name
  5: optional list<ToolCall> tool_calls
  6: optional string tool_call_id
  7: optional string reasoning
  8: optional string reasoning_signature
}

/**
 * A function the model may call. `parameters` is a JSON Schema; `strict` asks the vendor to hold calls to it, and one that
 * cannot answers without it, with a warning in `start`.
 */
struct Tool {
  1: required string name
  2: string description = ""
  3: optional base.Json parameters
  4: optional bool strict
}

/**
 * Tokens of a run. The kinds are disjoint, so their sum is the total; `cost` is in US dollars. `estimated` is true when
 * the vendor said nothing and we counted.
 */
struct Usage {
  1: i64 input_tokens = 0
  2: i64 cache_read_tokens = 0
  3: i64 cache_write_tokens = 0
  4: i64 output_tokens = 0
  5: i64 reasoning_tokens = 0
  6: optional double cost
  7: optional bool estimated
}

/** A model that was tried before the one that answers, and why it did not. */
struct Attempt {
  1: required string model
  2: required base.ErrorClass class
  3: required string message
  4: required double duration_ms
}

/** What a limit leaves after this run's reservation; in `reset_s` seconds it is whole again when nobody else comes. */
struct RateLimit {
  1: required string limit
  2: required string kind (py.values = "requests tokens streams")
  3: required double amount
  4: required double remaining
  5: required double reset_s
}

/**
 * The first event: what is about to run. `prompt` and `version` are absent when a model is called directly.
 * `warnings` say which settings were left out for this model, and why.
 */
struct Start {
  1: required string run_id
  2: optional string prompt
  3: optional string version
  4: required string model
  5: required string trace_id
  6: optional list<Attempt> attempts
  7: optional list<string> warnings
  8: optional list<RateLimit> limits
}

/** Text of the answer. */
struct Delta {
  1: required string text
}

/** Text of the model's reasoning. */
struct Reasoning {
  1: required string text
  2: optional string signature
}

/** A fragment of the tool call at `index`; `id` and `name` come once, `arguments` piece by piece. */
struct ToolCallDelta {
  1: required i32 index
  2: optional string id
  3: optional string name
  4: string arguments = ""
  5: optional string signature
  /** Promptwire answers this call itself, when it answers the round it is of. */
  6: optional bool bound
}

/**
 * The reply to the tool call at `index`, as the model is told it. `source` says where it came from (see ToolReply);
 * a tool that failed replies with what went wrong, and `is_error`. One that is `proposed` was not sent to the model: it
 * is what a mock says, for whoever goes on with the conversation.
 */
struct ToolResult {
  1: required i32 index
  2: required string id
  3: required string name
  4: required string content
  5: required string source (py.values = "mock http mcp person")
  6: bool is_error = false
  7: double duration_ms = 0.0
  8: bool proposed = false
}

/** The last event of a run that ended well. */
struct Done {
  1: required FinishReason finish_reason
  2: required Usage usage
  3: optional double cost
  4: optional double ttft_ms
  5: required double duration_ms
}

/** An event of a run. A run ends with exactly one Done, or with an error (a business status on Thrift). */
union Event {
  1: Delta delta
  2: Reasoning reasoning
  3: ToolCallDelta tool_call
  4: Usage usage
  5: Start start
  6: Done done
  7: ToolResult tool_result
}
