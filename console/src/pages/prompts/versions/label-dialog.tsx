// Where a label is moved, made, or given to the people who keep it.
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { moveLabel } from "@/api/versions";
import { ChoiceField, LinesField, TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { labelsQuery, useDoing, useVersions } from "./use-versions";

interface LabelDialogProps {
  promptKey: string;
  /** The label that is moved, or `@` and the version that one is moved to; empty for a new label. */
  about: string;
  onClose: () => void;
}

export function LabelDialog(props: LabelDialogProps) {
  const say = useText();
  return (
    <Dialog open onOpenChange={(open) => !open && props.onClose()}>
      <DialogContent aria-describedby={undefined}>
        <DialogTitle className="font-serif text-[22px]">{say("labels.move")}</DialogTitle>
        <LabelForm {...props} />
      </DialogContent>
    </Dialog>
  );
}

function LabelForm({ promptKey, about, onClose }: LabelDialogProps) {
  const say = useText();
  const to = about.startsWith("@") ? about.slice(1) : undefined;
  const given = to === undefined && about !== "" ? about : undefined;
  const { versions } = useVersions(promptKey);
  const { data: labels = [] } = useQuery(labelsQuery(promptKey));
  const { attempt, problem } = useDoing(promptKey);
  const [name, setName] = useState(given ?? "production");
  const label = labels.find((it) => it.name === name);
  const [typedVersion, setVersion] = useState(to);
  const version = typedVersion ?? label?.version ?? versions[0]?.version ?? "";
  const [reason, setReason] = useState("");
  const [keepers, setKeepers] = useState<string[]>();

  const move = async (event: FormEvent) => {
    event.preventDefault();
    const was = label?.version ?? "";
    const moved = await attempt(() =>
      moveLabel(promptKey, name, { version, reason, was, ...(keepers && { keepers }) }),
    );
    if (moved) onClose();
  };
  return (
    <form onSubmit={(event) => void move(event)} className="mt-5 grid gap-4">
      <TextField label={say("labels.name")} value={name} onChange={setName} disabled={given !== undefined} mono />
      <ChoiceField
        label={say("labels.version")}
        value={version}
        options={versions.map((it) => ({ value: it.version, label: `${it.version} ${it.message}`.slice(0, 60) }))}
        onChange={setVersion}
      />
      <TextField label={say("labels.reason")} value={reason} onChange={setReason} />
      <LinesField
        key={name}
        label={say("labels.keepers")}
        note={say("labels.keepers.help")}
        value={keepers ?? label?.keepers ?? []}
        onChange={setKeepers}
      />
      <FormEnd problem={problem} />
    </form>
  );
}
