// Branches: where each is, and what can be done with it.
import { Ellipsis, GitBranchPlus, GitMerge, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { createBranch, dropBranch } from "@/api/versions";
import { Button } from "@/parts/button";
import { TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import {
  Dialog,
  DialogContent,
  DialogTitle,
  Menu,
  MenuContent,
  MenuItem,
  MenuLine,
  MenuTrigger,
} from "@/parts/overlay";
import { Problem } from "@/parts/problem";
import { useText } from "@/text/text";
import { useDoing, useVersions } from "./use-versions";

interface BranchesPanelProps {
  promptKey: string;
  onBranch: () => void;
  onMerge: (merge: string, into: string) => void;
}

export function BranchesPanel({ promptKey, onBranch, onMerge }: BranchesPanelProps) {
  const say = useText();
  const { branches } = useVersions(promptKey);
  const { attempt, problem } = useDoing(promptKey);
  if (branches.length === 0) return null;
  return (
    <section aria-label={say("branches.title")} className="mb-4">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="eyebrow">{say("branches.title")}</h2>
        {branches.map(({ name, head }) => (
          <Menu key={name}>
            <MenuTrigger asChild>
              <Button look="ghost" size="small" aria-label={say("branches.branch", { name })}>
                {name} <span className="font-mono text-[11px] text-faint">{head}</span>
                <Ellipsis />
              </Button>
            </MenuTrigger>
            <MenuContent align="start">
              <MenuItem onSelect={() => onMerge(name, name)}>
                <GitMerge /> {say("branches.mergeDraft")}
              </MenuItem>
              {branches
                .filter((other) => other.name !== name)
                .map((other) => (
                  <MenuItem key={other.name} onSelect={() => onMerge(name, other.name)}>
                    <GitMerge /> {say("branches.mergeInto", { name: other.name })}
                  </MenuItem>
                ))}
              {name !== "main" && (
                <>
                  <MenuLine />
                  <MenuItem onSelect={() => void attempt(() => dropBranch(promptKey, name))}>
                    <Trash2 /> {say("branches.delete")}
                  </MenuItem>
                </>
              )}
            </MenuContent>
          </Menu>
        ))}
        <Button look="ghost" size="tiny" aria-label={say("branches.create")} onClick={onBranch}>
          <GitBranchPlus />
        </Button>
      </div>
      <Problem text={problem} className="mt-2" />
    </section>
  );
}

interface BranchDialogProps {
  promptKey: string;
  version: string;
  onClose: () => void;
}

export function BranchDialog({ promptKey, version, onClose }: BranchDialogProps) {
  const say = useText();
  const [name, setName] = useState("");
  const { attempt, problem } = useDoing(promptKey);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (await attempt(() => createBranch(promptKey, name, version))) onClose();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent aria-describedby={undefined}>
        <DialogTitle className="font-serif text-[22px]">{say("branches.from", { version })}</DialogTitle>
        <form onSubmit={(event) => void create(event)} className="mt-5 grid gap-4">
          <TextField required label={say("branches.name")} value={name} onChange={setName} mono />
          <FormEnd problem={problem} />
        </form>
      </DialogContent>
    </Dialog>
  );
}
