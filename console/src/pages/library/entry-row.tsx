// A prompt in the list: its name, where it stands, and what can be done with it.
import { Link, useNavigate } from "@tanstack/react-router";
import { CopyPlus, RotateCcw } from "lucide-react";
import { type FormEvent, useState } from "react";
import { deletePrompt, duplicate, type Entry, rename, restorePrompt } from "@/api/library";
import { Button } from "@/parts/button";
import { Input } from "@/parts/field";
import { moment } from "@/parts/figure";
import { MenuItem } from "@/parts/overlay";
import { RowMenu } from "@/parts/row-menu";
import { usePreferences } from "@/preferences";
import { useText } from "@/text/text";
import { type LibrarySearch, toggled, turned } from "./library-search";
import { TagChip } from "./shelf-list";

interface EntryRowProps {
  entry: Entry;
  search: LibrarySearch;
  chosen: boolean;
  onChoose: (chosen: boolean) => void;
  onSearch: (search: LibrarySearch) => void;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

export function EntryRow({ entry, search, chosen, onChoose, onSearch, attempt }: EntryRowProps) {
  const say = useText();
  const { key, folder = "", tags = [], found } = entry;
  const name = entry.name || key;
  const [renaming, setRenaming] = useState(false);
  return (
    <li className="group flex items-start gap-3 border-line border-b py-2.5">
      {!search.trashed && (
        <input
          type="checkbox"
          className="mt-1.5"
          aria-label={say("library.choose", { name })}
          checked={chosen}
          onChange={(event) => onChoose(event.target.checked)}
        />
      )}
      <div className="min-w-0 flex-1">
        {renaming ? (
          <Renaming
            name={entry.name ?? ""}
            onName={(typed) => void attempt(() => rename(key, typed)).then(() => setRenaming(false))}
            onLeave={() => setRenaming(false)}
          />
        ) : (
          <p className="flex flex-wrap items-baseline gap-x-3">
            {search.trashed ? (
              <span className="font-medium text-soft">{name}</span>
            ) : (
              <Link to="/prompts/$key" params={{ key }} className="rounded font-medium hover:underline">
                {name}
              </Link>
            )}
            <span className="font-mono text-[11.5px] text-faint">{key}</span>
            <span data-kind={entry.kind} className="text-faint text-xs">
              {say(`kind.${entry.kind ?? "chat"}`)}
            </span>
          </p>
        )}
        {entry.description && <p className="truncate text-[13px] text-soft">{entry.description}</p>}
        {found && <p className="truncate font-serif text-[15px] text-soft">{found}</p>}
        <div className="mt-1 flex flex-wrap items-center gap-1 empty:hidden">
          {folder && (
            <Button look="ghost" size="small" className="-ml-2" onClick={() => onSearch(turned(search, { folder }))}>
              {folder}
            </Button>
          )}
          {tags.map((tag) => (
            <TagChip
              key={tag}
              name={tag}
              pressed={search.tags?.includes(tag) ?? false}
              onPress={() => onSearch(turned(search, { tags: toggled(search.tags, tag) }))}
            />
          ))}
        </div>
      </div>
      <When entry={entry} />
      {search.trashed ? (
        <Button size="small" onClick={() => void attempt(() => restorePrompt(key))}>
          <RotateCcw /> {say("library.restore")}
        </Button>
      ) : (
        <EntryMenu entry={entry} onRename={() => setRenaming(true)} attempt={attempt} />
      )}
    </li>
  );
}

/** When it was edited, or by whom it was deleted and when. */
function When({ entry: { updated_at, deleted_at, deleted_by } }: { entry: Entry }) {
  const say = useText();
  const { language } = usePreferences();
  const shown = moment(deleted_at ?? updated_at, language, "short");
  return (
    <span className="figure shrink-0 pt-0.5 text-faint text-xs max-sm:hidden">
      {deleted_by ? say("library.deletedBy", { person: deleted_by, when: shown }) : shown}
    </span>
  );
}

function Renaming({ name, onName, onLeave }: { name: string; onName: (name: string) => void; onLeave: () => void }) {
  const say = useText();
  const [typed, setTyped] = useState(name);
  const keep = (event: FormEvent) => {
    event.preventDefault();
    onName(typed);
  };
  return (
    <form onSubmit={keep} className="flex gap-2">
      <Input
        data-first
        className="h-8 max-w-80"
        aria-label={say("prompt.name")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && onLeave()}
      />
      <Button size="small" type="submit">
        {say("form.save")}
      </Button>
    </form>
  );
}

type EntryMenuProps = Pick<EntryRowProps, "entry" | "attempt"> & { onRename: () => void };

function EntryMenu({ entry, attempt, onRename }: EntryMenuProps) {
  const say = useText();
  const navigate = useNavigate();
  const name = entry.name || entry.key;
  const copy = async () => {
    const made = await duplicate(entry.key, say("library.copyOf", { name }));
    await navigate({ to: "/prompts/$key", params: { key: made.key } });
  };
  return (
    <RowMenu
      kind="prompt"
      about={entry.key}
      name={name}
      edit={say("sets.rename")}
      inRow
      onEdit={onRename}
      body={say("library.delete.body")}
      action={say("library.delete")}
      onDelete={() => void attempt(() => deletePrompt(entry.key))}
    >
      <MenuItem onSelect={() => void attempt(copy)}>
        <CopyPlus /> {say("library.duplicate")}
      </MenuItem>
    </RowMenu>
  );
}
