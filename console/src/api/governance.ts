// The place where the page asks what holds for the use of models: limits, budgets and moderation rules.
import { client, got } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Limit = Schemas["Limit"];
export type LimitLevel = Schemas["LimitLevel"];
export type Budget = Schemas["Budget"];
export type Spending = Schemas["Spending"];
export type Rule = Schemas["Rule"];
export type RuleSet = Schemas["RuleSet"];

export async function listLimits(signal: AbortSignal): Promise<Limit[]> {
  return (await got(client.GET("/api/limits", { signal }))).limits;
}

export async function listLevels(signal: AbortSignal): Promise<LimitLevel[]> {
  return (await got(client.GET("/api/limits/levels", { signal }))).levels;
}

export async function putLimit({ id, ...body }: Limit): Promise<void> {
  await got(client.PUT("/api/limits/{id}", { params: { path: { id } }, body }));
}

export async function deleteLimit(id: string): Promise<void> {
  await got(client.DELETE("/api/limits/{id}", { params: { path: { id } } }));
}

export async function listBudgets(signal: AbortSignal): Promise<Budget[]> {
  return (await got(client.GET("/api/budgets", { signal }))).budgets;
}

export async function listSpending(signal: AbortSignal): Promise<Spending[]> {
  return (await got(client.GET("/api/budgets/spending", { signal }))).spending;
}

export async function putBudget({ id, ...body }: Budget): Promise<void> {
  await got(client.PUT("/api/budgets/{id}", { params: { path: { id } }, body }));
}

export async function deleteBudget(id: string): Promise<void> {
  await got(client.DELETE("/api/budgets/{id}", { params: { path: { id } } }));
}

export async function listRuleSets(signal: AbortSignal): Promise<RuleSet[]> {
  return (await got(client.GET("/api/moderation", { signal }))).rule_sets;
}

export async function putRuleSet({ id, ...body }: RuleSet): Promise<void> {
  await got(client.PUT("/api/moderation/{id}", { params: { path: { id } }, body }));
}

export async function deleteRuleSet(id: string): Promise<void> {
  await got(client.DELETE("/api/moderation/{id}", { params: { path: { id } } }));
}
