"""Runs are listed page by page, read whole, and run again with what they were run with."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from promptwire.api.llm import (
    ChatReply,
    ChatRequest,
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    TokenCount,
)
from promptwire.api.message import Delta, Done, Event, Message, Start, Usage
from promptwire.api.prompt import Content, PromptService, RunRequest
from promptwire.api.record import GetRunRequest, ListPromptRunsRequest, ListRunsRequest, ReplayRequest
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.record.journal import Journal
from promptwire.record.recording import Recording
from promptwire.record.service import RecordService
from promptwire.record.store import RecordStore
from promptwire.record.trimming import KEPT
from record.noted import note

START = Start(run_id="r", model="m", trace_id="t")
DONE = Done(finish_reason="stop", usage=Usage(), duration_ms=1.0)


class Again:
    """Both services that can be asked to run something: they note what."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def run(self, request: RunRequest) -> AsyncGenerator[Event, None]:
        self.asked.append(request)
        for event in (START, Delta(text="again"), DONE):
            yield event

    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        async for event in self.run(RunRequest(key="")):
            yield event
        self.asked.append(request)

    async def chat(self, request: ChatRequest) -> ChatReply:
        raise NotImplementedError

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        raise NotImplementedError

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        raise NotImplementedError


class Kept:
    """A service with its journal."""

    def __init__(self, database: Database, *, contents: bool = True) -> None:
        store = RecordStore(database, "w")
        self.journal = Journal(store, contents=contents)
        self.again = Again()
        prompts: Any = self.again
        asked: PromptService = prompts
        self.service = RecordService(store, asked, self.again, self.journal.flush)

    def ran(self, name: str, request: RunRequest | ChatRequest, version: str = "draft") -> None:
        """A run that was."""
        prompt = request.key if isinstance(request, RunRequest) else None
        with Recording(name, "t", request, prompt=prompt, tell=self.journal.tell) as run:
            if prompt is not None:
                run.chose(version, Content(model="m", messages=[Message(role="user", content="as it stood")]))
            note(run, START)
            note(run, DONE)

    async def replayed(self, name: str, model: str | None = None) -> Any:
        """What is asked when a run is repeated."""
        events = [event async for event in self.service.replay(ReplayRequest(id=name, model=model))]
        assert isinstance(events[-1], Done)
        return self.again.asked[-1]


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database)


async def test_pages_lead_to_each_other(kept: Kept) -> None:
    for number in range(5):
        kept.ran(f"r{number}", RunRequest(key="demo"))
    kept.ran("other", RunRequest(key="other"))
    kept.ran("direct", ChatRequest(model="m", messages=[]))
    first = await kept.service.list_prompt_runs(ListPromptRunsRequest(key="demo", limit=2))
    second = await kept.service.list_prompt_runs(ListPromptRunsRequest(key="demo", limit=2, cursor=first.next))
    third = await kept.service.list_prompt_runs(ListPromptRunsRequest(key="demo", limit=2, cursor=second.next))
    assert [[run.id for run in page.runs] for page in (first, second, third)] == [["r4", "r3"], ["r2", "r1"], ["r0"]]
    assert third.next is None
    everything = await kept.service.list_runs(ListRunsRequest(since="2020-01-01", until="2100-01-01T00:00:00+02:00"))
    assert len(everything.runs) == 7
    assert [run.id for run in (await kept.service.list_runs(ListRunsRequest(direct=True))).runs] == ["direct"]
    await kept.journal.close()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"limit": 0}, "limit is 1 to 200"),
        ({"cursor": "x"}, "cursor is the `next`"),
        ({"since": "soon"}, "since is a moment"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since is a moment"),
    ],
)
async def test_a_question_that_is_none_is_refused(kept: Kept, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(Failure, match=said):
        await kept.service.list_runs(ListRunsRequest(**asked))


async def test_a_draft_is_run_again_as_it_stood(kept: Kept) -> None:
    variables = {"topic": msgspec.Raw(b'"looms"')}
    kept.ran("r", RunRequest(key="demo", variables=variables, resumable_s=30.0))
    asked: RunRequest = await kept.replayed("r", model="other")
    assert asked.draft is not None and asked.draft.messages[0].content == "as it stood"
    assert (asked.variables, asked.replay_of, asked.model, asked.resumable_s) == (variables, "r", "other", None)
    await kept.journal.close()


async def test_a_version_is_run_again_by_its_name(kept: Kept) -> None:
    kept.ran("r", RunRequest(key="demo", label="production"), version="3")
    asked: RunRequest = await kept.replayed("r")
    assert (asked.version, asked.label, asked.draft, asked.model) == ("3", None, None, None)
    await kept.journal.close()


async def test_a_model_is_asked_again(kept: Kept) -> None:
    chat = ChatRequest(model="m", messages=[Message(role="user", content="hi")], resumable_s=9.0)
    kept.ran("r", chat)
    assert await kept.replayed("r") == msgspec.structs.replace(chat, resumable_s=None, replay_of="r")
    assert (await kept.replayed("r", model="other")).model == "other"
    await kept.journal.close()


async def test_a_run_that_failed_before_anything_was_chosen_is_asked_again_as_it_came(kept: Kept) -> None:
    with (
        pytest.raises(Failure),
        Recording("r", "t", RunRequest(key="demo", label="no"), prompt="demo", tell=kept.journal.tell),
    ):
        raise Failure("not_found", "no such label")
    asked: RunRequest = await kept.replayed("r")
    assert (asked.label, asked.draft) == ("no", None)
    await kept.journal.close()


async def test_what_was_not_kept_whole_cannot_be_repeated(database: Database) -> None:
    kept = Kept(database)
    kept.ran("large", ChatRequest(model="m", messages=[Message(role="user", content="x" * KEPT)]))
    with pytest.raises(Failure, match="too large to be kept whole"):
        await kept.replayed("large")
    await kept.journal.close()
    sparing = Kept(database, contents=False)
    sparing.ran("figures", RunRequest(key="demo"))
    with pytest.raises(Failure, match="were not kept"):
        await sparing.replayed("figures")
    assert (await sparing.service.get_run(GetRunRequest(id="figures"))).status == "done"
    await sparing.journal.close()
