// What is around every page: the list of prompts at the left, commands, theme and language.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import {
  Boxes,
  Command as CommandIcon,
  FileUp,
  Gauge,
  Menu as MenuIcon,
  Plus,
  Settings2,
  UserRound,
  X,
} from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useOffered } from "@/parts/commands";
import { Input } from "@/parts/field";
import { isShortcut, keys, useKeys } from "@/parts/keys";
import {
  Hint,
  Menu,
  MenuChoice,
  MenuContent,
  MenuGroup,
  MenuItem,
  MenuLine,
  MenuTitle,
  MenuTrigger,
} from "@/parts/overlay";
import { type Language, prefer, type Theme, usePreferences } from "@/preferences";
import { useText } from "@/text/text";
import { NameDialog } from "./name-dialog";
import { Palette } from "./palette";
import { ImportDialog } from "./prompts/files/import-dialog";
import { NewPrompt } from "./prompts/new-prompt";
import { promptsQuery } from "./queries";

export function Shell() {
  const say = useText();
  const [creating, setCreating] = useState(false);
  const [importing, setImporting] = useState(false);
  const [naming, setNaming] = useState(false);
  const [commanding, setCommanding] = useState(false);
  const [listed, setListed] = useState(false);
  const { pathname } = useRouterState({ select: ({ location }) => location });
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a small screen the list closes when a page opens.
  useEffect(() => setListed(false), [pathname]);
  useKeys((event) => {
    if (!isShortcut(event, "k")) return;
    event.preventDefault();
    setCommanding((open) => !open);
  });
  useGeneralCommands(
    useCallback(() => setCreating(true), []),
    useCallback(() => setNaming(true), []),
    useCallback(() => setImporting(true), []),
  );

  return (
    <div className="flex h-full">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-paper focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {say("app.skip")}
      </a>
      {listed && (
        <button
          type="button"
          aria-label={say("nav.close")}
          className="fixed inset-0 z-20 bg-black/30 md:hidden"
          onClick={() => setListed(false)}
        />
      )}
      <aside
        className={cn(
          "flex w-64 shrink-0 flex-col border-line border-r bg-paper",
          "max-md:fixed max-md:inset-y-0 max-md:left-0 max-md:z-30 max-md:shadow-lifted",
          !listed && "max-md:hidden",
        )}
      >
        <Brand onClose={() => setListed(false)} />
        <PromptList onNew={() => setCreating(true)} onImport={() => setImporting(true)} />
        <Places />
        <footer className="flex items-center gap-1 border-line border-t px-3 py-2">
          <Button look="ghost" size="small" onClick={() => setCommanding(true)}>
            <CommandIcon /> {say("nav.commands")}
            <kbd className="font-mono text-[11px] text-faint">{keys("K")}</kbd>
          </Button>
          <span className="ml-auto" />
          <Appearance onName={() => setNaming(true)} />
        </footer>
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex items-center gap-2 border-line border-b px-3 py-2 md:hidden">
          <Button look="ghost" size="icon" aria-label={say("nav.open")} onClick={() => setListed(true)}>
            <MenuIcon />
          </Button>
          <span className="font-serif text-lg">Promptwire</span>
        </div>
        <div className="min-h-0 flex-1">
          <Outlet />
        </div>
      </div>
      <NewPrompt open={creating} onOpenChange={setCreating} />
      <ImportDialog open={importing} onOpenChange={setImporting} />
      <NameDialog open={naming} onOpenChange={setNaming} />
      <Palette open={commanding} onOpenChange={setCommanding} />
    </div>
  );
}

function useGeneralCommands(create: () => void, name: () => void, take: () => void): void {
  const say = useText();
  const { language } = usePreferences();
  const commands = useMemo(
    () => [
      { id: "new", label: say("command.new"), perform: create },
      { id: "import", label: say("command.import"), perform: take },
      { id: "you", label: say("command.you"), perform: name },
      { id: "theme", label: say("command.theme"), perform: switchTheme },
      {
        id: "language",
        label: say("command.language"),
        perform: () => prefer({ language: language === "en" ? "zh" : "en" }),
      },
    ],
    [say, language, create, name, take],
  );
  useOffered(commands);
}

