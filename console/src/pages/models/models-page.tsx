// Models as rows: vendors with their models, what each can do and costs, whether it works.
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { LoaderCircle, Plus, Stethoscope } from "lucide-react";
import { type Health, type ModelRow, type Provider, testModel } from "@/api/catalogue";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useDialog, useDialogOf } from "@/parts/dialogs";
import { Toggle } from "@/parts/form";
import { Hint } from "@/parts/overlay";
import { RowMenu } from "@/parts/row-menu";
import { reason } from "@/text/failure";
import { useText } from "@/text/text";
import { ModelDialog } from "./model-form";
import { Checks } from "./probe";
import { ProviderDialog } from "./provider-form";
import { abilities, priceOn, priceText, tokensText } from "./rows";
import { healthQuery, providersQuery, rowsQuery, useSaving } from "./use-catalogue";

export function ModelsPage() {
  const say = useText();
  const { data: catalogue } = useSuspenseQuery(providersQuery);
  const { data: rows } = useSuspenseQuery(rowsQuery);
  const { data: health = [] } = useQuery(healthQuery);
  const vendor = useDialogOf("provider", catalogue.providers, ({ id }) => id);
  // About a model, or about the provider that a new one belongs to.
  const model = useDialog("model");
  const row = rows.find(({ id }) => id === model.about);
  const owner = row?.provider ?? catalogue.providers.find(({ id }) => id === model.about)?.id;
  return (
    <main id="main" className="h-full overflow-y-auto">
      <div className="mx-auto max-w-[68rem] px-6 py-8">
        <header className="mb-8 flex items-end justify-between gap-4">
          <div>
            <h1 className="font-serif text-[30px] leading-tight">{say("models.title")}</h1>
            <p className="mt-1 text-soft">{say("models.lead")}</p>
          </div>
          <Button look="ink" onClick={() => vendor.show()}>
            <Plus /> {say("models.provider.add")}
          </Button>
        </header>
        {catalogue.providers.length === 0 && <p className="text-faint">{say("models.empty")}</p>}
        {catalogue.providers.map((provider) => (
          <ProviderSection
            key={provider.id}
            provider={provider}
            rows={rows.filter((row) => row.provider === provider.id)}
            health={health}
            onEdit={() => vendor.show(provider.id)}
            onModel={model.show}
          />
        ))}
      </div>
      {vendor.open && (
        <ProviderDialog
          key={vendor.about}
          provider={vendor.stored}
          presets={catalogue.presets}
          onClose={vendor.close}
        />
      )}
      {model.open && owner !== undefined && (
        <ModelDialog key={model.about} provider={owner} row={row} onClose={model.close} />
      )}
    </main>
  );
}

interface ProviderSectionProps {
  provider: Provider;
  rows: readonly ModelRow[];
  health: readonly Health[];
  onEdit: () => void;
  /** Opens a model, or a new one of the provider. */
  onModel: (about: string) => void;
}

function ProviderSection({ provider, rows, health, onEdit, onModel }: ProviderSectionProps) {
  const say = useText();
  const { saveProvider, dropProvider, problem } = useSaving();
  const stored = provider.source === "stored";
  return (
    <section aria-label={provider.id} className="mb-10">
      <div className="flex items-center gap-3 border-edge border-b pb-2.5">
        <h2 className={cn("font-serif text-[20px]", !provider.enabled && "text-faint line-through")}>{provider.id}</h2>
        <span className="truncate font-mono text-[12px] text-faint">{provider.base_url || provider.kind}</span>
        <KeyState provider={provider} />
        <span className="ml-auto" />
        {!stored && <Source source={provider.source} />}
        {provider.kind !== "simulated" && (
          <Button
            look="ghost"
            size="small"
            onClick={() => onModel(provider.id)}
            aria-label={say("models.model.addTo", { provider: provider.id })}
          >
            <Plus /> {say("models.model.add")}
          </Button>
        )}
        {stored && (
          <>
            <Toggle
              label={say("models.enable", { id: provider.id })}
              value={provider.enabled}
              onChange={(enabled) => saveProvider({ ...provider, enabled })}
            />
            <RowMenu kind="provider" name={provider.id} onEdit={onEdit} onDelete={() => dropProvider(provider.id)} />
          </>
        )}
      </div>
      {problem && (
        <p role="alert" className="mt-2 text-[13px] text-red">
          {problem}
        </p>
      )}
      {rows.length === 0 && <p className="py-4 text-[13px] text-faint">{say("models.none", { id: provider.id })}</p>}
      <ul>
        {rows.map((row) => (
          <ModelLine
            key={row.id}
            row={row}
            health={health.find(({ model }) => model === row.id)}
            onEdit={() => onModel(row.id)}
          />
        ))}
      </ul>
    </section>
  );
}

