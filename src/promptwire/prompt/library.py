"""`promptwire.api.library.LibraryService`: prompts found among many, put in order, and fetched out of the trash."""

from __future__ import annotations

import itertools
from typing import Any, Final

import msgspec

from promptwire.api.library import (
    DescribeRequest,
    DuplicateRequest,
    Entry,
    OrganiseReply,
    OrganiseRequest,
    RestoreRequest,
    SearchReply,
    SearchRequest,
    ShelvesReply,
    ShelvesRequest,
)
from promptwire.api.prompt import CreatePromptRequest, GetPromptRequest, Prompt, PromptService
from promptwire.errors import Failure
from promptwire.prompt.filing import folder, tags
from promptwire.prompt.index import PromptIndex
from promptwire.prompt.store import PromptStore

MOST_ENTRIES: Final = 200  # on one page
MOST_KEYS: Final = 2_000  # put in order at once
MOST_COPIES: Final = 1_000
LONGEST_KEY: Final = 100


class LibraryService:
    """What ``index`` and ``store`` know of the prompts of ``prompts``. Methods raise Failure."""

    def __init__(self, index: PromptIndex, store: PromptStore, prompts: PromptService) -> None:
        self._index, self._store, self._prompts = index, store, prompts

    async def search(self, request: SearchRequest) -> SearchReply:
        """A page of the prompts that match."""
        if not 0 <= request.limit <= MOST_ENTRIES or request.offset < 0:
            raise Failure("invalid_request", f"a page has 0 to {MOST_ENTRIES} entries and begins at 0 or later")
        where = None if request.folder is None else folder(request.folder)
        sought = msgspec.structs.replace(request, folder=where, tags=tags(request.tags))
        entries, total = await self._index.search(sought)
        return SearchReply(entries=entries, total=total)

    async def shelves(self, request: ShelvesRequest) -> ShelvesReply:
        """Every folder, tag and kind."""
        return ShelvesReply(**(await self._index.shelves())._asdict())

    async def organise(self, request: OrganiseRequest) -> OrganiseReply:
        """Move and tag many prompts."""
        if len(request.keys) > MOST_KEYS:
            raise Failure("invalid_request", f"up to {MOST_KEYS} prompts at once, not {len(request.keys)}")
        where = None if request.folder is None else folder(request.folder)
        entries = await self._index.organise(
            request.keys, folder=where, add=tags(request.add_tags), drop=request.drop_tags
        )
        return OrganiseReply(entries=entries)

    async def describe(self, request: DescribeRequest) -> Entry:
        """Name, describe, move and tag one prompt."""
        text = {"name": request.name, "description": request.description}
        values = {name: value for name, value in text.items() if value is not None}
        new_text = bool(values)
        if request.folder is not None:
            values["folder"] = folder(request.folder)
        filed = {} if request.tags is None else {"tags": tags(request.tags)}
        return await self._index.change(request.key, new_text=new_text, **values, **filed)

    async def duplicate(self, request: DuplicateRequest) -> Prompt:
        """A new prompt with the same draft, description, folder and tags; versions and labels stay where they are."""
        one = await self._prompts.get_prompt(GetPromptRequest(key=request.key))
        for key in [request.new_key] if request.new_key is not None else _copies(request.key):
            copy: dict[str, Any] = {field: getattr(one, field) for field in _COPIED}
            copy |= {"key": key, "name": one.name if request.name is None else request.name}
            try:
                return await self._prompts.create_prompt(CreatePromptRequest(**copy))
            except Failure as failure:
                if failure.class_ != "conflict" or request.new_key is not None:
                    raise
        raise Failure("conflict", f"{request.key!r} has been copied {MOST_COPIES} times; name the new key")

    async def restore(self, request: RestoreRequest) -> Prompt:
        """Take a prompt out of the trash."""
        await self._store.restore(request.key)
        return await self._prompts.get_prompt(GetPromptRequest(key=request.key))


_COPIED: Final = tuple(field for field in CreatePromptRequest.__struct_fields__ if field in Prompt.__struct_fields__)


def _copies(key: str) -> list[str]:
    """The keys a copy may get, in order; each as long as a key may be, at most."""
    endings = ["-copy", *(f"-copy-{number}" for number in itertools.islice(itertools.count(2), MOST_COPIES - 1))]
    return [f"{key[: LONGEST_KEY - len(ending)]}{ending}" for ending in endings]
