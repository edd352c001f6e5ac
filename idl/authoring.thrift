// Help with writing that needs no model: a linter, and a form that is a prompt and back.
namespace py promptwire.api.authoring
namespace go promptwire.authoring

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

/** What a rule found: where, what, why it matters and, where a machine can mend it, how. */
struct Finding {
  1: required string rule
  2: required Severity severity
  3: required string message
  4: required string why
  5: optional Span span
  6: optional string fix
  7: list<Edit> edits = []
}

struct LintRequest {
  1: required prompt.Content content
}

struct LintReply {
  1: required list<Finding> findings
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
  ListRulesReply ListRules(1: ListRulesRequest request) (api.get = "/api/lint/rules")
  /** A form as the text of a system message. */
  FormText WriteForm(1: Form form) (api.post = "/api/form/write")
  /** The text of a system message as a form; what fits no question is kept in `rest`. */
  Form ReadForm(1: FormText text) (api.post = "/api/form/read")
}
