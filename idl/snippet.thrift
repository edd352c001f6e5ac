// Snippets: texts that other prompts include, and who does.
namespace py promptwire.api.snippet
namespace go promptwire.snippet

include "prompt.thrift"

/**
 * A snippet as lists show it. `floats_at` is what an include without a version stands for: the version with the label
 * `production`, else the newest, else `draft`. `text` is what that says.
 */
struct Snippet {
  1: required string key
  2: string name = ""
  3: string description = ""
  4: required string floats_at
  5: required string text
  6: list<string> versions = []
}

struct ListSnippetsRequest {
}

struct ListSnippetsReply {
  1: required list<Snippet> snippets
}

struct ImpactRequest {
  1: required string key (api.path = "key")
}

/**
 * A draft or version of a prompt that a snippet is part of. `version` is absent for the draft. `through` are the
 * snippets between the two, from the prompt's own include on; none when it includes the snippet itself. `pinned` is the
 * version of the snippet it holds on to, absent when it floats.
 */
struct SnippetUse {
  1: required string key
  2: string name = ""
  3: required prompt.PromptKind kind
  4: optional string version
  5: list<string> labels = []
  6: list<string> through = []
  7: optional string pinned
}

struct ImpactReply {
  1: required list<SnippetUse> uses
}

service SnippetService {
  ListSnippetsReply ListSnippets(1: ListSnippetsRequest request) (api.get = "/api/snippets")
  /** Who includes a snippet, directly and through others. */
  ImpactReply Impact(1: ImpactRequest request) (api.get = "/api/prompts/:key/impact")
}
