// Versions of a prompt: committed once and for all, compared, merged, labelled and fetched.
namespace py promptwire.api.version
namespace go promptwire.version

include "base.thrift"
include "prompt.thrift"

/** A version as lists show it. `parents` are the versions it was made of: none, one, or two after a merge. */
struct Version {
  1: required string version
  2: required string branch
  3: required string message
  4: required string author
  5: required list<string> parents
  6: required string created_at
  7: list<string> labels = []
}

/**
 * A version with what it says; it never changes. `snippets` are the versions of the snippets that a floating include
 * stood for when it was committed, by key; `draft` is one that had no version yet.
 */
struct Commit {
  1: required string key
  2: required Version version
  3: required prompt.Content content
  4: optional map<string, string> snippets
}

/**
 * Commits `content`, or the caller's draft when there is none. `version` is like 1.2.0; without one it is the next number.
 * `base` is the version the content was made from: when the branch has moved on, the answer is a conflict. `merged` is
 * the other version that went into it. Without an `author` it is the person who calls.
 */
struct CommitRequest {
  1: required string key (api.path = "key")
  2: string message = ""
  3: optional string version
  4: string branch = "main"
  5: string author = ""
  6: optional prompt.Content content
  7: optional string base
  8: optional string merged
}

/** Without a branch, the versions of all of them; the newest first. */
struct ListVersionsRequest {
  1: required string key (api.path = "key")
  2: optional string branch (api.query = "branch")
}

struct ListVersionsReply {
  1: required list<Version> versions
}

/**
 * A version wins over a label, a label over the newest version of the main branch. `expand`: with snippets put in
 * place and their variables among the content's own.
 */
struct FetchRequest {
  1: required string key (api.path = "key")
  2: optional string version (api.query = "version")
  3: optional string label (api.query = "label")
  4: optional bool expand (api.query = "expand")
}

/** `before` and `after` are versions, labels, branches, `draft` (the caller's), or `draft:` and the name of a person. */
struct DiffRequest {
  1: required string key (api.path = "key")
  2: required string before (api.query = "before")
  3: required string after (api.query = "after")
}

/** One line of a text that changed. */
struct Line {
  1: required string kind (py.values = "same added removed")
  2: required string text
}

/** What is at `path` in both; absent where it is not there. Of a text that changed, also its lines. */
struct Change {
  1: required string path
  2: optional base.Json before
  3: optional base.Json after
  4: optional list<Line> lines
}

struct DiffReply {
  1: required list<Change> changes
}

/** Makes a version, or anything else a diff takes, the caller's draft; `revision` as in an edit of the draft. */
struct RevertRequest {
  1: required string key (api.path = "key")
  2: required string version
  3: optional i64 revision
}

struct Branch {
  1: required string name
  2: required string head
}

struct BranchRequest {
  1: required string key (api.path = "key")
  2: required string name
  3: required string version
}

struct BranchByName {
  1: required string key (api.path = "key")
  2: required string name (api.path = "name")
}

struct ByKey {
  1: required string key (api.path = "key")
}

struct ListBranchesReply {
  1: required list<Branch> branches
}

/** What a conflict at `path` is to be; without a value it goes. */
struct Decision {
  1: required string path
  2: optional base.Json value
}

/** Merges two of what a diff takes; given contents stand in for them, and for their common base. */
struct MergeRequest {
  1: required string key (api.path = "key")
  2: optional string ours
  3: optional string theirs
  4: optional prompt.Content base_content
  5: optional prompt.Content our_content
  6: optional prompt.Content their_content
  7: list<Decision> decisions = []
}

/** Both sides changed `path` differently; `content` of the reply has ours. A side that took it away is absent. */
struct MergeConflict {
  1: required string path
  2: optional base.Json base
  3: optional base.Json ours
  4: optional base.Json theirs
}

struct MergeReply {
  1: required prompt.Content content
  2: required list<MergeConflict> conflicts
  3: optional string base
}

/** Where a label points. When it has keepers, only they may move it or change who they are. */
struct Label {
  1: required string name
  2: required string version
  3: required string moved_at
  4: required string moved_by
  5: list<string> keepers = []
}

/**
 * `was` is the version the mover believes it is at: when it is elsewhere, the answer is a conflict. Without a `person`
 * it is the one who calls.
 */
struct MoveLabelRequest {
  1: required string key (api.path = "key")
  2: required string name (api.path = "name")
  3: required string version
  4: string person = ""
  5: string reason = ""
  6: optional string was
  7: optional list<string> keepers
}

struct DropLabelRequest {
  1: required string key (api.path = "key")
  2: required string name (api.path = "name")
  3: string person = "" (api.query = "person")
  4: string reason = "" (api.query = "reason")
}

struct ListLabelsReply {
  1: required list<Label> labels
}

/** A label moved; `before` is absent when it was made, `after` when it was dropped. */
struct Move {
  1: required string name
  2: optional string before
  3: optional string after
  4: required string person
  5: required string reason
  6: required string at
}

struct LabelHistoryReply {
  1: required list<Move> moves
}

/** It is gone. */
struct Dropped {
}

service VersionService {
  Commit CommitVersion(1: CommitRequest request) (api.post = "/api/prompts/:key/versions")
  ListVersionsReply ListVersions(1: ListVersionsRequest request) (api.get = "/api/prompts/:key/versions")
  Commit Fetch(1: FetchRequest request) (api.get = "/api/prompts/:key/fetch")
  DiffReply Diff(1: DiffRequest request) (api.get = "/api/prompts/:key/diff")
  prompt.Prompt Revert(1: RevertRequest request) (api.post = "/api/prompts/:key/revert")
  Branch CreateBranch(1: BranchRequest request) (api.post = "/api/prompts/:key/branches")
  ListBranchesReply ListBranches(1: ByKey request) (api.get = "/api/prompts/:key/branches")
  Dropped DropBranch(1: BranchByName request) (api.delete = "/api/prompts/:key/branches/:name")
  /** Nothing is kept: the result is for a person to look at and commit. */
  MergeReply Merge(1: MergeRequest request) (api.post = "/api/prompts/:key/merge")
  Label MoveLabel(1: MoveLabelRequest request) (api.put = "/api/prompts/:key/labels/:name")
  Dropped DropLabel(1: DropLabelRequest request) (api.delete = "/api/prompts/:key/labels/:name")
  ListLabelsReply ListLabels(1: ByKey request) (api.get = "/api/prompts/:key/labels")
  /** Who moved what when, the newest first. */
  LabelHistoryReply LabelHistory(1: ByKey request) (api.get = "/api/prompts/:key/labels/history")
}
