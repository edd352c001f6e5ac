// The library: prompts found among many, put in folders under tags, and fetched back from the trash.
namespace py promptwire.api.library
namespace go promptwire.library

include "prompt.thrift"

typedef string Order (py.values = "edited created name key")

/** A prompt as lists show it. `found` is the line of a message that the sought text stands in. */
struct Entry {
  1: required string key
  2: string name = ""
  3: string description = ""
  4: string folder = ""
  5: list<string> tags = []
  6: string model = ""
  7: required string created_at
  8: required string updated_at
  9: optional string deleted_at
  10: optional string deleted_by
  11: optional string found
  12: prompt.PromptKind kind = "chat"
}

/**
 * Each word of `text` stands in the key, name, description, folder, tags or a message. `folder` holds those below it
 * too; empty, it holds those in no folder. A prompt has all of `tags`, and is of `kind` when one is named. `trashed`: those
 * in the trash, and only them.
 */
struct SearchRequest {
  1: string text = "" (api.query = "text")
  2: optional string folder (api.query = "folder")
  3: list<string> tags = [] (api.query = "tag")
  4: Order order = "edited" (api.query = "order")
  5: bool trashed = false (api.query = "trashed")
  6: i64 offset = 0 (api.query = "offset")
  7: i64 limit = 50 (api.query = "limit")
  8: optional prompt.PromptKind kind (api.query = "kind")
}

/** `total`: how many match, on this page and off it. */
struct SearchReply {
  1: required list<Entry> entries
  2: required i64 total
}

struct ShelvesRequest {
}

/** A folder, a tag or a kind, and how many prompts stand right in it. */
struct Shelf {
  1: required string name
  2: required i64 prompts
}

struct ShelvesReply {
  1: required list<Shelf> folders
  2: required list<Shelf> tags
  3: required i64 total
  4: required i64 trashed
  5: list<Shelf> kinds = []
}

/** What is absent stays as it is. A folder is a path like support/refunds. */
struct DescribeRequest {
  1: required string key (api.path = "key")
  2: optional string name
  3: optional string description
  4: optional string folder
  5: optional list<string> tags
}

/** The same for many at once: all of them, or, when one is unknown, none. */
struct OrganiseRequest {
  1: required list<string> keys
  2: optional string folder
  3: list<string> add_tags = []
  4: list<string> drop_tags = []
}

struct OrganiseReply {
  1: required list<Entry> entries
}

/** Without a `new_key` it is the first that is free: KEY-copy, KEY-copy-2 and so on. */
struct DuplicateRequest {
  1: required string key (api.path = "key")
  2: optional string new_key
  3: optional string name
}

struct RestoreRequest {
  1: required string key (api.path = "key")
}

service LibraryService {
  SearchReply Search(1: SearchRequest request) (api.get = "/api/library")
  /** Every folder, tag and kind. */
  ShelvesReply Shelves(1: ShelvesRequest request) (api.get = "/api/library/shelves")
  OrganiseReply Organise(1: OrganiseRequest request) (api.post = "/api/library/organise")
  Entry Describe(1: DescribeRequest request) (api.patch = "/api/prompts/:key")
  prompt.Prompt Duplicate(1: DuplicateRequest request) (api.post = "/api/prompts/:key/duplicate")
  /** Takes a prompt out of the trash, with its draft, versions and labels. */
  prompt.Prompt Restore(1: RestoreRequest request) (api.post = "/api/prompts/:key/restore")
}
