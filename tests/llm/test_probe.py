"""A probe says what works, and the exact reason for what does not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from llm.gated import gates_of
from promptwire.api.catalogue import Check
from promptwire.api.llm import Capabilities, ChatRequest
from promptwire.api.message import Delta, Reasoning, ToolCallDelta, Usage
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.gates import Gates
from promptwire.llm.probe import probe
from promptwire.llm.provider import Chunk, Endpoint, Finish, Target

TARGET = Target(id="m", model="m", endpoint=Endpoint(name="acme", kind="openai"))


def question(request: ChatRequest) -> str:
    """Which question a request is."""
    if request.tools:
        return "tools"
    if request.response_format is not None:
        return "json_schema"
    if any(message.parts for message in request.messages):
        return "images"
    if request.parameters is not None and request.parameters.reasoning_effort:
        return "reasoning"
    return "stop" if request.parameters is not None and request.parameters.stop else "stream"


class Model:
    """A model that answers each question as told, and says ready to the others."""

    def __init__(self, **answers: list[Chunk | Failure]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        name = question(request)
        self.asked.append(name)
        default: list[Chunk | Failure] = [Delta(text="ready"), Finish("stop"), Usage(output_tokens=1)]
        for chunk in self._answers.get(name, default):
            if isinstance(chunk, Failure):
                raise chunk
            yield chunk


@pytest.fixture
async def gates(tmp_path: Path) -> AsyncGenerator[Gates]:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    await database.migrate()
    yield gates_of(database)
    await database.close()


async def found(gates: Gates, model: Model, **capabilities: Any) -> dict[str, Check]:
    target = Target(id="m", model="m", endpoint=TARGET.endpoint, capabilities=Capabilities(**capabilities))
    return {check.name: check for check in await probe(model, target, gates)}


async def test_a_model_that_can_do_everything(gates: Gates) -> None:
    checks = await found(
        gates,
        Model(
            tools=[ToolCallDelta(index=0, id="c", name="weather"), Finish("tool_calls")],
            json_schema=[Delta(text='{"sum":'), Delta(text=" 5}"), Finish("stop")],
            reasoning=[Reasoning(text="hm"), Delta(text="391"), Finish("stop")],
            stop=[Delta(text="1 2 3 "), Finish("stop")],
        ),
    )
    assert list(checks) == ["stream", "usage", "tools", "json_schema", "images", "reasoning", "stop"]
    assert all(check.works and check.error is None for check in checks.values())
    assert checks["reasoning"].note == "its reasoning is shown"


@pytest.mark.parametrize(
    ("name", "answer", "note"),
    [
        ("tools", [Delta(text="sunny"), Finish("stop")], "called no tool"),
        ("json_schema", [Delta(text="five"), Finish("stop")], "does not follow the schema: 'five'"),
        ("json_schema", [Delta(text='{"total": 5}'), Finish("stop")], "total"),
        ("images", [Finish("stop")], "said nothing"),
        ("stop", [Delta(text="1 2 3 4 5 6"), Finish("stop")], "past the stop word"),
    ],
)
async def test_what_a_model_does_not_do_is_said(
    gates: Gates, name: str, answer: list[Chunk | Failure], note: str
) -> None:
    given: dict[str, Any] = {name: answer}
    check = (await found(gates, Model(**given)))[name]
    assert not check.works and check.error is None and note in check.note


async def test_what_the_vendor_says_is_given_as_it_is(gates: Gates) -> None:
    refusal = Failure("invalid_request", "acme answered 400: no images here", vendor="acme", vendor_status=400)
    check = (await found(gates, Model(images=[refusal])))["images"]
    assert not check.works
    assert check.error is not None and (check.error.vendor_status, "no images" in check.error.message) == (400, True)


async def test_a_first_failure_is_the_only_one(gates: Gates) -> None:
    model = Model(stream=[Failure("permission_denied", "bad key", vendor="acme")])
    checks = await found(gates, model)
    assert list(checks) == ["stream"] and model.asked == ["stream"]
    assert checks["stream"].error is not None and checks["stream"].error.class_ == "permission_denied"


async def test_a_vendor_that_counts_nothing_is_told(gates: Gates) -> None:
    check = (await found(gates, Model(stream=[Delta(text="a"), Finish("stop")])))["usage"]
    assert not check.works and "estimated" in check.note


async def test_reasoning_that_is_hidden_or_unclear(gates: Gates) -> None:
    hidden: list[Chunk | Failure] = [Delta(text="391"), Finish("stop"), Usage(reasoning_tokens=7)]
    assert (await found(gates, Model(reasoning=hidden)))["reasoning"].note == "7 tokens of reasoning, not shown"
    assert "nothing says" in (await found(gates, Model()))["reasoning"].note


async def test_what_the_row_rules_out_is_not_asked(gates: Gates) -> None:
    model = Model()
    check = (await found(gates, model, tools=False))["tools"]
    assert check.error is not None and "calls no tools" in check.error.message
    assert "tools" not in model.asked
