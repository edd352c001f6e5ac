"""A probe says what works, and the exact reason for what does not."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from promptwire.api.catalogue import Check
from promptwire.api.llm import Capabilities, ChatRequest
from promptwire.api.message import Delta, Reasoning, ToolCallDelta, Usage
from promptwire.errors import Failure
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


async def found(model: Model, **capabilities: Any) -> dict[str, Check]:
    target = Target(id="m", model="m", endpoint=TARGET.endpoint, capabilities=Capabilities(**capabilities))
    return {check.name: check for check in await probe(model, target)}


async def test_a_model_that_can_do_everything() -> None:
    checks = await found(
        Model(
            tools=[ToolCallDelta(index=0, id="c", name="weather"), Finish("tool_calls")],
            json_schema=[Delta(text='{"sum":'), Delta(text=" 5}"), Finish("stop")],
            reasoning=[Reasoning(text="hm"), Delta(text="391"), Finish("stop")],
            stop=[Delta(text="1 2 3 "), Finish("stop")],
        )
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
async def test_what_a_model_does_not_do_is_said(name: str, answer: list[Chunk | Failure], note: str) -> None:
    given: dict[str, Any] = {name: answer}
    check = (await found(Model(**given)))[name]
    assert not check.works and check.error is None and note in check.note


async def test_what_the_vendor_says_is_given_as_it_is() -> None:
    refusal = Failure("invalid_request", "acme answered 400: no images here", vendor="acme", vendor_status=400)
    check = (await found(Model(images=[refusal])))["images"]
    assert not check.works
    assert check.error is not None and (check.error.vendor_status, "no images" in check.error.message) == (400, True)


async def test_a_first_failure_is_the_only_one() -> None:
    model = Model(stream=[Failure("permission_denied", "bad key", vendor="acme")])
    checks = await found(model)
    assert list(checks) == ["stream"] and model.asked == ["stream"]
    assert checks["stream"].error is not None and checks["stream"].error.class_ == "permission_denied"


async def test_a_vendor_that_counts_nothing_is_told() -> None:
    check = (await found(Model(stream=[Delta(text="a"), Finish("stop")])))["usage"]
    assert not check.works and "estimated" in check.note


async def test_reasoning_that_is_hidden_or_unclear() -> None:
    hidden: list[Chunk | Failure] = [Delta(text="391"), Finish("stop"), Usage(reasoning_tokens=7)]
    assert (await found(Model(reasoning=hidden)))["reasoning"].note == "7 tokens of reasoning, not shown"
    assert "nothing says" in (await found(Model()))["reasoning"].note


async def test_what_the_row_rules_out_is_not_asked() -> None:
    model = Model()
    check = (await found(model, tools=False))["tools"]
    assert check.error is not None and "calls no tools" in check.error.message
    assert "tools" not in model.asked
