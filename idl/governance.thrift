// What holds for the use of models: limits, budgets and moderation rules.
namespace py promptwire.api.governance
namespace go promptwire.governance

include "base.thrift"

/**
 * So many requests or tokens in any window, or so many streams at once.
 *
 * A scope with a value holds for that value alone, a scope set to `*` gives each value a bucket of its own, a scope left
 * out does not divide the bucket. `burst` is the part of the amount that may be taken in one moment. `when_lost` says
 * what holds while shared counters are out of reach: refuse, let pass, or count a share of the amount in each process.
 */
struct Limit {
  1: required string id (api.path = "id")
  2: required string kind (py.values = "requests tokens streams")
  3: required double amount
  4: double window_s = 60.0
  5: double burst = 0.05
  6: optional string model
  7: optional string workspace
  8: optional string key
  9: optional string user
  10: optional string scenario
  11: i32 max_queue = 0
  12: double max_wait_s = 0.0
  13: string when_lost = "closed" (py.values = "closed open share")
}

/**
 * How full one bucket of a limit is now. `lost`: the counters that `processes` share are out of reach, and what is shown
 * is what the one that answers counts by itself.
 */
struct LimitLevel {
  1: required string limit
  2: required string bucket
  3: required double used
  4: required double amount
  5: required i32 queued
  6: required bool lost
  7: i32 processes = 1
}

/** US dollars in each calendar day or month (UTC), for a workspace, a key or a user. */
struct Budget {
  1: required string id (api.path = "id")
  2: required double amount
  3: required string period (py.values = "day month")
  4: optional string workspace
  5: optional string key
  6: optional string user
}

/** What one bucket of a budget has spent in the current period; `reserved` is held by streams under way. */
struct Spending {
  1: required string budget
  2: required string bucket
  3: required string period
  4: required double spent
  5: required double reserved
  6: required double amount
}

/**
 * One moderation rule. `patterns` are words, regular expressions, names of personal data, or the text of what a judge
 * refuses. The fields from `url` on are of rules that ask somebody about a block of text.
 */
struct Rule {
  1: required string id
  2: required string kind (py.values = "words regex pii http judge")
  3: string action = "stop" (py.values = "stop mask replace")
  4: list<string> patterns = []
  5: list<string> stages = ["input", "output"]
  6: string replacement = "[removed]"
  7: string url = ""
  8: string model = ""
  9: string mode = "gate" (py.values = "gate lag audit")
  10: i32 block_chars = 200
  11: i32 overlap_chars = 50
  12: i32 lag_chars = 400
  13: double timeout_s = 5.0
  14: bool open_when_lost = false
}

/** Rules that hold together for the models and scenarios in scope; a stream keeps the version it began with. */
struct RuleSet {
  1: required string id (api.path = "id")
  2: i64 version = 0
  3: list<Rule> rules = []
  4: optional string model
  5: optional string workspace
  6: optional string scenario
  7: bool enabled = true
}

struct ByID {
  1: required string id (api.path = "id")
}

struct Nothing {
}

struct ListLimitsReply {
  1: required list<Limit> limits
}

struct LevelsReply {
  1: required list<LimitLevel> levels
}

struct ListBudgetsReply {
  1: required list<Budget> budgets
}

struct SpendingReply {
  1: required list<Spending> spending
}

struct ListRuleSetsReply {
  1: required list<RuleSet> rule_sets
}

service GovernanceService {
  Limit PutLimit(1: Limit limit) (api.put = "/api/limits/:id")
  Nothing DeleteLimit(1: ByID request) (api.delete = "/api/limits/:id")
  ListLimitsReply ListLimits(1: Nothing request) (api.get = "/api/limits")
  /** A live gauge for each bucket in use. */
  LevelsReply Levels(1: Nothing request) (api.get = "/api/limits/levels")

  Budget PutBudget(1: Budget budget) (api.put = "/api/budgets/:id")
  Nothing DeleteBudget(1: ByID request) (api.delete = "/api/budgets/:id")
  ListBudgetsReply ListBudgets(1: Nothing request) (api.get = "/api/budgets")
  SpendingReply ListSpending(1: Nothing request) (api.get = "/api/budgets/spending")

  /** The version is counted up; streams under way keep theirs. */
  RuleSet PutRuleSet(1: RuleSet rule_set) (api.put = "/api/moderation/:id")
  Nothing DeleteRuleSet(1: ByID request) (api.delete = "/api/moderation/:id")
  ListRuleSetsReply ListRuleSets(1: Nothing request) (api.get = "/api/moderation")
}
