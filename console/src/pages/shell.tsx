// What is around every page: the list of prompts at the left, commands, theme and language.
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Boxes, Command as CommandIcon, Gauge, Menu as MenuIcon, Settings2, UserRound, X } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useOffered } from "@/parts/commands";
import { useDialog } from "@/parts/dialogs";
import { isCovered, isShortcut, keys, useKeys } from "@/parts/keys";
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
import { PromptList } from "./prompt-list";
import { ImportDialog } from "./prompts/files/import-dialog";
import { NewPrompt } from "./prompts/new-prompt";
import { Shortcuts } from "./shortcuts";

export function Shell() {
  const say = useText();
  const creating = useDialog("new");
  const importing = useDialog("import");
  const naming = useDialog("you");
  const commanding = useDialog("commands");
  const helping = useDialog("keys");
  const [listed, setListed] = useState(false);
  const { pathname } = useRouterState({ select: ({ location }) => location });
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a small screen the list closes when a page opens.
  useEffect(() => setListed(false), [pathname]);
  useKeys((event) => {
    if (isShortcut(event, "k")) commanding.onOpenChange(!commanding.open);
    else if (event.key === "?" && !isTyping(event.target) && !isCovered()) helping.show();
    else return;
    event.preventDefault();
  });
  useGeneralCommands(creating.show, naming.show, importing.show, helping.show);

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
        <PromptList onNew={() => creating.show()} onImport={() => importing.show()} />
        <Places />
        <footer className="flex items-center gap-1 border-line border-t px-3 py-2">
          <Button look="ghost" size="small" onClick={() => commanding.show()}>
            <CommandIcon /> {say("nav.commands")}
            <kbd className="font-mono text-[11px] text-faint">{keys("K")}</kbd>
          </Button>
          <span className="ml-auto" />
          <Appearance onName={() => naming.show()} />
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
      <NewPrompt place={creating} />
      <ImportDialog place={importing} />
      <NameDialog place={naming} />
      <Shortcuts place={helping} />
      <Palette place={commanding} />
    </div>
  );
}

/** Whether what has the focus takes letters. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

function useGeneralCommands(create: () => void, name: () => void, take: () => void, help: () => void): void {
  const say = useText();
  const navigate = useNavigate();
  const { language } = usePreferences();
  const commands = useMemo(
    () => [
      { id: "new", label: say("command.new"), perform: create },
      { id: "import", label: say("command.import"), perform: take },
      { id: "you", label: say("command.you"), perform: name },
      { id: "keys", label: say("keys.title"), keys: "?", perform: help },
      { id: "library", label: say("library.all"), perform: () => void navigate({ to: "/prompts" }) },
      {
        id: "trash",
        label: say("library.trash"),
        perform: () => void navigate({ to: "/prompts", search: { trashed: true } }),
      },
      ...PLACES.map(({ to, word }) => ({
        id: `place ${to}`,
        label: say("command.page", { page: say(word) }),
        perform: () => void navigate({ to }),
      })),
      { id: "theme", label: say("command.theme"), perform: switchTheme },
      {
        id: "language",
        label: say("command.language"),
        perform: () => prefer({ language: language === "en" ? "zh" : "en" }),
      },
    ],
    [say, language, navigate, create, name, take, help],
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
