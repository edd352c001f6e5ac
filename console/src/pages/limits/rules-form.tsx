// Moderation rules that hold together, as a form. A field is shown only for the kinds of rule that read it.
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { putRuleSet, type Rule, type RuleSet } from "@/api/governance";
import { Button } from "@/parts/button";
import { ChoiceField, LinesField, NumberBox, TextField } from "@/parts/form";
import { useText } from "@/text/text";
import { FormDialog, IdField, ScopeFields } from "./limit-form";
import { newRule, newRuleSet } from "./scopes";
import { useWriting } from "./use-governance";

const SCOPES = ["model", "workspace", "scenario"] as const;

export function RulesDialog({ stored, onClose }: { stored?: RuleSet | undefined; onClose: () => void }) {
  const say = useText();
  const [form, setForm] = useState(() => stored ?? newRuleSet());
  const { write, problem } = useWriting(putRuleSet, onClose);
  const { rules } = form;
  const setRules = (changed: Rule[]) => setForm((now) => ({ ...now, rules: changed }));
  return (
    <FormDialog title={stored?.id ?? say("rules.new")} problem={problem} onClose={onClose} onSave={() => write(form)}>
      <IdField id={form.id} fixed={!!stored} onChange={(id) => setForm((now) => ({ ...now, id }))} />
      <span />
      {rules.map((rule, at) => (
        <RuleFields
          // biome-ignore lint/suspicious/noArrayIndexKey: the name of a rule changes while it is typed.
          key={at}
          rule={rule}
          onChange={(changed) => setRules(rules.with(at, changed))}
          onDrop={() => setRules(rules.toSpliced(at, 1))}
        />
      ))}
      <Button
        look="ghost"
        size="small"
        className="-ml-2 justify-self-start"
        onClick={() => setRules([...rules, newRule(`rule-${rules.length + 1}`)])}
      >
        <Plus /> {say("rules.add")}
      </Button>
      <ScopeFields scopes={SCOPES} scoped={form} onChange={setForm} />
    </FormDialog>
  );
}

const KINDS = ["words", "regex", "pii", "http", "judge"] as const;
const ACTIONS = ["stop", "mask", "replace"] as const;
const MODES = ["gate", "lag", "audit"] as const;
const STAGES = { both: ["input", "output"], input: ["input"], output: ["output"] };

function RuleFields({ rule, onChange, onDrop }: { rule: Rule; onChange: (rule: Rule) => void; onDrop: () => void }) {
  const say = useText();
  const change = (some: Partial<Rule>) => onChange({ ...rule, ...some });
  const asks = asksSomebody(rule.kind);
  const stage = rule.stages.length === 2 ? "both" : rule.stages[0] === "output" ? "output" : "input";
  return (
    <fieldset className="relative col-span-2 grid grid-cols-2 gap-4 rounded-lg border border-line p-4">
      <Button
        look="ghost"
        size="tiny"
        className="absolute top-2 right-2"
        aria-label={say("rules.drop", { id: rule.id })}
        onClick={onDrop}
      >
        <X />
      </Button>
      <TextField mono required label={say("rules.id")} value={rule.id} onChange={(id) => change({ id })} />
      <ChoiceField
        label={say("rules.kind")}
        value={rule.kind}
        options={KINDS.map((value) => ({ value, label: say(`rule.${value}`) }))}
        onChange={(kind) => change(asksSomebody(kind) ? { kind, action: "stop" } : { kind })}
      />
      <ChoiceField
        label={say("rules.stage")}
        value={stage}
        options={(["both", "input", "output"] as const).map((value) => ({ value, label: say(`stage.${value}`) }))}
        onChange={(chosen) => change({ stages: STAGES[chosen] })}
      />
      <ChoiceField
        label={say("rules.action")}
        value={rule.action}
        options={ACTIONS.filter((value) => !asks || value === "stop").map((value) => ({
          value,
          label: say(`action.${value}`),
        }))}
        onChange={(action) => change({ action })}
      />
      {rule.kind !== "http" && (
        <LinesField
          mono
          className="col-span-2"
          label={say(`patterns.${rule.kind}`)}
          note={say("rules.patterns.help")}
          value={rule.patterns}
          onChange={(patterns) => change({ patterns })}
        />
      )}
      {rule.action === "replace" && (
        <TextField
          className="col-span-2"
          label={say("rules.replacement")}
          value={rule.replacement}
          onChange={(replacement) => change({ replacement })}
        />
      )}
      {rule.kind === "http" && (
        <TextField
          mono
          className="col-span-2"
          label={say("rules.url")}
          value={rule.url}
          onChange={(url) => change({ url })}
        />
      )}
      {rule.kind === "judge" && (
        <TextField
          mono
          className="col-span-2"
          label={say("rules.model")}
          value={rule.model}
          onChange={(model) => change({ model })}
        />
      )}
      {asks && <AskingFields rule={rule} change={change} />}
    </fieldset>
  );
}

function asksSomebody(kind: Rule["kind"]): boolean {
  return kind === "http" || kind === "judge";
}

const BLOCKS = ["block_chars", "overlap_chars", "lag_chars"] as const;

/** How a rule asks somebody: about how much at a time, how long it waits, what holds without an answer. */
function AskingFields({ rule, change }: { rule: Rule; change: (some: Partial<Rule>) => void }) {
  const say = useText();
  const bad = say("form.notNumber");
  const blocks = BLOCKS.filter((name) => name !== "lag_chars" || rule.mode === "lag");
  return (
    <>
      <ChoiceField
        label={say("rules.mode")}
        value={rule.mode}
        options={MODES.map((value) => ({ value, label: say(`mode.${value}`) }))}
        onChange={(mode) => change({ mode })}
      />
      {blocks.map((name) => (
        <NumberBox
          key={name}
          label={say(`rules.${name}`)}
          value={rule[name]}
          bad={bad}
          onChange={(n) => change({ [name]: n ?? newRule("")[name] })}
        />
      ))}
      <NumberBox
        label={say("rules.timeout")}
        value={rule.timeout_s}
        bad={bad}
        onChange={(n) => change({ timeout_s: n ?? 5 })}
      />
      <ChoiceField
        label={say("rules.lost")}
        value={rule.open_when_lost ? "open" : "closed"}
        options={(["closed", "open"] as const).map((value) => ({ value, label: say(`lost.${value}`) }))}
        onChange={(value) => change({ open_when_lost: value === "open" })}
      />
    </>
  );
}
