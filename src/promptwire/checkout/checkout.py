"""The place for a folder of prompts and its server, side by side: what was edited where, pulled, pushed and merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from promptwire.api.prompt import Content, Prompt
from promptwire.checkout.folder import Folder, Here, path_of
from promptwire.checkout.lock import Locked, read, write
from promptwire.checkout.marks import marked
from promptwire.checkout.remote import Remote, There, about
from promptwire.checkout.sides import (
    Merged,
    alone,
    entry,
    folder_of,
    has_moved,
    is_edited,
    is_named,
    merged_about,
    same,
    unified,
    version_of,
    whole_about,
    with_content,
)
from promptwire.client.errors import Conflict
from promptwire.files.plain import fingerprint
from promptwire.files.prompt_file import Document
from promptwire.files.prompt_file import write as written

State: TypeAlias = Literal[
    # how it stands
    "clean", "edited", "moved", "both", "new", "taken", "deleted", "gone", "conflict", "broken",
    # what was done
    "pulled", "updated", "merged", "left", "refused", "created", "pushed", "saved",
]  # fmt: skip

PUSHED: Final = frozenset({"edited", "both", "new"})
ATTEMPTS: Final = 3  # at a commit that others keep overtaking


class Outcome(NamedTuple):
    """How it stands with a prompt, or what was done."""

    key: str
    path: str
    state: State
    note: str = ""


class Checkout:
    """A folder and its server. Methods raise PromptwireError; making one raises FileError when the lock is none."""

    def __init__(self, root: Path, remote: Remote, *, dry_run: bool = False) -> None:
        self._root, self._folder, self._remote, self._dry_run = root, Folder(root), remote, dry_run
        self.lock = read(root)

    def status(self, names: Iterable[str] = ()) -> list[Outcome]:
        """How it stands with every prompt that is here or was pulled."""
        prompts = {prompt.key: prompt for prompt in self._remote.prompts()}
        return [self._state(key, here, prompts.get(key)) for key, here in self._here(names)]

    def diff(self, names: Iterable[str] = ()) -> Iterator[str]:
        """What differs between the files and the newest versions, as unified diffs."""
        prompts = {prompt.key: prompt for prompt in self._remote.prompts()}
        for key, here in self._here(names):
            there = None if key not in prompts else self._remote.there(prompts[key])
            if here is not None and here.document is not None and (there is None or not same(here.document, there)):
                yield unified(here, there)

    def pull(
        self, names: Iterable[str] = (), *, label: str | None = None, version: str | None = None, force: bool = False
    ) -> list[Outcome]:
        """Take over what the server has; edits made here are merged with it, and overwritten only by ``force``."""
        files = dict(self._files())
        chosen = [prompt for prompt in self._remote.prompts() if is_named(names, prompt.key, prompt.folder)]
        outcomes: list[Outcome] = []
        for prompt in sorted(chosen, key=lambda prompt: prompt.key):
            pinned, follows = self._wanted(prompt.key, version, label)
            there = self._remote.there(prompt, version=pinned, label=follows)
            if there is None:
                outcomes.append(Outcome(prompt.key, "", "left", f"it has no {pinned or follows}"))
                continue
            new = entry("", there, label=follows or "", pinned=pinned is not None)
            outcomes.append(self._pulled(prompt.key, files.get(prompt.key), there, new, force=force))
        self.lock.server = self._remote.url
        self._keep_lock()
        return outcomes

    def push(self, names: Iterable[str] = (), *, message: str = "", draft: bool = False) -> list[Outcome]:
        """Commit what was edited here, merged with what was committed there meanwhile; ``draft``: only save it."""
        prompts = {prompt.key: prompt for prompt in self._remote.prompts()}
        self.lock.server = self.lock.server or self._remote.url
        chosen = list(names)
        outcomes: list[Outcome] = []
        for key, here in self._here(chosen):
            outcome = self._state(key, here, prompts.get(key), newest=True)
            pushed = PUSHED | {"clean"} if chosen and not draft and self._is_uncommitted(key) else PUSHED
            if outcome.state in pushed and here is not None and here.document is not None:
                outcome = self._pushed(here, here.document, prompts.get(key), message, draft=draft)
            outcomes.append(outcome)
            self._keep_lock()  # after each: what went through stays known when the next one fails
        return outcomes

    def _is_uncommitted(self, key: str) -> bool:
        """It was pulled or saved as a draft, and has no version yet: who names it wants one."""
        locked = self.lock.prompts.get(key)
        return locked is not None and not locked.version

    def _state(self, key: str, here: Here | None, prompt: Prompt | None, *, newest: bool = False) -> Outcome:
        """How it stands; ``newest``: against the newest version, whatever label or version was pulled."""
        locked = self.lock.prompts.get(key)
        if here is None:
            path = "" if locked is None else locked.path
            return Outcome(key, path, "deleted", "pull brings it back") if prompt else Outcome(key, path, "gone")
        if here.document is None:
            return Outcome(key, here.path, "conflict" if here.marked else "broken", here.fault)
        if locked is None:
            return self._strange(key, here.path, here.document, prompt)
        if prompt is None:
            return Outcome(key, here.path, "gone", "the server has it no longer")
        edited, there = is_edited(here.document, locked), self._followed(prompt, locked, newest=newest)
        moved = there is not None and has_moved(there, locked)
        state: State = ("both" if moved else "edited") if edited else ("moved" if moved else "clean")
        return Outcome(key, here.path, state, version_of(there) if there is not None and moved else "")

    def _strange(self, key: str, path: str, document: Document, prompt: Prompt | None) -> Outcome:
        """A file that was never pulled."""
        there = None if prompt is None else self._remote.there(prompt)
        if there is None:
            return Outcome(key, path, "new")
        if same(document, there):
            return Outcome(key, path, "clean", "pull it to have it in the lock")
        return Outcome(key, path, "taken", "the server has another prompt of this key: pull --force takes it")

    def _wanted(self, key: str, version: str | None, label: str | None) -> tuple[str | None, str | None]:
        """The version or the label to pull: the one asked for, or the one that was pulled before."""
        locked = self.lock.prompts.get(key)
        if version or label or locked is None:
            return version, label
        return (locked.version if locked.pinned else None), (locked.label or None)

    def _followed(self, prompt: Prompt, locked: Locked, *, newest: bool) -> There | None:
        """What a pulled file is held against; None when it is pinned to its version."""
        if locked.pinned and not newest:
            return None
        return self._remote.there(prompt, label=None if newest else locked.label or None)

    def _pulled(self, key: str, here: Here | None, there: There, new: Locked, *, force: bool) -> Outcome:
        locked = self.lock.prompts.get(key)
        new.path = here.path if here else locked.path if locked else path_of(there.document)
        if here is None and self._folder.exists(new.path):
            return Outcome(key, new.path, "refused", "another file is there")
        if here is None or (force and not (here.document is not None and same(here.document, there))):
            return self._taken(key, there, new, "pulled" if here is None else "updated")
        if here.document is None:
            return Outcome(key, here.path, "conflict" if here.marked else "broken", here.fault)
        if same(here.document, there):  # the file stays as it is written, comments and all
            self.lock.prompts[key] = new
            return Outcome(key, here.path, "clean")
        if locked is None:
            return self._strange(key, here.path, here.document, None)._replace(state="refused", note="see --force")
        if not is_edited(here.document, locked):
            return self._taken(key, there, new, "updated")
        if not has_moved(there, locked):
            return Outcome(key, here.path, "edited")
        return self._settled(here, there, self._merge(here.document, there, locked), new)

    def _taken(self, key: str, there: There, new: Locked, state: State) -> Outcome:
        """The server's own, written down."""
        self._write(new.path, written(there.document))
        self.lock.prompts[key] = new
        return Outcome(key, new.path, state, version_of(there))

    def _settled(self, here: Here, there: There, merged: Merged, new: Locked) -> Outcome:
        """A merge, written into the file: whole, or with marks where a person has to decide."""
        self.lock.prompts[there.document.key] = new
        if not merged.conflicts:
            self._write(here.path, written(merged.ours))
            return Outcome(there.document.key, here.path, "merged", f"with {version_of(there)}")
        self._write(here.path, marked(written(merged.ours), written(merged.theirs), version_of(there)))
        note = f"with {version_of(there)}: {', '.join(merged.conflicts)}"
        return Outcome(there.document.key, here.path, "conflict", note)

    def _pushed(self, here: Here, document: Document, prompt: Prompt | None, message: str, *, draft: bool) -> Outcome:
        message = message or f"pushed from {here.path}"
        locked = self.lock.prompts.get(document.key)
        if prompt is None or locked is None:
            return self._created(here, document, message, draft=draft)
        if draft:
            return self._saved(here, document, prompt, locked)
        for _ in range(ATTEMPTS):
            there = self._remote.there(prompt) or There(document, "")
            merged = self._merge(document, there, locked) if has_moved(there, locked) else alone(document)
            if merged.conflicts:
                return self._settled(here, there, merged, entry(here.path, there))
            if self._dry_run:
                return Outcome(document.key, here.path, "pushed", f"would follow {version_of(there)}")
            try:
                version = self._remote.commit(document.key, merged.ours.content, message, there.version)
            except Conflict:  # somebody was quicker
                continue
            self._follow(prompt, there, merged.ours, version)
            return self._noted(here, merged.ours, version, "pushed")
        return Outcome(document.key, here.path, "refused", "others commit all the time: try again")

    def _created(self, here: Here, document: Document, message: str, *, draft: bool) -> Outcome:
        if self._dry_run:
            return Outcome(document.key, here.path, "created", "would be created")
        self._remote.create(document)
        version = "" if draft else self._remote.commit(document.key, document.content, message, "")
        return self._noted(here, document, version, "created")

    def _saved(self, here: Here, document: Document, prompt: Prompt, locked: Locked) -> Outcome:
        """The draft alone: merged with what the draft on the server says beyond the version that was pulled."""
        there = self._remote.there(prompt) or There(document, "")
        draft = There(with_content(there.document, prompt.draft), "")
        free = draft.hash in (locked.hash, fingerprint(document.content))
        merged = alone(document) if free else self._merge(document, draft, locked)
        if merged.conflicts:
            note = f"the draft on the server says otherwise: {', '.join(merged.conflicts)}"
            return Outcome(document.key, here.path, "conflict", note)
        if not self._dry_run:
            self._remote.save(prompt, merged.ours.content, locked.version)
            self._describe(prompt, draft, merged.ours)
        if not locked.version:  # it is what later edits are made of
            return self._noted(here, merged.ours, "", "saved")
        return Outcome(document.key, here.path, "saved", "as a draft")

    def _follow(self, prompt: Prompt, there: There, document: Document, version: str) -> None:
        """One's own draft, when it says nothing of its own, becomes the new version; so does what is said beside."""
        if prompt.revision and fingerprint(prompt.draft) == there.hash:
            self._remote.save(prompt, document.content, version)
        self._describe(prompt, there, document)

    def _describe(self, prompt: Prompt, there: There, document: Document) -> None:
        if about(document) != there.about:
            self._remote.describe(prompt, whole_about(document))

    def _noted(self, here: Here, document: Document, version: str, state: State) -> Outcome:
        there = There(document, version)
        if here.document is not None and not same(here.document, there):
            self._write(here.path, written(document))
        self.lock.prompts[document.key] = entry(here.path, there)
        return Outcome(document.key, here.path, state, version_of(there))

    def _merge(self, document: Document, there: There, locked: Locked) -> Merged:
        """An edit here and one there, of what was pulled."""
        ours, theirs, conflicts = merged_about(document, there, locked)
        if there.hash in (locked.hash, fingerprint(document.content)):
            return Merged(ours, with_content(theirs, document.content), conflicts)
        if not locked.version:
            return Merged(ours, theirs, [*conflicts, "everything: there is no version both were made of"])
        base = self._remote.content(document.key, locked.version)
        reply = self._remote.merge(document.key, base, document.content, there.document.content)
        other: Content = reply.content
        if reply.conflicts:
            other = self._remote.merge(document.key, base, there.document.content, document.content).content
        conflicts += [conflict.path for conflict in reply.conflicts]
        return Merged(with_content(ours, reply.content), with_content(theirs, other), conflicts)

    def _files(self) -> Iterator[tuple[str, Here]]:
        """The files by key; one that cannot be read goes by what the lock says of its path, or by its path."""
        keys = {locked.path: key for key, locked in self.lock.prompts.items()}
        seen: dict[str, str] = {}
        for here in self._folder.files():
            key = keys.get(here.path, here.path) if here.document is None else here.document.key
            if key in seen:
                yield here.path, here._replace(document=None, fault=f"{seen[key]} has the same key, {key!r}")
            else:
                seen[key] = here.path
                yield key, here

    def _here(self, names: Iterable[str]) -> list[tuple[str, Here | None]]:
        """Every file and every prompt that was pulled, by key, of those that are named."""
        chosen, locks = list(names), self.lock.prompts
        both: dict[str, Here | None] = {**dict.fromkeys(locks), **dict(self._files())}
        return [
            (key, here) for key, here in sorted(both.items()) if is_named(chosen, key, folder_of(here, locks.get(key)))
        ]

    def _write(self, path: str, text: str) -> None:
        if not self._dry_run:
            self._folder.write(path, text)

    def _keep_lock(self) -> None:
        if not self._dry_run:
            write(self._root, self.lock)
