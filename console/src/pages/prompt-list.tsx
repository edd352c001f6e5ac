// The prompts beside every page: in their folders, or those that a few words find.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, FileUp, Plus } from "lucide-react";
import { useState } from "react";
import type { Entry, Sought } from "@/api/library";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { Input } from "@/parts/field";
import { count } from "@/parts/figure";
import { Hint } from "@/parts/overlay";
import { useText } from "@/text/text";
import { tree } from "./library/library-search";
import { searchQuery, shelvesQuery } from "./queries";

/** As many as one page of the API holds; the rest is on the page of all prompts. */
const MOST = 200;

export function PromptList({ onNew, onImport }: { onNew: () => void; onImport: () => void }) {
  const say = useText();
  const [sought, setSought] = useState("");
  const { data: shelves } = useQuery(shelvesQuery);
  return (
    <nav aria-label={say("nav.prompts")} className="flex min-h-0 flex-1 flex-col">
      <div className="flex gap-1.5 px-4 pb-3">
        <Input
          type="search"
          className="h-8 bg-transparent text-[13px]"
          value={sought}
          placeholder={say("list.search")}
          aria-label={say("list.search")}
          onChange={(event) => setSought(event.target.value)}
        />
        <Hint text={say("import.title")}>
          <Button look="ghost" size="icon" aria-label={say("import.title")} onClick={onImport}>
            <FileUp />
          </Button>
        </Hint>
        <Hint text={say("list.new")}>
          <Button look="ghost" size="icon" aria-label={say("list.new")} onClick={onNew}>
            <Plus />
          </Button>
        </Hint>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {sought.trim() === "" ? <Folders /> : <Found sought={{ text: sought, limit: MOST }} nothing={sought} />}
      </div>
      <Link
        to="/prompts"
        activeOptions={{ exact: true, includeSearch: false }}
        className="mx-2 mb-2 flex items-center rounded-lg px-3 py-1.5 text-[13px] text-soft hover:bg-ink/5 hover:text-ink data-[status=active]:bg-ink/6 data-[status=active]:text-ink"
      >
        {say("library.all")}
        {shelves && <span className="figure ml-auto text-faint text-xs">{count(shelves.total)}</span>}
      </Link>
    </nav>
  );
}

function Folders() {
  const { data: shelves } = useQuery(shelvesQuery);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const above = (path: string) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
  };
  const toggle = (path: string) => {
    const changed = new Set(open);
    if (!changed.delete(path)) changed.add(path);
    setOpen(changed);
  };
  const shown = tree(shelves?.folders ?? []).filter(({ path }) => above(path).every((it) => open.has(it)));
  return (
    <>
      {shown.map(({ path, name, depth, prompts }) => (
        <div key={path} style={{ paddingLeft: `${depth * 0.75}rem` }}>
          <button
            type="button"
            aria-expanded={open.has(path)}
            className="flex w-full items-center gap-1.5 rounded-lg px-2 py-1.5 text-left text-[13px] text-soft hover:bg-ink/5 hover:text-ink"
            onClick={() => toggle(path)}
          >
            <ChevronRight className={cn("size-3.5 shrink-0 transition-transform", open.has(path) && "rotate-90")} />
            <span className="truncate">{name}</span>
            <span className="figure ml-auto text-faint text-xs">{count(prompts)}</span>
          </button>
          {open.has(path) && <Found sought={{ folder: path, limit: MOST }} only={path} />}
        </div>
      ))}
      <Found sought={{ folder: "", limit: MOST }} />
    </>
  );
}

interface FoundProps {
  sought: Sought;
  /** Only those right in this folder. */
  only?: string;
  /** What found nothing, to say so. */
  nothing?: string;
}

function Found({ sought, only, nothing }: FoundProps) {
  const say = useText();
  const { data, isError, refetch } = useQuery(searchQuery(sought));
  const entries = (data?.entries ?? []).filter(({ folder }) => only === undefined || folder === only);
  return (
    <>
      <ul>
        {entries.map((entry) => (
          <EntryLink key={entry.key} entry={entry} />
        ))}
      </ul>
      {isError && (
        <p className="px-3 pb-4 text-[13px] text-red">
          {say("list.failed")}{" "}
          <button type="button" className="underline" onClick={() => void refetch()}>
            {say("app.retry")}
          </button>
        </p>
      )}
      {data && data.total > MOST && (
        <p className="px-3 py-1 text-faint text-xs">{say("list.more", { n: count(data.total - MOST) })}</p>
      )}
      {data && entries.length === 0 && nothing !== undefined && (
        <p className="px-3 text-[13px] text-faint">{say("list.none", { text: nothing })}</p>
      )}
    </>
  );
}

function EntryLink({ entry: { key, name } }: { entry: Entry }) {
  return (
    <li>
      <Link
        to="/prompts/$key"
        params={{ key }}
        className="block rounded-lg px-3 py-1.5 text-soft hover:bg-ink/5 hover:text-ink focus-visible:outline-offset-[-2px]"
        activeProps={{ className: "bg-ink/6 text-ink" }}
      >
        <span className="block truncate font-medium">{name || key}</span>
        <span className="block truncate font-mono text-[11px] text-faint">{key}</span>
      </Link>
    </li>
  );
}
