// What prompts are tried with: values of the variables and a conversation, kept under a name.
namespace py promptwire.api.input
namespace go promptwire.input

include "base.thrift"
include "message.thrift"

/** `messages` follow the prompt's own. A shared one is seen and changed by everyone, others only by their owner. */
struct Input {
  1: required string key
  2: required string id
  3: required string name
  4: map<string, base.Json> values = {}
  5: list<message.Message> messages = []
  6: bool shared = false
  7: required string owner
  8: required i64 revision
  9: required string updated_at
}

struct CreateInputRequest {
  1: required string key (api.path = "key")
  2: required string name
  3: map<string, base.Json> values = {}
  4: list<message.Message> messages = []
  5: bool shared = false
}

/** What is absent stays as it is. `revision` is the one the change was made on; a later one is a conflict. */
struct UpdateInputRequest {
  1: required string key (api.path = "key")
  2: required string id (api.path = "id")
  3: optional string name
  4: optional map<string, base.Json> values
  5: optional list<message.Message> messages
  6: optional bool shared
  7: optional i64 revision
}

struct InputByID {
  1: required string key (api.path = "key")
  2: required string id (api.path = "id")
}

struct InputsRequest {
  1: required string key (api.path = "key")
}

/** Your own inputs of a prompt and the shared ones, by name. `current` is the one you marked. */
struct InputsReply {
  1: required list<Input> inputs
  2: optional string current
}

/** Without an `id` none is marked. */
struct MarkInputRequest {
  1: required string key (api.path = "key")
  2: optional string id
}

struct InputMarked {
}

struct InputDeleted {
}

service InputService {
  InputsReply ListInputs(1: InputsRequest request) (api.get = "/api/prompts/:key/inputs")
  Input GetInput(1: InputByID request) (api.get = "/api/prompts/:key/inputs/:id")
  Input CreateInput(1: CreateInputRequest request) (api.post = "/api/prompts/:key/inputs")
  Input UpdateInput(1: UpdateInputRequest request) (api.put = "/api/prompts/:key/inputs/:id")
  InputDeleted DeleteInput(1: InputByID request) (api.delete = "/api/prompts/:key/inputs/:id")
  /** Says which of them you go on with, on any machine. */
  InputMarked MarkInput(1: MarkInputRequest request) (api.put = "/api/prompts/:key/input")
}
