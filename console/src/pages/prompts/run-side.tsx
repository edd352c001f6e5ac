// The right side of the page: what the prompt is tried with, and what comes of it.
import type { Ref } from "react";
import { Button } from "@/parts/button";
import type { DialogPlace } from "@/parts/dialogs";
import { useText } from "@/text/text";
import type { Draft } from "./autosave";
import { type BenchSearch, inMode } from "./bench-search";
import { ComparePanes } from "./compare-panes";
import { askedOf, begunAnew, type Conversation } from "./conversation";
import type { Slot } from "./draft";
import { InputMenu } from "./input-menu";
import { ManyRuns } from "./many-runs";
import { OneAnswer } from "./one-answer";
import { Talk } from "./talk";
import type { DraftActions } from "./use-draft";
import type { SavedInputs } from "./use-inputs";
import type { Runs, Trial } from "./use-trial";
import { Variables } from "./variables";

interface RunSideProps {
  ref: Ref<Runs>;
  draft: Draft;
  actions: DraftActions;
  slots: readonly Slot[];
  trial: Trial;
  saved: SavedInputs;
  naming: DialogPlace;
  conversation: Conversation;
  onConversation: (conversation: Conversation) => void;
  search: BenchSearch;
  onSearch: (search: BenchSearch) => void;
  onRunning: (running: boolean) => void;
}

export function RunSide(props: RunSideProps) {
  const { draft, actions, slots, trial, saved, naming, search, onSearch } = props;
  return (
    <div className="flex min-w-0 flex-col gap-7 lg:min-h-0 border-line bg-well/50 px-6 py-6 max-lg:border-t lg:border-l">
      <div className="-m-1 max-h-[45%] overflow-y-auto p-1 max-lg:max-h-none">
        <Variables
          slots={slots}
          edit={draft.edit}
          actions={actions}
          values={trial.values}
          problems={trial.problems}
          onChange={trial.setValue}
          head={<InputMenu saved={saved} naming={naming} />}
        />
        {!search.talk && (
          <SentToo
            turns={askedOf(props.conversation).length}
            onOpen={() => onSearch(inMode(search, { talk: true }))}
            onLeaveOut={() => props.onConversation(begunAnew(props.conversation))}
          />
        )}
      </div>
      <Answers {...props} />
    </div>
  );
}

function Answers(props: RunSideProps) {
  const { ref, draft, actions, trial, onRunning, search, onSearch } = props;
  const runs = { ref, trial, onRunning };
  const stepped = { ...runs, edit: draft.edit, actions };
  if (search.panes)
    return (
      <ComparePanes
        {...stepped}
        promptKey={draft.base.key}
        panes={search.panes}
        reference={search.reference ?? 0}
        onChange={(panes, reference) => onSearch(inMode(search, { panes, ...(reference > 0 && { reference }) }))}
      />
    );
  if (search.runs !== undefined)
    return (
      <ManyRuns
        {...runs}
        times={search.runs}
        at={search.at ?? 0}
        onChange={(times, at) => onSearch(inMode(search, { runs: times, ...(at > 0 && { at }) }))}
      />
    );
  if (search.talk) return <Talk {...stepped} conversation={props.conversation} onChange={props.onConversation} />;
  return <OneAnswer {...stepped} />;
}

interface SentTooProps {
  turns: number;
  onOpen: () => void;
  onLeaveOut: () => void;
}

/** Says that the conversation goes along with every run. */
function SentToo({ turns, onOpen, onLeaveOut }: SentTooProps) {
  const say = useText();
  if (turns === 0) return null;
  return (
    <p className="mt-3 flex flex-wrap items-center gap-1 text-[13px] text-soft">
      {say("talk.sentToo", { n: turns })}
      <Button look="ghost" size="small" onClick={onOpen}>
        {say("talk.open")}
      </Button>
      <Button look="ghost" size="small" onClick={onLeaveOut}>
        {say("talk.leaveOut")}
      </Button>
    </p>
  );
}
