// Which text runs: the draft, a version, or the version a label points at.
import { useQuery } from "@tanstack/react-query";
import { Choice } from "@/parts/choice";
import { useText } from "@/text/text";
import type { Pane } from "./panes";
import { versionsQuery } from "./versions/use-versions";

type Chosen = Pick<Pane, "version" | "label">;

interface VersionPickerProps {
  promptKey: string;
  pane: Chosen;
  onChange: (chosen: { version: string | undefined; label: string | undefined }) => void;
}

export function VersionPicker({ promptKey, pane, onChange }: VersionPickerProps) {
  const say = useText();
  const { data: versions = [] } = useQuery(versionsQuery(promptKey));
  const labels = [...new Set(versions.flatMap((it) => it.labels))].sort();
  const known = new Set(["", ...labels.map((label) => `:${label}`), ...versions.map(({ version }) => `@${version}`)]);
  const value = chosenOf(pane);
  const options = [
    { value: "", label: say("pick.draft") },
    ...labels.map((label) => ({ value: `:${label}`, label })),
    ...versions.map(({ version }) => ({ value: `@${version}`, label: version })),
    ...(known.has(value) ? [] : [{ value, label: value.slice(1) }]),
  ];
  return (
    <Choice
      label={say("pick.version")}
      value={value}
      options={options}
      onChange={(chosen) =>
        onChange({
          version: chosen.startsWith("@") ? chosen.slice(1) : undefined,
          label: chosen.startsWith(":") ? chosen.slice(1) : undefined,
        })
      }
    />
  );
}

function chosenOf({ version, label }: Chosen): string {
  if (version !== undefined) return `@${version}`;
  return label === undefined ? "" : `:${label}`;
}
