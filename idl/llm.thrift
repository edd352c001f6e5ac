// Models behind one face: a stream of events, and a blocking reply that is a fold over it.
namespace py promptwire.api.llm
namespace go promptwire.llm

include "base.thrift"
include "message.thrift"

/**
 * What a person can set on a model; absent means the vendor's default. A vendor that does not know `seed` or a penalty
 * answers without it, and `start` carries a warning; anything else it does not know is refused.
 */
struct Parameters {
  1: optional double temperature
  2: optional double top_p
  3: optional i32 max_tokens
  4: optional list<string> stop
  5: optional i64 seed
  6: optional double presence_penalty
  7: optional double frequency_penalty
  8: optional string reasoning_effort (py.values = "minimal low medium high")
  /** How many tokens to think with, for models that are told so; it wins over `reasoning_effort`. */
  9: optional i32 reasoning_budget
}

/**
 * A fault for the simulated model to commit before packet `at`: 0 is before it takes the request, 1 before its first
 * packet. `retry_after_s` is what a limit tells the caller, and how long `slow_first` waits.
 */
struct Fault {
  1: required string kind (py.values = "permission rate_limit token_limit overloaded stall cut garbage moderation slow_first crash")
  2: i32 at = 0
  3: optional double retry_after_s
}

/**
 * How the simulated models type: tokens to write, milliseconds between them and before the first. `text` is written in
 * place of their own, after `reasoning_tokens` of reasoning and before `tool_calls`; `seed` makes the pace uneven, the
 * same way every time. `tool_calls` are made in the first `tool_rounds` (1) rounds; then the text quotes the replies.
 */
struct Simulate {
  1: optional i32 tokens
  2: optional double interval_ms
  3: optional double first_ms
  4: optional Fault fault
  5: optional string text
  6: optional i32 reasoning_tokens
  7: optional list<message.ToolCall> tool_calls
  8: optional i64 seed
  9: optional i32 tool_rounds
}

/** How long to wait, in seconds; absent means the model's own. */
struct Timeouts {
  1: optional double connect_s
  2: optional double first_token_s
  3: optional double idle_s
  4: optional double total_s
}

/**
 * `resumable_s`: for how many seconds the gateway keeps the run without a reader (see RunService). `replay_of` names
 * the run that this one is a repetition of.
 */
struct ChatRequest {
  1: required string model
  2: required list<message.Message> messages
  3: optional Parameters parameters
  4: optional list<message.Tool> tools
  5: optional base.Json tool_choice
  6: optional base.Json response_format
  7: optional Simulate simulate
  8: optional Timeouts timeouts
  9: optional double resumable_s
  14: optional string replay_of
}

/** The whole answer: the fold of a stream. */
struct ChatReply {
  1: required message.Message message
  2: required message.Start start
  3: required message.Done done
}

/**
 * What a model can do; absent means unknown, which forbids nothing. `reasoning` is how it is told how hard to think: by
 * a word, by a budget of tokens, or not at all.
 */
struct Capabilities {
  1: optional i64 context_tokens
  2: optional i64 output_tokens
  3: optional bool tools
  4: optional bool json_schema
  5: optional bool images
  6: optional string reasoning (py.values = "none level budget")
}

/** The most characters in one packet of an answer, and the most packets of one; absent means any number. */
struct PacketLimits {
  1: optional i64 characters
  2: optional i64 packets
}

/**
 * US dollars for a million tokens of each kind, from a day on (2026-01-31). A kind left out costs what its next of kin
 * costs: the cached ones as input, reasoning as output.
 */
struct Price {
  1: required string since
  2: required double input
  3: required double output
  4: optional double cache_read
  5: optional double cache_write
  6: optional double reasoning
}

/** A model that can be called. `unsupported` names each setting that it cannot take, with the reason. */
struct Model {
  1: required string id
  2: required string provider
  3: string description = ""
  4: optional Capabilities capabilities
  5: optional map<string, string> unsupported
  6: optional Price price
}

struct ListModelsRequest {
}

struct ListModelsReply {
  1: required list<Model> models
}

/** Tokens are counted for `model`, without asking its vendor. */
struct CountTokensRequest {
  1: required string model
  2: list<message.Message> messages = []
  3: list<message.Tool> tools = []
}

/** Tokens of one message: what its format costs, its text and each of its parts, in order. */
struct MessageTokens {
  1: required i64 tokens
  2: list<i64> parts = []
}

/** `exact`: counted with the model's own vocabulary; otherwise an estimate. `context_tokens`: what the model can read. */
struct TokenCount {
  1: required i64 total
  2: required bool exact
  3: required list<MessageTokens> messages
  4: i64 tools = 0
  5: optional i64 context_tokens
}

service LLMService {
  /** Stream an answer. */
  message.Event ChatStream(1: ChatRequest request) (streaming.mode = "server", api.post = "/api/chat")
  /** Answer whole. */
  ChatReply Chat(1: ChatRequest request)
  /** The models that can be called. */
  ListModelsReply ListModels(1: ListModelsRequest request) (api.get = "/api/models")
  /** How many tokens a request is. */
  TokenCount CountTokens(1: CountTokensRequest request) (api.post = "/api/tokens")
}
