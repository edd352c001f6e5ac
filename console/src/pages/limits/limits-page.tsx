// What holds for the use of models, and how full it is right now: limits, budgets, moderation.
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import {
  type Budget,
  deleteBudget,
  deleteLimit,
  deleteRuleSet,
  type Limit,
  type LimitLevel,
  putRuleSet,
  type RuleSet,
} from "@/api/governance";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useDialogOf } from "@/parts/dialogs";
import { count, dollars, rate } from "@/parts/figure";
import { Toggle } from "@/parts/form";
import { RowMenu } from "@/parts/row-menu";
import { useText } from "@/text/text";
import { BudgetDialog, LimitDialog } from "./limit-form";
import { RulesDialog } from "./rules-form";
import { heat, type Scoped, scopesOf, share } from "./scopes";
import { budgetsQuery, levelsQuery, limitsQuery, ruleSetsQuery, spendingQuery, useWriting } from "./use-governance";

export function LimitsPage() {
  const say = useText();
  const { data: limits } = useSuspenseQuery(limitsQuery);
  const { data: budgets } = useSuspenseQuery(budgetsQuery);
  const { data: ruleSets } = useSuspenseQuery(ruleSetsQuery);
  const { data: levels = [] } = useQuery(levelsQuery);
  const limitPlace = useDialogOf("limit", limits, idOf);
  const budgetPlace = useDialogOf("budget", budgets, idOf);
  const rulesPlace = useDialogOf("rules", ruleSets, idOf);
  return (
    <main id="main" className="h-full overflow-y-auto">
      <div className="mx-auto max-w-[60rem] px-6 py-8">
        <h1 className="font-serif text-[30px] leading-tight">{say("limits.title")}</h1>
        <p className="mt-1 mb-8 text-soft">{say("limits.lead")}</p>
        <Part
          title={say("limits.limits")}
          add={say("limits.add")}
          empty={limits.length === 0 && say("limits.none")}
          onAdd={() => limitPlace.show()}
        >
          {limits.map((limit) => (
            <LimitRow
              key={limit.id}
              limit={limit}
              levels={levels.filter((level) => level.limit === limit.id)}
              onEdit={() => limitPlace.show(limit.id)}
            />
          ))}
        </Part>
        <Part
          title={say("budgets.title")}
          add={say("budgets.add")}
          empty={budgets.length === 0 && say("budgets.none")}
          onAdd={() => budgetPlace.show()}
        >
          {budgets.map((budget) => (
            <BudgetRow key={budget.id} budget={budget} onEdit={() => budgetPlace.show(budget.id)} />
          ))}
        </Part>
        <Part
          title={say("rules.title")}
          add={say("rules.addSet")}
          empty={ruleSets.length === 0 && say("rules.none")}
          onAdd={() => rulesPlace.show()}
        >
          {ruleSets.map((set) => (
            <RulesRow key={set.id} set={set} onEdit={() => rulesPlace.show(set.id)} />
          ))}
        </Part>
      </div>
      {limitPlace.open && <LimitDialog key={limitPlace.about} stored={limitPlace.stored} onClose={limitPlace.close} />}
      {budgetPlace.open && (
        <BudgetDialog key={budgetPlace.about} stored={budgetPlace.stored} onClose={budgetPlace.close} />
      )}
      {rulesPlace.open && <RulesDialog key={rulesPlace.about} stored={rulesPlace.stored} onClose={rulesPlace.close} />}
    </main>
  );
}

const idOf = ({ id }: { id: string }) => id;

interface PartProps {
  title: string;
  add: string;
  empty: string | false;
  onAdd: () => void;
  children: ReactNode;
}

function Part({ title, add, empty, onAdd, children }: PartProps) {
  return (
    <section aria-label={title} className="mb-10">
      <div className="flex items-center justify-between border-edge border-b pb-2.5">
        <h2 className="font-serif text-[20px]">{title}</h2>
        <Button look="ghost" size="small" onClick={onAdd}>
          <Plus /> {add}
        </Button>
      </div>
      {empty && <p className="py-4 text-[13px] text-faint">{empty}</p>}
      <ul>{children}</ul>
    </section>
  );
}

function Line({ name, words, menu, children }: { name: string; words: string; menu: ReactNode; children?: ReactNode }) {
  return (
    <li aria-label={name} className="border-line border-b py-3.5">
      <div className="flex items-center gap-4">
        <p className="font-medium">{name}</p>
        <p className="min-w-0 flex-1 truncate text-[13px] text-soft">{words}</p>
        {menu}
      </div>
      {children}
    </li>
  );
}

function useScopeWords(scoped: Scoped): string[] {
  const say = useText();
  return scopesOf(scoped).map(({ scope, value }) =>
    value === "*" ? say("scope.each", { scope: say(`scope.${scope}`) }) : `${say(`scope.${scope}`)} ${value}`,
  );
}