function KeyState({ provider }: { provider: Provider }) {
  const say = useText();
  if (provider.kind === "simulated") return null;
  return (
    <span className={cn("text-xs", provider.has_key ? "text-green" : "text-faint")}>
      {say(provider.has_key ? "models.hasKey" : "models.noKey")}
    </span>
  );
}

function Source({ source }: { source: Provider["source"] }) {
  const say = useText();
  if (source === "stored") return null;
  return (
    <Hint text={say(`source.${source}.help`)}>
      <span className="rounded-full bg-well px-2 py-0.5 text-soft text-xs">{say(`source.${source}`)}</span>
    </Hint>
  );
}

interface ModelLineProps {
  row: ModelRow;
  health: Health | undefined;
  onEdit: () => void;
}

function ModelLine({ row, health, onEdit }: ModelLineProps) {
  const say = useText();
  const { saveModel, dropModel, problem } = useSaving();
  const test = useMutation({ mutationFn: () => testModel({ model: row.id }) });
  const price = priceOn(row.prices, new Date().toISOString().slice(0, 10));
  const context = row.capabilities?.context_tokens;
  const stored = row.source === "stored";
  const trouble = problem || test.error?.message;
  return (
    <li className="border-line border-b py-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <HealthDot health={health} />
        <div className="min-w-52 flex-1">
          <p className={cn("font-medium", !row.enabled && "text-faint line-through")}>{row.id}</p>
          <p className="text-[13px] text-faint">{row.description}</p>
        </div>
        <p className="flex gap-1.5">
          {abilities(row).map((name) => (
            <span key={name} className="rounded bg-well px-1.5 py-px text-[11px] text-soft">
              {say(`ability.${name}`)}
            </span>
          ))}
        </p>
        <p className="figure w-16 text-right text-[13px] text-soft">{context ? tokensText(context) : ""}</p>
        <p className="figure w-28 text-right text-[13px] text-soft" title={say("models.prices.help")}>
          {price ? priceText(price) : ""}
        </p>
        <Button size="small" disabled={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? <LoaderCircle className="animate-spin" /> : <Stethoscope />} {say("models.test")}
        </Button>
        <Toggle
          label={say("models.enable", { id: row.id })}
          value={row.enabled}
          disabled={!stored}
          onChange={(enabled) => saveModel({ ...row, enabled })}
        />
        {stored ? (
          <RowMenu kind="model" name={row.id} onEdit={onEdit} onDelete={() => dropModel(row.id)} />
        ) : (
          <span className="size-6" />
        )}
      </div>
      {trouble && (
        <p role="alert" className="mt-2 text-[13px] text-red">
          {trouble}
        </p>
      )}
      {test.data && <Checks checks={test.data} />}
    </li>
  );
}

const STATES = { closed: "bg-green", half_open: "bg-amber", open: "bg-red" } as const;

function HealthDot({ health }: { health: Health | undefined }) {
  const say = useText();
  const state = health?.state ?? "closed";
  const last = health?.last_error ? `: ${reason(health.last_error)}` : "";
  return (
    <Hint text={`${say(`breaker.${state}`)}${last}`}>
      <span
        role="img"
        aria-label={say(`breaker.${state}`)}
        className={cn("size-2 shrink-0 rounded-full", STATES[state])}
      />
    </Hint>
  );
}
