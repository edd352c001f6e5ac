// Models as rows: vendors, what they offer, and whether it works.
namespace py promptwire.api.catalogue
namespace go promptwire.catalogue

include "base.thrift"
include "llm.thrift"

typedef string ProviderKind (py.values = "openai anthropic gemini simulated")

/**
 * Where a vendor is reached. `api_key` and the values of `headers` are written and never read back: an answer has them
 * empty, and a write that leaves them out keeps what is there.
 */
struct Provider {
  1: required string id
  2: required ProviderKind kind
  3: string base_url = ""
  4: optional string api_key
  5: optional map<string, string> headers
  6: bool enabled = true
  7: bool has_key = false
  /** Where it comes from; what comes from settings or is built in cannot be changed here. */
  8: string source = "stored" (py.values = "stored settings builtin")
}

/** A vendor that is known: what to put into a new provider. */
struct Preset {
  1: required string id
  2: required string name
  3: required ProviderKind kind
  4: required string base_url
  5: bool needs_key = true
}

/**
 * A model of a provider. `id` is our name for it, `model` the vendor's. `fallbacks` are ids of models to ask instead when
 * this one fails before its first token; `attempts` is how often each is asked. So many failures in a row as
 * `breaker_failures` says keep requests away from the model for a while; 0 never does. An answer that goes beyond
 * `packets` is broken off.
 */
struct ModelRow {
  1: required string id
  2: required string provider
  3: required string model
  4: string description = ""
  5: optional llm.Capabilities capabilities
  6: list<llm.Price> prices = []
  7: optional llm.Timeouts timeouts
  8: list<string> fallbacks = []
  9: i32 attempts = 2
  10: bool enabled = true
  11: string source = "stored" (py.values = "stored settings builtin")
  12: i32 breaker_failures = 5
  13: optional llm.PacketLimits packets
}

/** One thing a probe looked at. */
struct Check {
  1: required string name (py.values = "stream usage tools json_schema images reasoning stop")
  2: required bool works
  /** The exact reason when it does not. */
  3: optional base.Error error
  4: string note = ""
  5: required double duration_ms
}

/** `model` is an id of a stored model, or `row` one that is not stored yet. */
struct TestRequest {
  1: optional string model
  2: optional ModelRow row
}

struct TestReply {
  1: required list<Check> checks
}

struct ByID {
  1: required string id
}

struct Nothing {
}

struct ProvidersReply {
  1: required list<Provider> providers
  2: required list<Preset> presets
}

struct ModelRowsReply {
  1: required list<ModelRow> models
}

/** How the breaker of a model stands: closed lets requests through, open does not, half_open lets one try. */
struct Health {
  1: required string model
  2: required string state (py.values = "closed open half_open")
  3: required i32 failures
  4: optional double opens_for_s
  5: optional base.Error last_error
}

struct HealthReply {
  1: required list<Health> models
}

service CatalogueService {
  ProvidersReply ListProviders(1: Nothing request) (api.get = "/api/providers")
  Provider PutProvider(1: Provider provider) (api.put = "/api/providers")
  /** With its models. */
  Nothing DeleteProvider(1: ByID request) (api.delete = "/api/providers")

  ModelRowsReply ListModelRows(1: Nothing request) (api.get = "/api/models/rows")
  ModelRow PutModel(1: ModelRow model) (api.put = "/api/models/rows")
  Nothing DeleteModel(1: ByID request) (api.delete = "/api/models/rows")

  /** Ask the model small questions and list what works. */
  TestReply TestModel(1: TestRequest request) (api.post = "/api/models/test")
  HealthReply ListHealth(1: Nothing request) (api.get = "/api/models/health")
}