function LimitRow({ limit, levels, onEdit }: { limit: Limit; levels: readonly LimitLevel[]; onEdit: () => void }) {
  const say = useText();
  const { write: drop, problem } = useWriting(deleteLimit);
  const amount = count(limit.amount);
  const what =
    limit.kind === "streams"
      ? say("limit.words.streams", { n: amount })
      : say(`limit.words.${limit.kind}`, { n: amount, s: limit.window_s });
  return (
    <Line
      name={limit.id}
      words={[what, ...useScopeWords(limit)].join(" · ")}
      menu={<RowMenu kind="limit" name={limit.id} onEdit={onEdit} onDelete={() => drop(limit.id)} />}
    >
      <Problem text={problem} />
      {levels.length === 0 && <p className="mt-1 text-faint text-xs">{say("limits.unused")}</p>}
      {levels.map((level) => (
        <Gauge
          key={level.bucket}
          name={level.bucket}
          full={share(level.used, level.amount)}
          text={`${level.used < 100 ? rate(level.used) : count(level.used)} / ${count(level.amount)}`}
          notes={[
            level.queued > 0 ? say("limits.queued", { n: level.queued }) : "",
            level.lost ? say("limits.isLost", { now: say(`lost.${limit.when_lost}`) }) : "",
          ]}
        />
      ))}
    </Line>
  );
}

function BudgetRow({ budget, onEdit }: { budget: Budget; onEdit: () => void }) {
  const say = useText();
  const { data: spending = [] } = useQuery(spendingQuery);
  const { write: drop, problem } = useWriting(deleteBudget);
  const words = say(`budget.words.${budget.period}`, { n: dollars(budget.amount) });
  const mine = spending.filter((it) => it.budget === budget.id);
  return (
    <Line
      name={budget.id}
      words={[words, ...useScopeWords(budget)].join(" · ")}
      menu={<RowMenu kind="budget" name={budget.id} onEdit={onEdit} onDelete={() => drop(budget.id)} />}
    >
      <Problem text={problem} />
      {mine.length === 0 && <p className="mt-1 text-faint text-xs">{say("limits.unused")}</p>}
      {mine.map((it) => (
        <Gauge
          key={`${it.bucket} ${it.period}`}
          name={`${it.bucket} ${it.period}`}
          full={share(it.spent + it.reserved, it.amount)}
          text={`${dollars(it.spent)} / ${dollars(it.amount)}`}
          notes={[it.reserved > 0 ? say("budgets.reserved", { n: dollars(it.reserved) }) : ""]}
        />
      ))}
    </Line>
  );
}

function RulesRow({ set, onEdit }: { set: RuleSet; onEdit: () => void }) {
  const say = useText();
  const { write: drop, problem } = useWriting(deleteRuleSet);
  const { write: put, problem: notPut } = useWriting(putRuleSet);
  const rules = set.rules.map((rule) => `${rule.id}: ${say(`rule.${rule.kind}`)}, ${say(`action.${rule.action}`)}`);
  return (
    <Line
      name={set.id}
      words={[say("rules.version", { n: set.version }), ...rules, ...useScopeWords(set)].join(" · ")}
      menu={
        <>
          <Toggle
            label={say("rules.enable", { id: set.id })}
            value={set.enabled}
            onChange={(enabled) => put({ ...set, enabled })}
          />
          <RowMenu kind="rules" name={set.id} onEdit={onEdit} onDelete={() => drop(set.id)} />
        </>
      }
    >
      <Problem text={problem || notPut} />
    </Line>
  );
}

function Problem({ text }: { text: string }) {
  return text === "" ? null : (
    <p role="alert" className="mt-1 text-[13px] text-red">
      {text}
    </p>
  );
}

const HEAT = { calm: "bg-blue", warm: "bg-amber", full: "bg-red" } as const;

function Gauge({ name, full, text, notes }: { name: string; full: number; text: string; notes: readonly string[] }) {
  return (
    <div className="mt-2 grid grid-cols-[minmax(0,12rem)_minmax(4rem,1fr)_minmax(0,10rem)] items-center gap-4 text-[13px]">
      <span className="truncate font-mono text-[12px] text-faint">{name}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be drawn alike in every browser. */}
      <div
        role="meter"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(full * 100)}
        aria-valuetext={text}
        className="h-1.5 overflow-hidden rounded-full bg-well"
      >
        <div
          className={cn("h-full rounded-full transition-[width] duration-500", HEAT[heat(full)])}
          style={{ width: `${full * 100}%` }}
        />
      </div>
      <span className="figure">
        {text}
        {notes.map(
          (note) =>
            note && (
              <span key={note} className="ml-2 text-amber text-xs">
                {" "}
                {note}
              </span>
            ),
        )}
      </span>
    </div>
  );
}
