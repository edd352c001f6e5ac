// Help with writing that needs no model: a linter, and a form that is a prompt and back.
namespace py promptwire.api.authoring
namespace go promptwire.authoring

include "base.thrift"
include "llm.thrift"
include "message.thrift"
include "prompt.thrift"

typedef string Severity (py.values = "error warning info")

/** A piece of a draft's text: characters `start` to `end` of a message's content, or of one of its parts. */
struct Span {
  1: required i32 message
  2: optional i32 part
  3: required i32 start
  4: required i32 end
}

/** Put `text` in place of a span. */
struct Edit {
  1: required Span span
  2: required string text
}

/**
 * What a rule found: where, what, why it matters and, where a machine can mend it, how. `wording` and `fix_wording` are
 * `message` and `fix` before `values` were put in place of each `{name}`, for who says them in another language.
 */
struct Finding {
  1: required string rule
  2: required Severity severity
  3: required string message
  4: required string why
  5: optional Span span
  6: optional string fix
  7: list<Edit> edits = []
  8: string wording = ""
  9: optional string fix_wording
  10: map<string, string> values = {}
}

/** `key` is the prompt the content is of, so that a snippet which includes itself is found. */
struct LintRequest {
  1: required prompt.Content content
  2: optional string key
}

/**
 * A variable as a draft uses it: in a text, in the place of messages, or in the place of parts. `spans` are where; a
 * place inside a snippet is the place of its include, and `snippet` is the key of the first that uses it. Not `certain`:
 * the template may do without a value. `settings` are what is declared of it, here or by a snippet.
 */
struct Slot {
  1: required string name
  2: required string type (py.values = "string messages parts")
  3: required list<Span> spans
  4: bool certain = true
  5: optional string snippet
  6: optional prompt.Variable settings
}

/** A snippet that a text includes. Without a `version` it floats; `stands_for` is the version that is put in place. */
struct Included {
  1: required string key
  2: optional string version
  3: required Span span
  4: optional string stands_for
}

/** `slots` are in order of appearance. `unused` are the variables that are declared and never used. */
struct LintReply {
  1: required list<Finding> findings
  2: list<Slot> slots = []
  3: list<string> unused = []
  4: list<Included> snippets = []
}

/** `draft`, `version`, `label`, `variables` and `messages` as in a run. */
struct PreviewRequest {
  1: required string key (api.path = "key")
  2: map<string, base.Json> variables = {}
  3: optional list<message.Message> messages
  4: optional prompt.Content draft
  5: optional string version
  6: optional string label
}

/**
 * What a run would send, and its tokens, block by block. A variable that is `missing` stands as it is written in the
 * text.
 */
struct PreviewReply {
  1: required list<message.Message> messages
  2: required list<string> missing
  3: required llm.TokenCount tokens
}

struct RuleNote {
  1: required string id
  2: required Severity severity
  3: required string why
}

struct ListRulesRequest {
}

struct ListRulesReply {
  1: required list<RuleNote> rules
}

/** One worked example: what comes in and what should come out. */
struct FormExample {
  1: string input = ""
  2: string output = ""
}

/** A prompt as the answers to a few questions. */
struct Form {
  1: string role = ""
  2: string goal = ""
  3: string audience = ""
  4: list<string> steps = []
  5: list<string> rules = []
  6: string output = ""
  7: list<FormExample> examples = []
  8: string rest = ""
}

struct FormText {
  1: required string text
}

service AuthoringService {
  /** What could be better in a draft. */
  LintReply Lint(1: LintRequest request) (api.post = "/api/lint")
  /** The messages of a prompt with everything in its place, and what they cost. */
  PreviewReply Preview(1: PreviewRequest request) (api.post = "/api/prompts/:key/preview")
  ListRulesReply ListRules(1: ListRulesRequest request) (api.get = "/api/lint/rules")
  /** A form as the text of a system message. */
  FormText WriteForm(1: Form form) (api.post = "/api/form/write")
  /** The text of a system message as a form; what fits no question is kept in `rest`. */
  Form ReadForm(1: FormText text) (api.post = "/api/form/read")
}
