// The saved inputs of a prompt: loaded, saved, renamed, shared, marked and deleted.
import { ChevronsUpDown, Pencil, Save, Share2, Star, StarOff, Trash2, Undo2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { reasonOf } from "@/api/client";
import type { Input } from "@/api/inputs";
import { Button } from "@/parts/button";
import type { DialogPlace } from "@/parts/dialogs";
import { TextField, Toggle } from "@/parts/form";
import { FormEnd } from "@/parts/form-end";
import {
  Dialog,
  DialogContent,
  DialogTitle,
  Menu,
  MenuChoice,
  MenuContent,
  MenuGroup,
  MenuItem,
  MenuLine,
  MenuTitle,
  MenuTrigger,
} from "@/parts/overlay";
import { useText } from "@/text/text";
import type { SavedInputs } from "./use-inputs";

interface InputMenuProps {
  saved: SavedInputs;
  /** Where a new input, or the one it is about, is named. */
  naming: DialogPlace;
}

export function InputMenu({ saved, naming }: InputMenuProps) {
  const say = useText();
  const { inputs, chosen, current, dirty } = saved;
  const [removed, setRemoved] = useState<Input>();
  const [problem, setProblem] = useState("");
  const attempt = (work: Promise<void>) => {
    setProblem("");
    work.catch((failure: unknown) => setProblem(reasonOf(failure)));
  };
  const remove = (input: Input) => attempt(saved.remove(input).then(() => setRemoved(input)));
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-1">
      {dirty && (
        <Button look="ghost" size="small" onClick={() => attempt(saved.save())}>
          <Save /> {say("sets.save")}
        </Button>
      )}
      {removed && (
        <Button
          look="ghost"
          size="small"
          onClick={() => attempt(saved.restore(removed).then(() => setRemoved(undefined)))}
        >
          <Undo2 /> {say("sets.undo", { name: removed.name })}
        </Button>
      )}
      <Menu>
        <MenuTrigger asChild>
          <Button look="ghost" size="small" aria-label={say("sets.title")} className="min-w-0 max-w-52">
            {chosen?.id === current && chosen && <Star className="text-amber" />}
            <span className="truncate">{chosen ? chosen.name : say("sets.none")}</span>
            {dirty && <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-amber" />}
            <ChevronsUpDown className="text-faint" />
          </Button>
        </MenuTrigger>
        <MenuContent className="max-h-96 w-64 overflow-y-auto">
          {inputs.length > 0 && (
            <>
              <MenuTitle>{say("sets.title")}</MenuTitle>
              <MenuGroup value={chosen?.id ?? ""} onValueChange={(id) => saved.choose(id || undefined)}>
                <MenuChoice value="">{say("sets.none")}</MenuChoice>
                {inputs.map((input) => (
                  <MenuChoice key={input.id} value={input.id}>
                    <span className="truncate">{input.name}</span>
                    {input.id === current && <Star aria-label={say("sets.current")} />}
                    {input.shared && <Share2 aria-label={say("sets.shared", { owner: input.owner })} />}
                  </MenuChoice>
                ))}
              </MenuGroup>
              <MenuLine />
            </>
          )}
          <MenuItem onSelect={() => naming.show()}>
            <Save /> {say("sets.saveAs")}
          </MenuItem>
          {chosen && <Acts saved={saved} input={chosen} attempt={attempt} onName={naming.show} onRemove={remove} />}
        </MenuContent>
      </Menu>
      {problem && (
        <p role="alert" className="w-full text-red text-xs">
          {problem}
        </p>
      )}
      <NamingDialog saved={saved} naming={naming} />
    </div>
  );
}

interface ActsProps {
  saved: SavedInputs;
  input: Input;
  attempt: (work: Promise<void>) => void;
  onName: (id: string) => void;
  onRemove: (input: Input) => void;
}

function Acts({ saved, input, attempt, onName, onRemove }: ActsProps) {
  const say = useText();
  const marked = input.id === saved.current;
  return (
    <>
      <MenuItem onSelect={() => attempt(saved.mark(marked ? undefined : input.id))}>
        {marked ? <StarOff /> : <Star />} {say(marked ? "sets.unmark" : "sets.mark")}
      </MenuItem>
      <MenuItem onSelect={() => attempt(saved.change(input, { shared: !input.shared }))}>
        <Share2 /> {say(input.shared ? "sets.unshare" : "sets.share")}
      </MenuItem>
      <MenuItem onSelect={() => onName(input.id)}>
        <Pencil /> {say("sets.rename")}
      </MenuItem>
      <MenuLine />
      <MenuItem className="text-red [&_svg]:text-red" onSelect={() => onRemove(input)}>
        <Trash2 /> {say("sets.delete")}
      </MenuItem>
    </>
  );
}

function NamingDialog({ saved, naming }: InputMenuProps) {
  const say = useText();
  const input = saved.inputs.find(({ id }) => id === naming.about);
  return (
    <Dialog open={naming.open && (naming.about === "" || input !== undefined)} onOpenChange={naming.onOpenChange}>
      <DialogContent aria-describedby={undefined}>
        <DialogTitle className="font-serif text-[22px]">{say(input ? "sets.rename" : "sets.saveAs")}</DialogTitle>
        <NamingForm saved={saved} input={input} onDone={() => void naming.close()} />
      </DialogContent>
    </Dialog>
  );
}

interface NamingFormProps {
  saved: SavedInputs;
  input: Input | undefined;
  onDone: () => void;
}

function NamingForm({ saved, input, onDone }: NamingFormProps) {
  const say = useText();
  const [name, setName] = useState(input?.name ?? "");
  const [shared, setShared] = useState(false);
  const [problem, setProblem] = useState("");
  const save = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await (input ? saved.change(input, { name }) : saved.saveAs(name, shared));
      onDone();
    } catch (failure) {
      setProblem(reasonOf(failure));
    }
  };
  return (
    <form onSubmit={(event) => void save(event)} className="mt-4 grid gap-5">
      <TextField label={say("sets.name")} value={name} onChange={setName} />
      {!input && (
        <div className="flex items-center justify-between gap-4">
          <span className="text-soft">{say("sets.share.all")}</span>
          <Toggle label={say("sets.share.all")} value={shared} onChange={setShared} />
        </div>
      )}
      <FormEnd problem={problem} />
    </form>
  );
}
