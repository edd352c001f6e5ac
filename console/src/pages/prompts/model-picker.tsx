// Which model runs the prompt: a list that is searched by typing.
import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { Check, ChevronsUpDown } from "lucide-react";
import { useState } from "react";
import type { Model } from "@/api/client";
import { Button } from "@/parts/button";
import { Popover, PopoverContent, PopoverTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { modelsQuery } from "../queries";

interface ModelPickerProps {
  value: string;
  onChange: (id: string) => void;
  /** What choosing no model means, where that can be chosen. */
  none?: string;
}

export function ModelPicker({ value, onChange, none }: ModelPickerProps) {
  const say = useText();
  const [open, setOpen] = useState(false);
  const [sought, setSought] = useState("");
  const { data: models = [] } = useQuery(modelsQuery);
  const known = models.some(({ id }) => id === value);
  const empty = none ?? say("model.none");
  const choose = (id: string) => {
    setOpen(false);
    setSought("");
    onChange(id);
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button aria-label={`${say("model.pick")}: ${value || empty}`} className="min-w-0 max-w-64 shrink">
          <span className="truncate">{value || empty}</span>
          <ChevronsUpDown className="text-faint" />
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-80 p-0">
        <Command loop defaultValue={value}>
          <Command.Input
            value={sought}
            onValueChange={setSought}
            placeholder={say("model.search")}
            className="w-full border-line border-b bg-transparent px-4 py-3 text-sm outline-none placeholder:text-faint"
          />
          <Command.List className="max-h-80 overflow-auto p-1">
            <Command.Empty className="px-3 py-6 text-center text-[13px] text-faint">{say("model.empty")}</Command.Empty>
            {value && models.length > 0 && !known && (
              <p className="px-3 py-2 text-amber text-xs">
                {value}: {say("model.unknown")}
              </p>
            )}
            {none !== undefined && (
              <Command.Item
                value={none}
                onSelect={() => choose("")}
                className="rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-ink/6"
              >
                {none}
              </Command.Item>
            )}
            {[...byProvider(models)].map(([provider, offered]) => (
              <Command.Group
                key={provider}
                heading={provider}
                className="**:[[cmdk-group-heading]]:eyebrow **:[[cmdk-group-heading]]:px-3 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1"
              >
                {offered.map((model) => (
                  <ModelRow key={model.id} model={model} chosen={model.id === value} onChoose={choose} />
                ))}
              </Command.Group>
            ))}
            {sought.includes("/") && !models.some(({ id }) => id === sought) && (
              <Command.Item
                forceMount
                value={`=${sought}`}
                onSelect={() => choose(sought)}
                className="rounded-lg px-3 py-2 text-sm data-[selected=true]:bg-ink/6"
              >
                {say("model.use", { id: sought })}
              </Command.Item>
            )}
          </Command.List>
        </Command>
      </PopoverContent>
    </Popover>
  );
}

function ModelRow({ model, chosen, onChoose }: { model: Model; chosen: boolean; onChoose: (id: string) => void }) {
  return (
    <Command.Item
      value={model.id}
      keywords={[model.provider, model.description]}
      onSelect={() => onChoose(model.id)}
      className="flex items-start gap-3 rounded-lg px-3 py-2 data-[selected=true]:bg-ink/6"
    >
      <span className="min-w-0">
        <span className="block truncate text-sm">{model.id}</span>
        {model.description && <span className="block text-faint text-xs">{model.description}</span>}
      </span>
      {chosen && <Check className="mt-0.5 ml-auto size-4 shrink-0 text-blue" />}
    </Command.Item>
  );
}

function byProvider(models: readonly Model[]): Map<string, Model[]> {
  const groups = new Map<string, Model[]>();
  for (const model of models) groups.set(model.provider, [...(groups.get(model.provider) ?? []), model]);
  return groups;
}
