// What the draft is made from and who else has one, and the way to commit it; at the right of a prompt's name.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FileDiff, GitCommitVertical, PencilLine, UsersRound } from "lucide-react";
import { useMemo } from "react";
import { revertTo } from "@/api/versions";
import { Button } from "@/parts/button";
import { useOffered } from "@/parts/commands";
import { useDialog } from "@/parts/dialogs";
import { isShortcut, keys, useKeys } from "@/parts/keys";
import { Hint, Menu, MenuContent, MenuItem, MenuTitle, MenuTrigger } from "@/parts/overlay";
import { useText } from "@/text/text";
import { rememberPrompt } from "../../queries";
import { useOpenDraft } from "../open-draft";
import { BehindNote } from "./behind-note";
import { CommitDialog } from "./commit-dialog";
import { When } from "./when";

export function DraftBar() {
  const say = useText();
  const [draft] = useOpenDraft();
  const committing = useDialog("commit");
  useCommitting(committing.show);
  const { base, modified } = draft.base;
  const changed = modified || draft.phase !== "saved";
  return (
    <div className="ml-auto flex min-w-0 items-center gap-2">
      <span className="truncate text-[13px] text-faint">
        {base ? say(changed ? "draft.changed" : "draft.unchanged", { version: base }) : say("draft.new")}
      </span>
      <BehindNote />
      <Others />
      <Hint text={say("commit.title")} keys={keys("Shift", "S")}>
        <Button size="small" onClick={() => committing.show()}>
          <GitCommitVertical /> {say("commit.open")}
        </Button>
      </Hint>
      {committing.open && <CommitDialog onClose={committing.close} />}
    </div>
  );
}

function useCommitting(commit: () => void): void {
  const say = useText();
  useKeys((event) => {
    if (!isShortcut(event, "s", true)) return;
    event.preventDefault();
    commit();
  });
  const commands = useMemo(
    () => [{ id: "commit", label: say("commit.title"), keys: keys("Shift", "S"), perform: commit }],
    [say, commit],
  );
  useOffered(commands);
}

/** Who else has a draft; theirs can be looked at and gone on with. */
function Others() {
  const say = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, { kept }] = useOpenDraft();
  const { key, others } = draft.base;
  if (others.length === 0) return null;
  const compare = (person: string) =>
    void navigate({
      to: "/prompts/$key/versions",
      params: { key },
      search: { before: "draft", after: `draft:${person}` },
    });
  const goOn = async (person: string) => {
    const stored = await kept();
    if (stored) rememberPrompt(queries, await revertTo(stored, `draft:${person}`));
  };
  return (
    <Menu>
      <Hint text={say("people.others")}>
        <MenuTrigger asChild>
          <Button look="ghost" size="small" aria-label={say("people.others")}>
            <UsersRound /> {others.length}
          </Button>
        </MenuTrigger>
      </Hint>
      <MenuContent>
        {others.map(({ person, edited_at: at }) => (
          <div key={person}>
            <MenuTitle>
              {person || say("people.nobody")} · <When at={at} />
            </MenuTitle>
            <MenuItem onSelect={() => compare(person)}>
              <FileDiff /> {say("people.compare")}
            </MenuItem>
            <MenuItem onSelect={() => void goOn(person)}>
              <PencilLine /> {say("people.goOn")}
            </MenuItem>
          </div>
        ))}
      </MenuContent>
    </Menu>
  );
}
