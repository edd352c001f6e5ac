// The list of prompts: sought, sorted, put in folders under tags, and fetched out of the trash.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useState } from "react";
import { reasonOf } from "@/api/client";
import type { Entry } from "@/api/library";
import { Button } from "@/parts/button";
import { Choice } from "@/parts/choice";
import { useDialog } from "@/parts/dialogs";
import { count } from "@/parts/figure";
import { SearchField } from "@/parts/search-field";
import { useText } from "@/text/text";
import { refreshLibrary, searchQuery, shelvesQuery } from "../queries";
import { BulkBar, DELETE_MANY } from "./bulk-bar";
import { EntryRow } from "./entry-row";
import { type LibrarySearch, ORDERS, PAGE, soughtBy, turned } from "./library-search";
import { ShelfList } from "./shelf-list";

interface LibraryPageProps {
  search: LibrarySearch;
  onSearch: (search: LibrarySearch, replace?: boolean) => void;
}

export function LibraryPage({ search, onSearch }: LibraryPageProps) {
  const say = useText();
  const queries = useQueryClient();
  const { data: shelves } = useQuery(shelvesQuery);
  const { data: found, isFetching } = useQuery(searchQuery(soughtBy(search)));
  const asked = useDialog(DELETE_MANY);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(asked.about.split(",")));
  const [problem, setProblem] = useState("");
  const entries = found?.entries ?? [];
  const selected = entries.filter(({ key }) => chosen.has(key)).map(({ key }) => key);
  const attempt = async (work: () => Promise<unknown>) => {
    setProblem("");
    try {
      await work();
      setChosen(new Set());
    } catch (failure) {
      setProblem(reasonOf(failure));
    }
    await refreshLibrary(queries);
  };
  const choose = (keys: readonly string[], on: boolean) => {
    const changed = new Set(chosen);
    for (const key of keys) on ? changed.add(key) : changed.delete(key);
    setChosen(changed);
  };
  return (
    <main id="main" className="grid h-full min-h-0 grid-cols-1 overflow-y-auto md:grid-cols-[14rem_1fr]">
      <ShelfList shelves={shelves} search={search} onSearch={onSearch} />
      <section aria-label={say("library.title")} className="min-w-0 px-6 py-6 md:overflow-y-auto">
        <header className="mb-5 flex flex-wrap items-center gap-3">
          <h1 className="font-serif text-[26px]">{say(search.trashed ? "library.trash" : "library.title")}</h1>
          <span className="figure text-faint" role="status">
            {found && say("library.count", { n: count(found.total) })}
          </span>
          <span className="ml-auto" />
          <SearchField
            className="w-64"
            label={say("library.search")}
            value={search.text ?? ""}
            onChange={(text) => onSearch(turned(search, { text }), true)}
          />
          <Choice
            label={say("library.order")}
            value={search.order ?? "edited"}
            options={ORDERS.map((value) => ({ value, label: say(`library.order.${value}`) }))}
            onChange={(order) => onSearch(turned(search, { order }))}
          />
        </header>
        {problem && (
          <p role="alert" className="mb-4 rounded-lg bg-red-wash px-3 py-2 text-[13px] text-red">
            {problem}
          </p>
        )}
        {!search.trashed && selected.length > 0 && (
          <BulkBar
            keys={selected}
            folders={shelves?.folders.map(({ name }) => name) ?? []}
            tags={shelves?.tags.map(({ name }) => name) ?? []}
            attempt={attempt}
          />
        )}
        <Rows
          entries={entries}
          search={search}
          chosen={chosen}
          onChoose={choose}
          onSearch={onSearch}
          attempt={attempt}
          busy={isFetching}
        />
        {found && found.total === 0 && <p className="py-6 text-faint">{say("library.none")}</p>}
        <Pages search={search} total={found?.total ?? 0} onSearch={onSearch} />
      </section>
    </main>
  );
}

interface RowsProps {
  entries: readonly Entry[];
  search: LibrarySearch;
  chosen: ReadonlySet<string>;
  onChoose: (keys: readonly string[], on: boolean) => void;
  onSearch: LibraryPageProps["onSearch"];
  attempt: (work: () => Promise<unknown>) => Promise<void>;
  busy: boolean;
}

function Rows({ entries, search, chosen, onChoose, onSearch, attempt, busy }: RowsProps) {
  const say = useText();
  if (entries.length === 0) return null;
  const keys = entries.map(({ key }) => key);
  return (
    <>
      {!search.trashed && (
        <label className="flex items-center gap-3 border-line border-b pb-2 text-faint text-xs">
          <input
            type="checkbox"
            aria-label={say("library.choose.all")}
            checked={keys.every((key) => chosen.has(key))}
            onChange={(event) => onChoose(keys, event.target.checked)}
          />
          {say("library.choose.all")}
        </label>
      )}
      <ul aria-label={say("library.title")} aria-busy={busy}>
        {entries.map((entry) => (
          <EntryRow
            key={entry.key}
            entry={entry}
            search={search}
            chosen={chosen.has(entry.key)}
            onChoose={(on) => onChoose([entry.key], on)}
            onSearch={onSearch}
            attempt={attempt}
          />
        ))}
      </ul>
    </>
  );
}

interface PagesProps {
  search: LibrarySearch;
  total: number;
  onSearch: LibraryPageProps["onSearch"];
}

function Pages({ search, total, onSearch }: PagesProps) {
  const say = useText();
  const page = search.page ?? 1;
  const last = Math.max(1, Math.ceil(total / PAGE));
  if (last === 1) return null;
  return (
    <nav aria-label={say("library.pages")} className="mt-5 flex items-center gap-2">
      <Button
        look="ghost"
        size="icon"
        aria-label={say("library.page.before")}
        disabled={page <= 1}
        onClick={() => onSearch({ ...turned(search, {}), ...(page > 2 && { page: page - 1 }) })}
      >
        <ChevronLeft />
      </Button>
      <span className="figure text-[13px] text-soft">{say("library.page", { n: page, m: last })}</span>
      <Button
        look="ghost"
        size="icon"
        aria-label={say("library.page.after")}
        disabled={page >= last}
        onClick={() => onSearch({ ...turned(search, {}), page: page + 1 })}
      >
        <ChevronRight />
      </Button>
    </nav>
  );
}
