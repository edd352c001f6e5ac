"""A run of a prompt has a name, a span and a record, and the model is asked as part of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from opentelemetry.trace import StatusCode

import thriftwire
import thriftwire.call
from ended import Ended
from promptwire.api.llm import (
    LLM_SERVICE,
    ChatReply,
    ChatRequest,
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    TokenCount,
)
from promptwire.api.message import Done, Event, Start, Usage
from promptwire.api.prompt import Content, RunRequest
from promptwire.entries import RUN_ID
from promptwire.errors import Failure
from promptwire.prompt.running import Runs
from promptwire.span import TRACEPARENT, Spans
from thriftwire.call import Call
from thriftwire.streams import pour_all

CHAT = ChatRequest(model="m", messages=[])
DONE = Done(finish_reason="stop", usage=Usage(), duration_ms=1.0)


class Noting:
    """A model that notes the entries it was asked with."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        call = thriftwire.call.current()
        assert call is not None
        self.entries = dict(call.metadata.persistent)
        yield Start(run_id="r", model="m", trace_id="t")
        yield DONE

    async def chat(self, request: ChatRequest) -> ChatReply:
        raise NotImplementedError

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        raise NotImplementedError

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        raise NotImplementedError


@pytest.fixture
def runs(spans: Spans) -> Runs:
    return Runs(spans)


async def test_the_model_is_asked_as_part_of_the_run(runs: Runs, ended: Ended) -> None:
    noting, told = Noting(), list[Event]()
    async with thriftwire.local.connect(LLM_SERVICE, noting) as llm:
        with runs.begin(RunRequest(key="demo")) as run:
            run.chose("3", Content(model="m"))
            await pour_all(run.ask(llm, CHAT), run.noting(told.append))
    assert isinstance(told[0], Start) and (told[0].prompt, told[0].version) == ("demo", "3")
    (span,) = ended.spans
    context = span.get_span_context()
    assert context is not None and span.attributes is not None
    assert (span.attributes["gen_ai.prompt.name"], span.attributes["gen_ai.prompt.version"]) == ("demo", "3")
    assert noting.entries == {
        "prompt": "demo",
        RUN_ID: run.run_id,
        TRACEPARENT: f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}",
    }
    assert run.run_id.startswith("run_")


def test_a_run_is_called_what_the_gateway_calls_it(runs: Runs) -> None:
    call = Call()
    call.metadata.persistent[RUN_ID] = "run_1"
    with thriftwire.call.serving(call), runs.begin(RunRequest(key="demo")) as run:
        assert run.run_id == "run_1"


def test_a_failure_is_on_the_span_and_a_reader_who_has_everything_may_leave(runs: Runs, ended: Ended) -> None:
    with pytest.raises(Failure), runs.begin(RunRequest(key="demo")):
        raise Failure("not_found", "no such version")
    with pytest.raises(GeneratorExit), runs.begin(RunRequest(key="demo")) as run:
        run.noting(list[Event]().append)(DONE)
        raise GeneratorExit
    with pytest.raises(GeneratorExit), runs.begin(RunRequest(key="demo")):
        raise GeneratorExit
    failed, done, left = ended.spans
    assert failed.status.status_code is StatusCode.ERROR
    assert done.attributes is not None and "error.type" not in done.attributes
    assert left.attributes is not None and left.attributes["error.type"] == "cancelled"
