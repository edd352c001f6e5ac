// Where a vendor is reached, as a form.
import { useState } from "react";
import type { Preset, Provider } from "@/api/catalogue";
import { ChoiceField, LinesField, TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { headersIn, newProvider, written } from "./rows";
import { useSaving } from "./use-catalogue";

interface ProviderDialogProps {
  /** Undefined for a new one. */
  provider?: Provider | undefined;
  presets: readonly Preset[];
  onClose: () => void;
}

const KINDS = ["openai", "anthropic", "gemini"] as const;

export function ProviderDialog({ provider, presets, onClose }: ProviderDialogProps) {
  const say = useText();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent aria-describedby={undefined}>
        <DialogTitle className="mb-5 font-serif text-[22px]">
          {provider ? provider.id : say("models.provider.new")}
        </DialogTitle>
        <ProviderForm provider={provider} presets={presets} onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function ProviderForm({ provider, presets, onClose }: ProviderDialogProps) {
  const say = useText();
  const [form, setForm] = useState(() => provider ?? newProvider());
  const [key, setKey] = useState("");
  const [lines, setLines] = useState<string[]>([]);
  const { saveProvider, problem } = useSaving(onClose);
  const headers = headersIn(lines);
  const change = (some: Partial<Provider>) => setForm((now) => ({ ...now, ...some }));
  const take = (id: string) => {
    const preset = presets.find((it) => it.id === id);
    if (preset) change({ id: preset.id, kind: preset.kind, base_url: preset.base_url });
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (headers) saveProvider(written(form, key, headers));
      }}
    >
      {!provider && (
        <ChoiceField
          label={say("models.preset")}
          value=""
          options={[
            { value: "", label: say("models.preset.choose") },
            ...presets.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={take}
        />
      )}
      <div className="grid grid-cols-2 gap-4">
        <TextField
          mono
          required
          label={say("models.provider.id")}
          value={form.id}
          disabled={provider !== undefined}
          onChange={(id) => change({ id })}
        />
        <ChoiceField
          label={say("models.kind")}
          value={form.kind}
          options={KINDS.map((value) => ({ value, label: say(`kind.${value}`) }))}
          onChange={(kind) => change({ kind })}
        />
      </div>
      <TextField
        mono
        label={say("models.url")}
        value={form.base_url}
        placeholder="https://…/v1"
        onChange={(base_url) => change({ base_url })}
      />
      <TextField
        secret
        label={say("models.key")}
        value={key}
        placeholder={form.has_key ? say("models.key.kept") : ""}
        note={say("models.key.help")}
        onChange={setKey}
      />
      <LinesField
        mono
        label={say("models.headers")}
        value={lines}
        placeholder={Object.keys(provider?.headers ?? {})
          .map((name) => `${name}: …`)
          .join("\n")}
        note={headers ? say("models.headers.help") : undefined}
        problem={headers ? undefined : say("models.headers.bad")}
        onChange={setLines}
      />
      <FormEnd problem={problem} />
    </form>
  );
}