function switchTheme(): void {
  prefer({ theme: document.documentElement.dataset["theme"] === "dark" ? "light" : "dark" });
}

function Brand({ onClose }: { onClose: () => void }) {
  const say = useText();
  return (
    <div className="flex h-[61px] items-center gap-2.5 px-5">
      <Link to="/" className="flex items-baseline rounded-md font-serif text-[21px] tracking-[-0.01em]">
        Promptwire
        <span
          aria-hidden
          className="ml-0.5 inline-block h-[1em] w-[0.42em] translate-y-[0.16em] rounded-[1px] bg-blue"
        />
      </Link>
      <Button look="ghost" size="icon" className="ml-auto md:hidden" aria-label={say("nav.close")} onClick={onClose}>
        <X />
      </Button>
    </div>
  );
}

function PromptList({ onNew, onImport }: { onNew: () => void; onImport: () => void }) {
  const say = useText();
  const [sought, setSought] = useState("");
  const { data: prompts, isError, refetch } = useQuery(promptsQuery);
  const found = (prompts ?? []).filter(({ key, name }) =>
    `${name} ${key}`.toLowerCase().includes(sought.toLowerCase()),
  );
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
      <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
        {found.map(({ key, name }) => (
          <li key={key}>
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
        ))}
      </ul>
      {isError && (
        <p className="px-5 pb-4 text-[13px] text-red">
          {say("list.failed")}{" "}
          <button type="button" className="underline" onClick={() => void refetch()}>
            {say("app.retry")}
          </button>
        </p>
      )}
      {prompts && found.length === 0 && (
        <p className="px-5 pb-4 text-[13px] text-faint">
          {prompts.length === 0 ? say("list.empty") : say("list.none", { text: sought })}
        </p>
      )}
    </nav>
  );
}

const PLACES = [
  { to: "/models", word: "nav.models", Icon: Boxes },
  { to: "/limits", word: "nav.limits", Icon: Gauge },
] as const;

function Places() {
  const say = useText();
  return (
    <nav aria-label={say("nav.places")} className="grid gap-0.5 border-line border-t px-2 py-2">
      {PLACES.map(({ to, word, Icon }) => (
        <Link
          key={to}
          to={to}
          className="flex items-center gap-2.5 rounded-lg px-3 py-1.5 text-soft hover:bg-ink/5 hover:text-ink"
          activeProps={{ className: "bg-ink/6 text-ink" }}
        >
          <Icon className="size-4 stroke-[1.75]" /> {say(word)}
        </Link>
      ))}
    </nav>
  );
}

function Appearance({ onName }: { onName: () => void }) {
  const say = useText();
  const { name, theme, language } = usePreferences();
  return (
    <Menu>
      <Hint text={say("nav.settings")}>
        <MenuTrigger asChild>
          <Button look="ghost" size="icon" aria-label={say("nav.settings")}>
            <Settings2 />
          </Button>
        </MenuTrigger>
      </Hint>
      <MenuContent align="start" side="top">
        <MenuTitle>{say("nav.you")}</MenuTitle>
        <MenuItem className="max-w-56" onSelect={onName}>
          <UserRound /> <span className="truncate">{name || say("nav.you.nobody")}</span>
        </MenuItem>
        <MenuLine />
        <MenuTitle>{say("nav.theme")}</MenuTitle>
        <MenuGroup value={theme} onValueChange={(chosen) => prefer({ theme: chosen as Theme })}>
          {(["system", "light", "dark"] as const).map((it) => (
            <MenuChoice key={it} value={it}>
              {say(`nav.theme.${it}`)}
            </MenuChoice>
          ))}
        </MenuGroup>
        <MenuLine />
        <MenuTitle>{say("nav.language")}</MenuTitle>
        <MenuGroup value={language} onValueChange={(chosen) => prefer({ language: chosen as Language })}>
          <MenuChoice value="en">English</MenuChoice>
          <MenuChoice value="zh">中文</MenuChoice>
        </MenuGroup>
      </MenuContent>
    </Menu>
  );
}
