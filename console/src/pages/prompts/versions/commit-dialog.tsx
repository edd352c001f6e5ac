// Where a draft becomes a version: a message, the branch, and a number when a person wants to say it.
import { useNavigate } from "@tanstack/react-router";
import { GitMerge } from "lucide-react";
import { type FormEvent, useState } from "react";
import { commitVersion } from "@/api/versions";
import { Button } from "@/parts/button";
import { TextArea } from "@/parts/field";
import { ChoiceField, Row, TextField } from "@/parts/form";
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from "@/parts/overlay";
import { useText } from "@/text/text";
import { contentOf } from "../draft";
import { useOpenDraft } from "../open-draft";
import { hasMovedOn, headOf, isSemver, MAIN, nextVersions } from "./lineage";
import { useDoing, useVersions } from "./use-versions";

export function CommitDialog({ onClose }: { onClose: () => void }) {
  const say = useText();
  const [{ base }] = useOpenDraft();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="w-[min(32rem,calc(100vw-2rem))]">
        <DialogTitle className="font-serif text-[22px]">{say("commit.title")}</DialogTitle>
        <DialogDescription className="mt-1 text-soft">
          {base.base ? say("commit.from", { version: base.base }) : say("commit.first")}
        </DialogDescription>
        <CommitForm onClose={onClose} />
      </DialogContent>
    </Dialog>
  );
}

function CommitForm({ onClose }: { onClose: () => void }) {
  const say = useText();
  const navigate = useNavigate();
  const [draft, actions] = useOpenDraft();
  const { key, base } = draft.base;
  const { versions, branches } = useVersions(key);
  const { attempt, problem, busy } = useDoing(key);
  const [message, setMessage] = useState("");
  const [branch, setBranch] = useState(MAIN);
  const [number, setNumber] = useState("");
  const head = headOf(branches, branch);
  const moved = hasMovedOn(versions, head, base);
  const names = branches.some(({ name }) => name === MAIN) ? branches.map(({ name }) => name) : [MAIN];

  const commit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await attempt(async () => {
      if (!(await actions.kept())) throw new Error(say("commit.unsaved"));
      const content = contentOf(draft.edit);
      const merged = base !== undefined && head !== undefined && base !== head ? { merged: base } : {};
      const named = number ? { version: number } : {};
      return commitVersion(key, { message, branch, content, base: head ?? "", ...named, ...merged });
    });
    if (made) onClose();
  };
  const merge = () =>
    void navigate({
      to: "/prompts/$key/versions",
      params: { key },
      search: { merge: branch, into: branch },
      replace: true, // Going back leads to the page, not to the dialog.
    });
  return (
    <form onSubmit={(event) => void commit(event)} className="mt-5 grid gap-4">
      <MessageField value={message} onChange={setMessage} />
      <div className="grid grid-cols-2 gap-3">
        <ChoiceField
          label={say("commit.branch")}
          value={branch}
          options={names.map((name) => ({ value: name, label: name }))}
          onChange={setBranch}
        />
        <NumberField value={number} onChange={setNumber} />
      </div>
      {moved && (
        <p role="status" className="rounded-lg bg-amber-wash px-3 py-2 text-[13px]">
          {say("commit.moved", { branch, head: head ?? "", base: base ?? "—" })}
        </p>
      )}
      {problem && (
        <p role="alert" className="rounded-lg bg-red-wash px-3 py-2 text-[13px] text-red">
          {problem}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <DialogClose asChild>
          <Button look="ghost">{say("form.cancel")}</Button>
        </DialogClose>
        {moved ? (
          <Button look="ink" onClick={merge}>
            <GitMerge /> {say("commit.merge")}
          </Button>
        ) : (
          <Button look="ink" type="submit" disabled={busy || (number !== "" && !isSemver(number))}>
            {say("commit.commit")}
          </Button>
        )}
      </div>
    </form>
  );
}

export function MessageField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const say = useText();
  return (
    <Row label={say("commit.message")}>
      {(id) => (
        <TextArea
          id={id}
          rows={2}
          value={value}
          placeholder={say("commit.message.example")}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Row>
  );
}

/** The number of a version: the next one, or one a person says; the likely ones are a press away. */
export function NumberField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const say = useText();
  const [{ base }] = useOpenDraft();
  const { versions } = useVersions(base.key);
  const next = nextVersions(versions);
  return (
    <div>
      <TextField
        label={say("commit.version")}
        value={value}
        onChange={onChange}
        placeholder={next.number}
        problem={value !== "" && !isSemver(value) ? say("commit.version.bad") : undefined}
        mono
      />
      <div className="mt-1.5 flex gap-1">
        {[next.patch, next.minor, next.major].map((version) => (
          <Button
            key={version}
            look="ghost"
            size="tiny"
            className="w-auto px-1.5 font-mono"
            onClick={() => onChange(version)}
          >
            {version}
          </Button>
        ))}
      </div>
    </div>
  );
}
