"""`promptwire.api.version.VersionService`: versions of prompts, committed, compared, merged, labelled and fetched."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from promptwire.api.prompt import Content, Prompt
from promptwire.api.version import (
    Branch,
    BranchByName,
    BranchRequest,
    ByKey,
    Commit,
    CommitRequest,
    DiffReply,
    DiffRequest,
    DropLabelRequest,
    Dropped,
    FetchRequest,
    Label,
    LabelHistoryReply,
    ListBranchesReply,
    ListLabelsReply,
    ListVersionsReply,
    ListVersionsRequest,
    MergeConflict,
    MergeReply,
    MergeRequest,
    MoveLabelRequest,
    RevertRequest,
    Version,
)
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.person import person
from promptwire.prompt.diff import diff
from promptwire.prompt.drafts import Draft, Edit
from promptwire.prompt.history import History
from promptwire.prompt.kinds import check_kind
from promptwire.prompt.merge import Conflict, merge
from promptwire.prompt.snippets import DRAFT, Snippets
from promptwire.prompt.store import PromptStore
from promptwire.prompt.tables import MAIN

DRAFT_OF: Final = "draft:"  # before the name of a person
RESERVED: Final = frozenset({DRAFT, "latest", "history"})
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,49}")
SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]{1,20})?", re.ASCII)


class VersionService:
    """The versions in ``history`` of the prompts in ``store``. Methods raise Failure.

    ``describe`` adds to a prompt what is not stored but follows from its draft.
    """

    def __init__(self, store: PromptStore, history: History, describe: Callable[[Prompt], Awaitable[Prompt]]) -> None:
        self._store, self._history, self._describe = store, history, describe
        self._snippets = Snippets(store.database)

    async def commit_version(self, request: CommitRequest) -> Commit:
        """Keep the draft, or a given content, as a version that never changes."""
        if request.version is not None and not (SEMVER.fullmatch(request.version) and len(request.version) <= 50):
            raise Failure("invalid_request", f"a version is like 1.2.0 or 1.2.0-rc.1, not {request.version!r}")
        version = Version(
            version=request.version or "",
            branch=request.branch,
            message=request.message,
            author=request.author or person(),
            parents=[] if request.merged is None else [request.merged],
            created_at=timestamp(),
        )
        if request.content is not None:
            check_kind((await self._store.prompt(request.key)).kind, request.content)
        look = self._snippets.standing
        return await self._history.commit(request.key, request.content, version, base=request.base, look=look)

    async def list_versions(self, request: ListVersionsRequest) -> ListVersionsReply:
        """The versions of a branch or of all, the newest first."""
        return ListVersionsReply(versions=await self._history.versions(request.key, request.branch))

    async def fetch(self, request: FetchRequest) -> Commit:
        """A version by its name, by a label, or the newest."""
        commit = await self._history.chosen(request.key, version=request.version, label=request.label)
        if request.expand:
            commit.content = await self._snippets.put_in(commit.content, request.key)
        return commit

    async def diff(self, request: DiffRequest) -> DiffReply:
        """What changed from one to the other."""
        before = await self._content(request.key, request.before)
        return DiffReply(changes=diff(before, await self._content(request.key, request.after)))

    async def revert(self, request: RevertRequest) -> Prompt:
        """Make a version, or what somebody else has written, the caller's draft."""
        edit = Edit(Content(), revision=request.revision, moved=True)
        if (draft := await self._draft(request.key, request.version)) is not None:
            edit = edit._replace(content=draft.content, base=draft.base, origin=draft.origin)
        else:
            commit = await self._history.fetch(request.key, await self._version(request.key, request.version))
            edit = edit._replace(content=commit.content, base=commit.version.version)
        return await self._describe(await self._store.update(request.key, draft=edit))

    async def create_branch(self, request: BranchRequest) -> Branch:
        """A branch that begins at a version."""
        _check_name("branch", request.name)
        return await self._history.create_branch(request.key, request.name, request.version)

    async def list_branches(self, request: ByKey) -> ListBranchesReply:
        """Every branch and where it is."""
        return ListBranchesReply(branches=await self._history.branches(request.key))

    async def drop_branch(self, request: BranchByName) -> Dropped:
        """Forget a branch; its versions stay."""
        if request.name == MAIN:
            raise Failure("invalid_request", "the main branch stays")
        await self._history.drop_branch(request.key, request.name)
        return Dropped()

    async def merge(self, request: MergeRequest) -> MergeReply:
        """Two edits as one; nothing is kept."""
        ours = await self._side(request.key, "ours", request.ours, request.our_content)
        theirs = await self._side(request.key, "theirs", request.theirs, request.their_content)
        base, base_content = None, request.base_content
        if base_content is None:
            if request.ours is None or request.theirs is None:
                raise Failure("invalid_request", "contents are merged over a base_content")
            base, base_content = await self._common(request.key, request.ours, request.theirs)
        decided = {one.path: None if one.value is None else msgspec.json.decode(one.value) for one in request.decisions}
        try:
            merged = merge(base_content, ours, theirs, decided)
        except msgspec.ValidationError as error:
            raise Failure("invalid_request", f"what was decided makes no prompt: {error}") from error
        return MergeReply(content=merged.content, conflicts=[_told(one) for one in merged.conflicts], base=base)

    async def move_label(self, request: MoveLabelRequest) -> Label:
        """Point a label at a version."""
        _check_name("label", request.name)
        label = Label(
            name=request.name,
            version=request.version,
            moved_at="",
            moved_by=request.person or person(),
            keepers=request.keepers or [],
        )
        return await self._history.move_label(
            request.key, label, reason=request.reason, was=request.was, keep=request.keepers is None
        )

    async def drop_label(self, request: DropLabelRequest) -> Dropped:
        """Take a label away."""
        mover = request.person or person()
        await self._history.drop_label(request.key, request.name, person=mover, reason=request.reason)
        return Dropped()

    async def list_labels(self, request: ByKey) -> ListLabelsReply:
        """Where every label is."""
        return ListLabelsReply(labels=await self._history.labels(request.key))

    async def label_history(self, request: ByKey) -> LabelHistoryReply:
        """Every move of every label."""
        return LabelHistoryReply(moves=await self._history.moves(request.key))

    async def _side(self, key: str, what: str, name: str | None, content: Content | None) -> Content:
        if content is not None:
            return content
        if name is None:
            raise Failure("invalid_request", f"say what {what} is")
        return await self._content(key, name)

    async def _content(self, key: str, name: str) -> Content:
        """What a version, label, branch or draft says."""
        if (draft := await self._draft(key, name)) is not None:
            return draft.content
        return (await self._history.fetch(key, await self._version(key, name))).content

    async def _draft(self, key: str, name: str) -> Draft | None:
        """The draft a name stands for: the caller's, or that of who is named in it; None when it stands for none."""
        if name == DRAFT:
            return await self._store.beginning(key)
        return await self._store.draft(key, name.removeprefix(DRAFT_OF)) if name.startswith(DRAFT_OF) else None

    async def _version(self, key: str, name: str) -> str:
        """The version a name stands for: a label before a branch, and otherwise a version itself."""
        found = {branch.name: branch.head for branch in await self._history.branches(key)}
        found |= {label.name: label.version for label in await self._history.labels(key)}
        return found.get(name, name)

    async def _common(self, key: str, ours: str, theirs: str) -> tuple[str | None, Content]:
        """The newest version both sides were made of, and what it says.

        A draft made from no version has no version in common with anything, but what it was made from.
        """
        drafts = [await self._draft(key, name) for name in (ours, theirs)]
        for draft in drafts:
            if draft is not None and draft.base is None:
                return None, draft.origin or Content()
        versions = await self._history.versions(key)  # the newest first
        parents = {version.version: version.parents for version in versions}
        named = zip((ours, theirs), drafts, strict=True)
        roots = [draft.base if draft and draft.base else await self._version(key, name) for name, draft in named]
        sides = [_ancestry(parents, root) for root in roots]
        for version in versions:
            if version.version in sides[0] and version.version in sides[1]:
                return version.version, (await self._history.fetch(key, version.version)).content
        raise Failure("invalid_request", f"{ours!r} and {theirs!r} have no version in common")


def _ancestry(parents: Mapping[str, list[str]], version: str) -> set[str]:
    """A version and everything it was made of."""
    seen: set[str] = set()
    left = [version]
    while left:
        if (one := left.pop()) not in seen:
            seen.add(one)
            left += parents.get(one, [])
    return seen


def _check_name(what: str, name: str) -> None:
    if not NAME.fullmatch(name) or name in RESERVED:
        raise Failure("invalid_request", f"a {what} is up to 50 letters, digits, '.', '_' and '-', a letter first")


def _told(conflict: Conflict) -> MergeConflict:
    return MergeConflict(
        path=conflict.path, base=_raw(conflict.base), ours=_raw(conflict.ours), theirs=_raw(conflict.theirs)
    )


def _raw(value: Any) -> msgspec.Raw | None:
    return None if value is None else msgspec.Raw(msgspec.json.encode(value))
