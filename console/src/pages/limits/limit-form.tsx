// A limit and a budget, as forms.
import { type ReactNode, useState } from "react";
import { type Budget, type Limit, putBudget, putLimit } from "@/api/governance";
import { ChoiceField, NumberBox, TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { newBudget, newLimit, SCOPES, type Scope, type Scoped, withScope } from "./scopes";
import { useWriting } from "./use-governance";

interface DialogProps<T> {
  /** Undefined for a new one. */
  stored?: T | undefined;
  onClose: () => void;
}

export function LimitDialog({ stored, onClose }: DialogProps<Limit>) {
  const say = useText();
  const [form, setForm] = useState(() => stored ?? newLimit());
  const { write, problem } = useWriting(putLimit, onClose);
  const change = (some: Partial<Limit>) => setForm((now) => ({ ...now, ...some }));
  const bad = say("form.notNumber");
  return (
    <FormDialog title={stored?.id ?? say("limits.new")} problem={problem} onClose={onClose} onSave={() => write(form)}>
      <IdField id={form.id} fixed={!!stored} onChange={(id) => change({ id })} />
      <ChoiceField
        label={say("limits.kind")}
        value={form.kind}
        options={(["requests", "tokens", "streams"] as const).map((value) => ({
          value,
          label: say(`limit.kind.${value}`),
        }))}
        onChange={(kind) => change({ kind })}
      />
      <NumberBox
        label={say("limits.amount")}
        value={form.amount}
        bad={bad}
        onChange={(n) => change({ amount: n ?? 0 })}
      />
      {form.kind === "streams" ? (
        <span />
      ) : (
        <NumberBox
          label={say("limits.window")}
          value={form.window_s}
          bad={bad}
          onChange={(n) => change({ window_s: n ?? 60 })}
        />
      )}
      {form.kind !== "streams" && (
        <NumberBox
          label={say("limits.burst")}
          note={say("limits.burst.help")}
          value={form.burst}
          bad={bad}
          onChange={(n) => change({ burst: n ?? 0.05 })}
        />
      )}
      <ChoiceField
        label={say("limits.lost")}
        value={form.when_lost}
        options={(["closed", "open", "share"] as const).map((value) => ({ value, label: say(`lost.${value}`) }))}
        onChange={(when_lost) => change({ when_lost })}
      />
      <NumberBox
        label={say("limits.queue")}
        value={form.max_queue}
        bad={bad}
        onChange={(n) => change({ max_queue: n ?? 0 })}
      />
      <NumberBox
        label={say("limits.wait")}
        value={form.max_wait_s}
        bad={bad}
        onChange={(n) => change({ max_wait_s: n ?? 0 })}
      />
      <ScopeFields scopes={SCOPES} scoped={form} onChange={setForm} />
    </FormDialog>
  );
}

const BUDGET_SCOPES = ["workspace", "key", "user"] as const;

export function BudgetDialog({ stored, onClose }: DialogProps<Budget>) {
  const say = useText();
  const [form, setForm] = useState(() => stored ?? newBudget());
  const { write, problem } = useWriting(putBudget, onClose);
  const change = (some: Partial<Budget>) => setForm((now) => ({ ...now, ...some }));
  return (
    <FormDialog title={stored?.id ?? say("budgets.new")} problem={problem} onClose={onClose} onSave={() => write(form)}>
      <IdField id={form.id} fixed={!!stored} onChange={(id) => change({ id })} />
      <NumberBox
        label={say("budgets.amount")}
        value={form.amount}
        bad={say("form.notNumber")}
        onChange={(n) => change({ amount: n ?? 0 })}
      />
      <ChoiceField
        label={say("budgets.period")}
        value={form.period}
        options={(["day", "month"] as const).map((value) => ({ value, label: say(`period.${value}`) }))}
        onChange={(period) => change({ period })}
      />
      <ScopeFields scopes={BUDGET_SCOPES} scoped={form} onChange={setForm} />
    </FormDialog>
  );
}

interface IdFieldProps {
  id: string;
  /** What is stored keeps its name. */
  fixed: boolean;
  onChange: (id: string) => void;
}

export function IdField({ id, fixed, onChange }: IdFieldProps) {
  const say = useText();
  return <TextField mono required label={say("limits.id")} value={id} disabled={fixed} onChange={onChange} />;
}

interface ScopeFieldsProps<T extends Scoped> {
  scopes: readonly Scope[];
  scoped: T;
  onChange: (scoped: T) => void;
}

export function ScopeFields<T extends Scoped>({ scopes, scoped, onChange }: ScopeFieldsProps<T>) {
  const say = useText();
  return (
    <fieldset className="col-span-2">
      <legend className="eyebrow mb-1">{say("limits.for")}</legend>
      <p className="mb-3 text-faint text-xs">{say("limits.for.help")}</p>
      <div className="grid grid-cols-2 gap-4">
        {scopes.map((scope) => (
          <TextField
            key={scope}
            mono
            label={say(`scope.${scope}`)}
            value={scoped[scope] ?? ""}
            onChange={(value) => onChange(withScope(scoped, scope, value))}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface FormDialogProps {
  title: string;
  problem: string;
  onClose: () => void;
  onSave: () => void;
  children: ReactNode;
}

export function FormDialog({ title, problem, onClose, onSave, children }: FormDialogProps) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent aria-describedby={undefined} className="top-[8vh] max-h-[84vh] w-[min(36rem,calc(100vw-2rem))]">
        <DialogTitle className="mb-5 font-serif text-[22px]">{title}</DialogTitle>
        <form
          className="grid gap-6"
          onSubmit={(event) => {
            event.preventDefault();
            onSave();
          }}
        >
          <div className="grid grid-cols-2 gap-4">{children}</div>
          <FormEnd problem={problem} />
        </form>
      </DialogContent>
    </Dialog>
  );
}
