// A model of a provider, as a form: names, what it can do, what it costs, how much it may send, how long to wait, what to ask instead.
import { Plus, X } from "lucide-react";
import { useState } from "react";
import type { ModelRow, Price } from "@/api/catalogue";
import { Button } from "@/parts/button";
import { Input } from "@/parts/field";
import { ChoiceField, LinesField, NumberBox, Row, TextField, Toggle } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { withSetting } from "../prompts/parameters";
import { Probe } from "./probe";
import { newModel } from "./rows";
import { useSaving } from "./use-catalogue";

interface ModelDialogProps {
  provider: string;
  /** Undefined for a new one. */
  row?: ModelRow | undefined;
  onClose: () => void;
}

type Change = (some: Partial<ModelRow>) => void;

export function ModelDialog({ provider, row, onClose }: ModelDialogProps) {
  const say = useText();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent aria-describedby={undefined} className="top-[6vh] max-h-[88vh] w-[min(44rem,calc(100vw-2rem))]">
        <DialogTitle className="mb-5 font-serif text-[22px]">{row ? row.id : say("models.model.new")}</DialogTitle>
        <ModelForm provider={provider} row={row} onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function ModelForm({ provider, row, onClose }: ModelDialogProps) {
  const say = useText();
  const [form, setForm] = useState(() => row ?? newModel(provider));
  const { saveModel, problem } = useSaving(onClose);
  const change: Change = (some) => setForm((now) => ({ ...now, ...some }));
  return (
    <form
      className="grid gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        saveModel(form);
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          mono
          required
          label={say("models.vendorName")}
          note={say("models.vendorName.help")}
          value={form.model}
          onChange={(model) =>
            change({ model, ...(!row && form.id === `${provider}/${form.model}` && { id: `${provider}/${model}` }) })
          }
        />
        <TextField
          mono
          required
          label={say("models.id")}
          note={say("models.id.help")}
          value={form.id}
          disabled={row !== undefined}
          onChange={(id) => change({ id })}
        />
        <TextField
          className="sm:col-span-2"
          label={say("models.description")}
          value={form.description}
          onChange={(description) => change({ description })}
        />
      </div>
      <Capabilities form={form} change={change} />
      <Prices prices={form.prices} onChange={(prices) => change({ prices })} />
      <Packets form={form} change={change} />
      <Waiting form={form} change={change} />
      <Probe row={form} />
      <FormEnd problem={problem} />
    </form>
  );
}

type Three = "" | "yes" | "no";

function Capabilities({ form, change }: { form: ModelRow; change: Change }) {
  const say = useText();
  const known = form.capabilities;
  const set = <K extends keyof NonNullable<typeof known>>(name: K, value: NonNullable<typeof known>[K] | undefined) =>
    change({ capabilities: withSetting(known, name, value) ?? {} });
  const three: { value: Three; label: string }[] = [
    { value: "", label: say("models.unknown") },
    { value: "yes", label: say("models.yes") },
    { value: "no", label: say("models.no") },
  ];
  return (
    <fieldset>
      <legend className="eyebrow mb-3">{say("models.capabilities")}</legend>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-3">
        {(["context_tokens", "output_tokens"] as const).map((name) => (
          <NumberBox
            key={name}
            label={say(`models.${name}`)}
            value={known?.[name]}
            bad={say("form.notNumber")}
            placeholder={say("models.unknown")}
            onChange={(value) => set(name, value)}
          />
        ))}
        <ChoiceField
          label={say("ability.reasoning")}
          value={known?.reasoning ?? ""}
          options={[
            { value: "" as const, label: say("models.unknown") },
            { value: "none" as const, label: say("models.no") },
            { value: "level" as const, label: say("models.reasoning.level") },
            { value: "budget" as const, label: say("models.reasoning.budget") },
          ]}
          onChange={(value) => set("reasoning", value || undefined)}
        />
        {(["tools", "json_schema", "images"] as const).map((name) => (
          <ChoiceField
            key={name}
            label={say(`ability.${name}`)}
            value={known?.[name] === undefined ? "" : known[name] ? "yes" : "no"}
            options={three}
            onChange={(value) => set(name, value === "" ? undefined : value === "yes")}
          />
        ))}
      </div>
    </fieldset>
  );
}

const PRICES = ["input", "output", "cache_read", "cache_write", "reasoning"] as const;

function Prices({ prices, onChange }: { prices: readonly Price[]; onChange: (prices: Price[]) => void }) {
  const say = useText();
  const today = new Date().toISOString().slice(0, 10);
  const change = (at: number, price: Price) => onChange(prices.with(at, price));
  return (
    <fieldset>
      <legend className="eyebrow mb-1">{say("models.prices")}</legend>
      <p className="mb-3 text-faint text-xs">{say("models.prices.help")}</p>
      {prices.map((price, at) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: prices have no name but their place.
          key={at}
          className="mb-3 grid grid-cols-3 items-end gap-2 sm:grid-cols-[1.3fr_repeat(5,1fr)_auto]"
        >
          <Row label={say("models.since")}>
            {(id) => (
              <Input
                id={id}
                type="date"
                className="px-2"
                value={price.since}
                onChange={(event) => change(at, { ...price, since: event.target.value })}
              />
            )}
          </Row>
          {PRICES.map((name) => (
            <NumberBox
              key={name}
              label={say(`price.${name}`)}
              value={price[name]}
              bad={say("form.notNumber")}
              onChange={(value) =>
                change(
                  at,
                  name === "input" || name === "output"
                    ? { ...price, [name]: value ?? 0 }
                    : withPrice(price, name, value),
                )
              }
            />
          ))}
          <Button
            look="ghost"
            size="icon"
            aria-label={say("models.prices.drop")}
            onClick={() => onChange(prices.toSpliced(at, 1))}
          >
            <X />
          </Button>
        </div>
      ))}
      <Button
        look="ghost"
        size="small"
        className="-ml-2"
        onClick={() => onChange([...prices, { since: today, input: 0, output: 0 }])}
      >
        <Plus /> {say("models.prices.add")}
      </Button>
    </fieldset>
  );
}

