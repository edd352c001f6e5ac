// What is kept of every run, however it ended: found, read, and run again.
namespace py promptwire.api.record
namespace go promptwire.record

include "base.thrift"
include "message.thrift"
include "prompt.thrift"

/** `lost`: the process that ran it is gone without having said how it ended. */
typedef string RunStatus (py.values = "running done failed cancelled lost")

/**
 * What the model said at one time, with the tools it called and what they replied. A reply that begins a longer one says
 * how much of it was left out.
 */
struct Round {
  1: required message.Message said
  2: required list<message.ToolResult> results
}

/**
 * A run. Without `prompt` a model was asked directly. `excerpt` begins the answer; the fields from `request` on are the
 * contents, which lists leave out. `request` is what was asked, as it came (RunRequest or ChatRequest), `content` what
 * of the prompt was run, `messages` what the model was asked. `answer` is all it said, with the calls that were left
 * to the reader; `rounds` are the steps before the last, in which Promptwire itself replied to the calls. `cut` names the
 * contents that were too large to be kept whole.
 */
struct Record {
  1: required string id
  2: optional string prompt
  3: optional string version
  4: optional string label
  5: required RunStatus status
  6: required string started_at
  7: optional double duration_ms
  8: optional double ttft_ms
  9: optional string finish_reason
  10: optional string model
  11: optional message.Usage usage
  12: optional double cost
  13: optional base.Error error
  14: required string trace_id
  15: string person = ""
  16: string key = ""
  17: string scenario = ""
  18: optional string replay_of
  19: string excerpt = ""
  20: optional list<message.Attempt> attempts
  21: optional base.Json request
  22: optional prompt.Content content
  23: optional list<message.Message> messages
  24: optional message.Message answer
  25: list<string> cut = []
  26: optional list<Round> rounds
}

/**
 * Which runs, the latest first. `since` and `until` are moments like 2026-11-24T10:00:00Z; `text` is sought in what was
 * asked and answered. `cursor` is the `next` of the page before.
 */
struct ListRunsRequest {
  1: optional list<RunStatus> status (api.query = "status")
  2: optional string version (api.query = "version")
  3: optional string person (api.query = "person")
  4: optional string model (api.query = "model")
  5: optional string since (api.query = "since")
  6: optional string until (api.query = "until")
  7: optional string text (api.query = "text")
  8: optional string cursor (api.query = "cursor")
  9: i32 limit = 50 (api.query = "limit")
  10: optional bool direct (api.query = "direct")
}

/** The same, of one prompt. */
struct ListPromptRunsRequest {
  1: optional list<RunStatus> status (api.query = "status")
  2: optional string version (api.query = "version")
  3: optional string person (api.query = "person")
  4: optional string model (api.query = "model")
  5: optional string since (api.query = "since")
  6: optional string until (api.query = "until")
  7: optional string text (api.query = "text")
  8: optional string cursor (api.query = "cursor")
  9: i32 limit = 50 (api.query = "limit")
  10: required string key (api.path = "key")
}

/** `next` is absent on the last page. */
struct ListRunsReply {
  1: required list<Record> runs
  2: optional string next
}

struct GetRunRequest {
  1: required string id (api.path = "id")
}

/** `model` is asked in place of the one that was. `resumable_s` as in RunRequest. */
struct ReplayRequest {
  1: required string id (api.path = "id")
  2: optional string model
  3: optional double resumable_s
}

service RecordService {
  /** Runs of prompts and of models; `direct` true: only those that asked a model directly, false: only of prompts. */
  ListRunsReply ListRuns(1: ListRunsRequest request) (api.get = "/api/runs")
  ListRunsReply ListPromptRuns(1: ListPromptRunsRequest request) (api.get = "/api/prompts/:key/runs")
  /** A run with its contents. */
  Record GetRun(1: GetRunRequest request) (api.get = "/api/runs/:id")
  /** Run the same again: the same content with the same values, as a new run. */
  message.Event Replay(1: ReplayRequest request) (streaming.mode = "server", api.post = "/api/runs/:id/replay")
}
