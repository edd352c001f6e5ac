"""`promptwire.api.record.RecordService`: runs found, read whole, and run again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final, cast

import msgspec

from promptwire.api.llm import ChatRequest, LLMService
from promptwire.api.message import Event
from promptwire.api.prompt import PromptService, RunRequest
from promptwire.api.record import (
    GetRunRequest,
    ListPromptRunsRequest,
    ListRunsReply,
    ListRunsRequest,
    Record,
    ReplayRequest,
)
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.record.store import RecordStore, Wanted

MOST: Final = 200  # runs on a page
DRAFT: Final = "draft"


class RecordService:
    """The records in ``store``, run again on ``prompts`` and ``llm``.

    ``flush`` writes what this process has not written yet. Methods raise Failure.
    """

    def __init__(
        self, store: RecordStore, prompts: PromptService, llm: LLMService, flush: Callable[[], Awaitable[None]]
    ) -> None:
        self._store, self._prompts, self._llm, self._flush = store, prompts, llm, flush

    async def list_runs(self, request: ListRunsRequest) -> ListRunsReply:
        """Runs of every prompt, and of models."""
        return await self._page(_wanted(request, direct=request.direct))

    async def list_prompt_runs(self, request: ListPromptRunsRequest) -> ListRunsReply:
        """Runs of one prompt."""
        return await self._page(_wanted(request, prompt=request.key))

    async def get_run(self, request: GetRunRequest) -> Record:
        """A run with its contents."""
        await self._flush()
        return await self._store.record(request.id)

    async def replay(self, request: ReplayRequest) -> AsyncGenerator[Event, None]:
        """Run the same again."""
        record = await self.get_run(GetRunRequest(id=request.id))
        stream = cast("AsyncGenerator[Event, None]", self._again(record, request.model))
        async with aclosing(stream) as events:
            async for event in events:
                yield event

    def _again(self, record: Record, model: str | None) -> AsyncIterator[Event]:
        """The run made anew."""
        if record.request is None or {"request", "content"} & set(record.cut):
            why = "were too large to be kept whole" if record.cut else "were not kept"
            raise Failure("invalid_request", f"the run cannot be repeated: its contents {why}")
        if record.prompt is None:
            chat = msgspec.json.decode(record.request, type=ChatRequest)
            return self._llm.chat_stream(
                msgspec.structs.replace(chat, model=model or chat.model, resumable_s=None, replay_of=record.id)
            )
        asked = msgspec.json.decode(record.request, type=RunRequest)
        return self._prompts.run(_repeated(asked, record, model))

    async def _page(self, wanted: Wanted) -> ListRunsReply:
        await self._flush()
        found = await self._store.find(wanted)
        last = found[-2] if len(found) == wanted.limit else None
        return ListRunsReply(runs=found[: wanted.limit - 1], next=None if last is None else _cursor(last))


def _repeated(asked: RunRequest, record: Record, model: str | None) -> RunRequest:
    """What runs the same content with the same values: a version by its name, anything else as it stood."""
    asked = msgspec.structs.replace(asked, model=model or asked.model, resumable_s=None, replay_of=record.id)
    if record.content is None:  # it failed before that was known
        return asked
    if record.version == DRAFT:
        return msgspec.structs.replace(asked, draft=record.content)
    return msgspec.structs.replace(asked, version=record.version, label=None)


def _wanted(
    request: ListRunsRequest | ListPromptRunsRequest, *, prompt: str | None = None, direct: bool | None = None
) -> Wanted:
    """The question as the store understands it; one more than asked for tells whether there is a next page."""
    if not 1 <= request.limit <= MOST:
        raise Failure("invalid_request", f"limit is 1 to {MOST}, not {request.limit}")
    return Wanted(
        prompt=prompt,
        direct=direct,
        status=request.status or (),
        version=request.version,
        person=request.person,
        model=request.model,
        since=_moment("since", request.since),
        until=_moment("until", request.until),
        text=request.text,
        after=None if request.cursor is None else _after(request.cursor),
        limit=request.limit + 1,
    )


def _cursor(last: Record) -> str:
    return f"{last.started_at}_{last.id}"


def _after(cursor: str) -> tuple[str, str]:
    started_at, _, run_id = cursor.partition("_")
    if not run_id:
        raise Failure("invalid_request", f"cursor is the `next` of a page, not {cursor!r}")
    return started_at, run_id


def _moment(name: str, text: str | None) -> str | None:
    """A moment as the store has it; without a time zone it is UTC."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        return timestamp(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise Failure("invalid_request", f"{name} is a moment like 2026-11-24T10:00:00Z, not {text!r}") from error
