// The place for what limits, budgets and rules hold for, and for new ones.
import type { Budget, Limit, Rule, RuleSet } from "@/api/governance";

export const SCOPES = ["model", "workspace", "key", "user", "scenario"] as const;
export type Scope = (typeof SCOPES)[number];
export type Scoped = { [K in Scope]?: string };

/** The scopes that divide or narrow, in order; `*` is each value for itself. */
export function scopesOf(scoped: Scoped): { scope: Scope; value: string }[] {
  return SCOPES.flatMap((scope) => {
    const value = scoped[scope];
    return value === undefined || value === "" ? [] : [{ scope, value }];
  });
}

/** `scoped` with a scope set, or taken away by an empty text. */
export function withScope<T extends Scoped>(scoped: T, scope: Scope, value: string): T {
  const { [scope]: _, ...rest } = scoped;
  return (value.trim() === "" ? rest : { ...rest, [scope]: value.trim() }) as T;
}

/** How full, from 0 to 1. */
export function share(used: number, amount: number): number {
  return amount > 0 ? Math.max(0, Math.min(1, used / amount)) : 1;
}

export type Heat = "calm" | "warm" | "full";

export function heat(full: number): Heat {
  if (full >= 0.999) return "full";
  return full >= 0.8 ? "warm" : "calm";
}

export function newLimit(): Limit {
  return {
    id: "",
    kind: "requests",
    amount: 60,
    window_s: 60,
    burst: 0.05,
    max_queue: 0,
    max_wait_s: 0,
    when_lost: "closed",
  };
}

export function newBudget(): Budget {
  return { id: "", amount: 10, period: "day" };
}

export function newRuleSet(): RuleSet {
  return { id: "", version: 0, rules: [newRule("rule-1")], enabled: true };
}

export function newRule(id: string): Rule {
  return {
    id,
    kind: "words",
    action: "stop",
    patterns: [],
    stages: ["input", "output"],
    replacement: "[removed]",
    url: "",
    model: "",
    mode: "gate",
    block_chars: 200,
    overlap_chars: 50,
    lag_chars: 400,
    timeout_s: 5,
    open_when_lost: false,
  };
}
