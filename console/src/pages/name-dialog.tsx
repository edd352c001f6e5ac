// Where a person says who they are.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { DialogPlace } from "@/parts/dialogs";
import { TextField } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import { Dialog, DialogContent, DialogDescription, DialogTitle } from "@/parts/overlay";
import { prefer, preferred } from "@/preferences";
import { useText } from "@/text/text";

const LONGEST = 100;

export function NameDialog({ place }: { place: DialogPlace }) {
  const say = useText();
  return (
    <Dialog open={place.open} onOpenChange={place.onOpenChange}>
      <DialogContent>
        <DialogTitle className="font-serif text-[22px]">{say("you.title")}</DialogTitle>
        <DialogDescription className="mt-1 text-soft">{say("you.body")}</DialogDescription>
        <NameForm onDone={() => void place.close()} />
      </DialogContent>
    </Dialog>
  );
}

function NameForm({ onDone }: { onDone: () => void }) {
  const say = useText();
  const queries = useQueryClient();
  const [name, setName] = useState(() => preferred().name);
  const fits = name.trim().length <= LONGEST;
  const save = (event: FormEvent) => {
    event.preventDefault();
    if (!fits) return;
    prefer({ name: name.trim() });
    void queries.invalidateQueries(); // What is shown of prompts is this person's view of them.
    onDone();
  };
  return (
    <form onSubmit={save} className="mt-4 grid gap-5">
      <TextField label={say("you.title")} value={name} onChange={setName} problem={fits ? undefined : say("you.bad")} />
      <FormEnd problem="" />
    </form>
  );
}
