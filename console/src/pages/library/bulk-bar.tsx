// What can be done with several prompts at once: moved, tagged, untagged, deleted.
import { FolderInput, Tag, Trash2, X } from "lucide-react";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { deletePrompt, organise } from "@/api/library";
import { Button } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { useDialog } from "@/parts/dialogs";
import { Input } from "@/parts/field";
import { useText } from "@/text/text";

interface BulkBarProps {
  keys: string[];
  folders: readonly string[];
  tags: readonly string[];
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

/** About the chosen prompts: who comes by its address has chosen the same. */
export const DELETE_MANY = "delete-prompts";

export function BulkBar({ keys, folders, tags, attempt }: BulkBarProps) {
  const say = useText();
  const asking = useDialog(DELETE_MANY);
  const each = async () => {
    for (const key of keys) await deletePrompt(key);
  };
  return (
    <section
      aria-label={say("library.chosen", { n: keys.length })}
      className="mb-4 flex flex-wrap items-center gap-3 rounded-lg bg-well px-3 py-2"
    >
      <span className="figure text-[13px]">{say("library.chosen", { n: keys.length })}</span>
      <Filing
        label={say("library.move")}
        hint={say("library.folder.hint")}
        known={folders}
        icon={<FolderInput />}
        onFile={(folder) => attempt(() => organise({ keys, folder }))}
      />
      <Filing
        label={say("library.tag.add")}
        hint={say("library.tag.hint")}
        known={tags}
        icon={<Tag />}
        onFile={(tag) => attempt(() => organise({ keys, add_tags: [tag] }))}
      />
      <Filing
        label={say("library.tag.drop")}
        hint={say("library.tag.hint")}
        known={tags}
        icon={<X />}
        onFile={(tag) => attempt(() => organise({ keys, drop_tags: [tag] }))}
      />
      <Button size="small" className="text-red" onClick={() => asking.show(keys.join(","))}>
        <Trash2 /> {say("form.delete")}
      </Button>
      <Confirm
        open={asking.open}
        onOpenChange={asking.onOpenChange}
        title={say("library.delete.many", { n: keys.length })}
        body={say("library.delete.body")}
        action={say("library.delete")}
        onConfirm={() => void attempt(each)}
      />
    </section>
  );
}

interface FilingProps {
  label: string;
  hint: string;
  known: readonly string[];
  icon: ReactNode;
  onFile: (name: string) => Promise<void>;
}

function Filing({ label, hint, known, icon, onFile }: FilingProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const file = (event: FormEvent) => {
    event.preventDefault();
    void onFile(typed).then(() => setTyped(""));
  };
  return (
    <form onSubmit={file} className="flex items-center gap-1">
      <Input
        className="h-7 w-36 text-[13px]"
        list={id}
        value={typed}
        placeholder={hint}
        aria-label={label}
        onChange={(event) => setTyped(event.target.value)}
      />
      <datalist id={id}>
        {known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Button size="small" type="submit">
        {icon} {label}
      </Button>
    </form>
  );
}
