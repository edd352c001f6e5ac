// The shelves beside the list of prompts: folders as a tree, kinds, tags, and the trash.
import { Folder, Library, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Shelves } from "@/api/library";
import { cn } from "@/parts/cn";
import { count } from "@/parts/figure";
import { useText } from "@/text/text";
import { KINDS, type LibrarySearch, toggled, tree, turned } from "./library-search";

interface ShelfListProps {
  shelves: Shelves | undefined;
  search: LibrarySearch;
  onSearch: (search: LibrarySearch) => void;
}

export function ShelfList({ shelves, search, onSearch }: ShelfListProps) {
  const say = useText();
  const here = (folder: string | undefined) => !search.trashed && search.folder === folder;
  const go = (folder: string | undefined) => onSearch(turned(search, { folder, trashed: undefined }));
  return (
    <nav
      aria-label={say("library.shelves")}
      className="border-line px-3 py-6 max-md:border-b md:overflow-y-auto md:border-r"
    >
      <ul className="grid gap-0.5">
        <ShelfRow icon={<Library />} n={shelves?.total} current={here(undefined)} onGo={() => go(undefined)}>
          {say("library.all")}
        </ShelfRow>
        {tree(shelves?.folders ?? []).map(({ path, name, depth, prompts }) => (
          <ShelfRow key={path} icon={<Folder />} depth={depth} n={prompts} current={here(path)} onGo={() => go(path)}>
            {name}
          </ShelfRow>
        ))}
        {(shelves?.folders.length ?? 0) > 0 && (
          <ShelfRow icon={<Folder className="opacity-40" />} current={here("")} onGo={() => go("")}>
            {say("library.loose")}
          </ShelfRow>
        )}
        <ShelfRow
          icon={<Trash2 />}
          n={shelves?.trashed}
          current={search.trashed === true}
          onGo={() => onSearch(search.trashed ? {} : { trashed: true })}
        >
          {say("library.trash")}
        </ShelfRow>
      </ul>
      <h2 className="eyebrow mt-6 mb-2 px-2">{say("library.kinds")}</h2>
      <ul className="flex flex-wrap gap-1 px-2">
        {KINDS.map((kind) => (
          <li key={kind}>
            <TagChip
              name={say(`kind.${kind}`)}
              n={shelves?.kinds?.find(({ name }) => name === kind)?.prompts ?? 0}
              pressed={search.kind === kind}
              onPress={() => onSearch(turned(search, { kind: search.kind === kind ? undefined : kind }))}
            />
          </li>
        ))}
      </ul>
      {(shelves?.tags.length ?? 0) > 0 && (
        <>
          <h2 className="eyebrow mt-6 mb-2 px-2">{say("library.tags")}</h2>
          <ul className="flex flex-wrap gap-1 px-2">
            {shelves?.tags.map(({ name, prompts }) => (
              <li key={name}>
                <TagChip
                  name={name}
                  n={prompts}
                  pressed={search.tags?.includes(name) ?? false}
                  onPress={() => onSearch(turned(search, { tags: toggled(search.tags, name) }))}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}

interface ShelfRowProps {
  icon: ReactNode;
  depth?: number;
  n?: number | undefined;
  current: boolean;
  onGo: () => void;
  children: ReactNode;
}

function ShelfRow({ icon, depth = 0, n, current, onGo, children }: ShelfRowProps) {
  return (
    <li>
      <button
        type="button"
        aria-current={current ? "true" : undefined}
        style={{ paddingLeft: `${0.5 + depth * 0.9}rem` }}
        className={cn(
          "flex w-full items-center gap-2 rounded-lg py-1.5 pr-2 text-left text-soft hover:bg-ink/5 hover:text-ink [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75]",
          current && "bg-ink/6 text-ink",
        )}
        onClick={onGo}
      >
        {icon}
        <span className="truncate">{children}</span>
        {n !== undefined && <span className="figure ml-auto text-faint text-xs">{count(n)}</span>}
      </button>
    </li>
  );
}

interface TagChipProps {
  name: string;
  n?: number;
  pressed: boolean;
  onPress: () => void;
}

export function TagChip({ name, n, pressed, onPress }: TagChipProps) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={cn(
        "rounded-full border border-line px-2 py-px text-soft text-xs hover:border-edge hover:text-ink",
        pressed && "border-blue bg-blue-wash text-blue",
      )}
    >
      {name}
      {n !== undefined && <span className="figure ml-1 opacity-60">{count(n)}</span>}
    </button>
  );
}
