// A new prompt: a name, and the key programs will call it by.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { createPrompt, type Message, reasonOf } from "@/api/client";
import { Button } from "@/parts/button";
import type { DialogPlace } from "@/parts/dialogs";
import { Input, Label } from "@/parts/field";
import { Dialog, DialogClose, DialogContent, DialogTitle } from "@/parts/overlay";
import { type Say, useText } from "@/text/text";
import { modelsQuery, rememberPrompt } from "../queries";
import { isKey, keyFor } from "./prompt-key";

const KINDS = ["chat", "text", "snippet"] as const;
type Kind = (typeof KINDS)[number];

export function NewPrompt({ place }: { place: DialogPlace }) {
  const say = useText();
  return (
    <Dialog open={place.open} onOpenChange={place.onOpenChange}>
      <DialogContent aria-describedby={undefined}>
        <DialogTitle className="font-serif text-[22px]">{say("new.title")}</DialogTitle>
        <NewPromptForm />
      </DialogContent>
    </Dialog>
  );
}

function NewPromptForm() {
  const say = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { data: models = [] } = useQuery(modelsQuery);
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("chat");
  const [typedKey, setTypedKey] = useState<string>();
  const [problem, setProblem] = useState("");
  const key = typedKey ?? keyFor(name);

  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (!isKey(key)) return setProblem(say("new.key.bad"));
    try {
      const draft = {
        messages: messagesOf(kind, say),
        model: models[0]?.id ?? "",
        variables: [],
        engine: "plain" as const,
      };
      rememberPrompt(queries, await createPrompt({ key, name, draft, kind }));
      await navigate({ to: "/prompts/$key", params: { key }, replace: true });
    } catch (failure) {
      setProblem(reasonOf(failure));
    }
  };

  return (
    <form onSubmit={(event) => void create(event)} className="mt-5 grid gap-4">
      <fieldset className="grid gap-1.5">
        <legend className="mb-1.5 font-medium text-[13px]">{say("new.kind")}</legend>
        <div className="flex rounded-lg bg-well p-0.5">
          {KINDS.map((it) => (
            <Button
              key={it}
              look="ghost"
              size="small"
              aria-pressed={kind === it}
              className="flex-1 aria-pressed:bg-sheet aria-pressed:text-ink aria-pressed:shadow-sm"
              onClick={() => setKind(it)}
            >
              {say(`kind.${it}`)}
            </Button>
          ))}
        </div>
        <p className="text-faint text-xs">{say(`new.kind.${kind}`)}</p>
      </fieldset>
      <div className="grid gap-1.5">
        <Label htmlFor="new-name">{say("new.name")}</Label>
        <Input
          id="new-name"
          data-first
          value={name}
          placeholder={say("new.name.example")}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <div className="grid gap-1.5">
        <Label htmlFor="new-key">{say("new.key")}</Label>
        <Input
          id="new-key"
          className="font-mono text-[13px]"
          value={key}
          spellCheck={false}
          aria-invalid={problem !== ""}
          aria-describedby="new-key-note"
          onChange={(event) => {
            setProblem("");
            setTypedKey(event.target.value);
          }}
        />
        <p id="new-key-note" className={problem ? "text-red text-xs" : "text-faint text-xs"}>
          {problem || say("new.key.help")}
        </p>
      </div>
      <div className="mt-2 flex justify-end gap-2">
        <DialogClose asChild>
          <Button look="ghost">{say("new.cancel")}</Button>
        </DialogClose>
        <Button look="ink" type="submit">
          {say("new.create")}
        </Button>
      </div>
    </form>
  );
}

/** What a new prompt begins with, so that there is something to change. */
function messagesOf(kind: Kind, say: Say): Message[] {
  if (kind !== "chat") return [{ role: "user", content: kind === "text" ? say("new.user") : "" }];
  return [
    { role: "system", content: say("new.system") },
    { role: "user", content: say("new.user") },
  ];
}
