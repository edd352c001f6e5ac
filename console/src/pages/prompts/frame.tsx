// What is around the pages of one prompt: its name, whether it is saved, and a tab for each page.
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { Prompt } from "@/api/client";
import { Button } from "@/parts/button";
import { cn } from "@/parts/cn";
import { useOffered } from "@/parts/commands";
import { CopyButton } from "@/parts/copy";
import { useText } from "@/text/text";
import { promptQuery } from "../queries";
import type { Draft } from "./autosave";
import { Conflict } from "./conflict";
import { OpenDraft, useOpenDraft } from "./open-draft";
import { TABS } from "./tabs";
import { type DraftActions, useDraft } from "./use-draft";
import { DraftBar } from "./versions/draft-bar";
import { useVersionCommands } from "./versions/version-commands";

export function PromptFrame({ promptKey }: { promptKey: string }) {
  const { data: prompt } = useSuspenseQuery(promptQuery(promptKey));
  // Another person has another draft.
  return <Open key={`${promptKey} ${prompt.person}`} prompt={prompt} />;
}

function Open({ prompt }: { prompt: Prompt }) {
  const open = useDraft(prompt);
  const [draft, actions] = open;
  useTabCommands(prompt.key);
  useVersionCommands(prompt.key);
  return (
    <OpenDraft value={open}>
      <div data-person={prompt.person} className="flex h-full min-h-0 flex-col">
        <header className="flex flex-wrap items-center gap-x-3 gap-y-2 px-6 pt-3">
          <Title draft={draft} actions={actions} />
          <DraftBar />
        </header>
        <Outlet />
      </div>
    </OpenDraft>
  );
}

/** The tabs, and at their right the tools of the page that shows it. */
export function PromptBar({ children }: { children?: ReactNode }) {
  const say = useText();
  const [draft, actions] = useOpenDraft();
  const { key } = draft.base;
  return (
    <>
      <div className="flex min-h-[52px] flex-wrap items-end gap-x-6 border-line border-b px-6">
        <nav aria-label={say("tab.pages")} className="flex gap-5">
          {TABS.map(({ to, word }) => (
            <Link
              key={to}
              to={to}
              params={{ key }}
              activeOptions={{ exact: true, includeSearch: false }}
              className="-mb-px border-transparent border-b-2 pt-2 pb-2.5 text-soft hover:text-ink data-[status=active]:border-ink data-[status=active]:text-ink"
            >
              {say(word)}
            </Link>
          ))}
        </nav>
        <div className="ml-auto flex min-w-0 flex-wrap items-center gap-2 pb-2">{children}</div>
      </div>
      <Conflict draft={draft} actions={actions} />
    </>
  );
}

function useTabCommands(key: string): void {
  const say = useText();
  const navigate = useNavigate();
  const commands = useMemo(
    () =>
      TABS.map(({ to, word }) => ({
        id: `tab ${word}`,
        label: say("command.page", { page: say(word) }),
        perform: () => void navigate({ to, params: { key } }),
      })),
    [say, navigate, key],
  );
  useOffered(commands);
}

function Title({ draft, actions }: { draft: Draft; actions: DraftActions }) {
  const say = useText();
  return (
    <div className="flex min-w-0 items-center gap-3">
      <input
        aria-label={say("prompt.name")}
        value={draft.edit.name}
        placeholder={say("prompt.untitled")}
        onChange={(event) => actions.edit((edit) => ({ ...edit, name: event.target.value }), "name")}
        className="field-sizing-content min-w-8 max-w-80 truncate rounded-md bg-transparent font-serif text-[21px] outline-offset-4 placeholder:text-faint"
      />
      <span className="flex items-center gap-0.5 font-mono text-[12px] text-faint">
        <span className="max-w-48 truncate" title={draft.base.key}>
          {draft.base.key}
        </span>
        <CopyButton text={draft.base.key} label={say("prompt.copyKey")} />
      </span>
      <SaveState draft={draft} onSave={actions.save} />
    </div>
  );
}

const DOTS = {
  saved: "bg-green",
  waiting: "bg-amber",
  saving: "bg-amber",
  failed: "bg-red",
  conflict: "bg-red",
} as const;

function SaveState({ draft, onSave }: { draft: Draft; onSave: () => void }) {
  const say = useText();
  const { phase, error } = draft;
  const words = phase === "failed" ? say("save.failed.more", { reason: error?.message ?? "" }) : say(`save.${phase}`);
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-[13px] text-soft" title={words}>
      <span aria-hidden className={cn("size-1.5 shrink-0 rounded-full transition-colors", DOTS[phase])} />
      <span role="status" data-save={phase} className="truncate">
        {say(`save.${phase}`)}
      </span>
      {phase === "failed" && (
        <Button look="ghost" size="small" onClick={onSave}>
          {say("save.retry")}
        </Button>
      )}
    </span>
  );
}