function withPrice(price: Price, name: "cache_read" | "cache_write" | "reasoning", value: number | undefined): Price {
  return withSetting(price, name, value) ?? price;
}

function Packets({ form, change }: { form: ModelRow; change: Change }) {
  const say = useText();
  return (
    <fieldset>
      <legend className="eyebrow mb-1">{say("models.packets")}</legend>
      <p className="mb-3 text-faint text-xs">{say("models.packets.help")}</p>
      <div className="grid grid-cols-2 gap-4">
        {(["characters", "packets"] as const).map((name) => (
          <NumberBox
            key={name}
            label={say(`models.packets.${name}`)}
            value={form.packets?.[name]}
            bad={say("form.notNumber")}
            placeholder={say("models.packets.any")}
            onChange={(value) => change({ packets: withSetting(form.packets, name, value) ?? {} })}
          />
        ))}
      </div>
    </fieldset>
  );
}

const WAITS = ["connect_s", "first_token_s", "idle_s", "total_s"] as const;

function Waiting({ form, change }: { form: ModelRow; change: Change }) {
  const say = useText();
  return (
    <fieldset>
      <legend className="eyebrow mb-3">{say("models.waiting")}</legend>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        {WAITS.map((name) => (
          <NumberBox
            key={name}
            label={say(`wait.${name}`)}
            value={form.timeouts?.[name]}
            bad={say("form.notNumber")}
            placeholder={say("parameters.default")}
            onChange={(value) => change({ timeouts: withSetting(form.timeouts, name, value) ?? {} })}
          />
        ))}
        <NumberBox
          label={say("models.attempts")}
          value={form.attempts}
          bad={say("form.notNumber")}
          onChange={(attempts) => change({ attempts: attempts ?? 1 })}
        />
        <NumberBox
          label={say("models.breaker")}
          value={form.breaker_failures}
          bad={say("form.notNumber")}
          onChange={(breaker_failures) => change({ breaker_failures: breaker_failures ?? 0 })}
        />
        <LinesField
          mono
          className="col-span-2"
          label={say("models.fallbacks")}
          note={say("models.fallbacks.help")}
          value={form.fallbacks}
          onChange={(fallbacks) => change({ fallbacks })}
        />
      </div>
      <div className="mt-4 flex items-center gap-3 text-[13px]">
        <Toggle label={say("models.enabled")} value={form.enabled} onChange={(enabled) => change({ enabled })} />
        <span aria-hidden>{say("models.enabled")}</span>
      </div>
    </fieldset>
  );
}
