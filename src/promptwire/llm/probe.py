"""The place for finding out what a model can do: small questions, and the exact reason for what does not work."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from promptwire.api.catalogue import Check
from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Delta, Message, Part, Reasoning, Tool, ToolCallDelta, Usage
from promptwire.errors import from_exception
from promptwire.llm.fitting import fit, unsupported
from promptwire.llm.gates import Gates
from promptwire.llm.provider import Chunk, Finish, Provider, Target
from promptwire.llm.timeouts import Waits, Wheel

Name: TypeAlias = Literal["stream", "usage", "tools", "json_schema", "images", "reasoning", "stop"]

PATIENCE: Final = Waits(connect_s=10, first_token_s=60, idle_s=30, total_s=90)
ENOUGH_TOKENS: Final = 1024  # a model that thinks first needs room for it

# One red pixel.
_PNG: Final = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
_TOOL: Final = Tool(
    name="weather",
    description="The weather in a city.",
    parameters=msgspec.Raw(
        b'{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}'
    ),
)
_SCHEMA: Final = msgspec.Raw(
    b'{"type":"json_schema","json_schema":{"name":"sum","strict":true,"schema":{"type":"object","properties":'
    b'{"sum":{"type":"integer"}},"required":["sum"],"additionalProperties":false}}}'
)


class Answer(NamedTuple):
    """What a model said to a question."""

    chunks: list[Chunk]

    @property
    def text(self) -> str:
        """The text of it."""
        return "".join(chunk.text for chunk in self.chunks if isinstance(chunk, Delta))

    def has(self, *kinds: type[Any]) -> bool:
        """Whether there is a chunk of one of these kinds."""
        return any(isinstance(chunk, kinds) for chunk in self.chunks)

    @property
    def usage(self) -> Usage:
        """What was counted; nothing when nothing was."""
        return next((chunk for chunk in reversed(self.chunks) if isinstance(chunk, Usage)), Usage())


class Question(NamedTuple):
    """One thing to find out: what to ask, and the note and verdict on what comes."""

    name: Name
    request: dict[str, Any]
    judge: Callable[[Answer], tuple[bool, str]]


def _spoke(answer: Answer) -> tuple[bool, str]:
    return (True, answer.text.strip()[:80]) if answer.text else (False, "the model said nothing")


def _called(answer: Answer) -> tuple[bool, str]:
    return (True, "") if answer.has(ToolCallDelta) else (False, "the model called no tool")


def _summed(answer: Answer) -> tuple[bool, str]:
    try:
        return isinstance(msgspec.json.decode(answer.text, type=dict[str, int]).get("sum"), int), answer.text[:80]
    except msgspec.DecodeError:
        return False, f"the answer does not follow the schema: {answer.text[:80]!r}"


def _thought(answer: Answer) -> tuple[bool, str]:
    if answer.has(Reasoning):
        return True, "its reasoning is shown"
    if tokens := answer.usage.reasoning_tokens:
        return True, f"{tokens} tokens of reasoning, not shown"
    return True, "accepted, but nothing says that it reasoned"


def _stopped(answer: Answer) -> tuple[bool, str]:
    return ("4" not in answer.text, "" if "4" not in answer.text else "the model wrote past the stop word")


def _user(text: str, *parts: Part) -> list[Message]:
    return [Message(role="user", content=text, parts=list(parts) or None)]


_MORE: Final = (
    Question(
        "tools",
        {
            "messages": _user("What is the weather in Paris?"),
            "tools": [_TOOL],
            "tool_choice": msgspec.Raw(b'"required"'),
        },
        _called,
    ),
    Question("json_schema", {"messages": _user("What is 2 + 3?"), "response_format": _SCHEMA}, _summed),
    Question("images", {"messages": _user("Which colour is this?", Part(image_url=_PNG))}, _spoke),
    Question(
        "reasoning",
        {"messages": _user("What is 17 * 23?"), "parameters": Parameters(reasoning_effort="low")},
        _thought,
    ),
    Question(
        "stop",
        {
            "messages": _user("Write the digits 1 2 3 4 5 6, nothing else."),
            "parameters": Parameters(stop=["4"], max_tokens=ENOUGH_TOKENS),
        },
        _stopped,
    ),
)


async def probe(provider: Provider, target: Target, gates: Gates) -> list[Check]:
    """What works. When the first question fails nothing else is asked: it would fail the same way.

    Questions cost what others do, so they pass the limits and budgets of ``gates``; what is asked needs no moderation.
    """
    answers: list[Answer] = []

    def spoke(answer: Answer) -> tuple[bool, str]:
        answers.append(answer)
        return _spoke(answer)

    parameters = Parameters(max_tokens=ENOUGH_TOKENS)
    first = {"messages": _user("Say the word ready."), "parameters": parameters}
    asker = Asker(provider, target, gates)
    stream = await _check(asker, Question("stream", first, spoke))
    if not answers:
        return [stream]
    counted = answers[0].has(Usage)
    note = "" if counted else "the vendor counts no tokens; they will be estimated"
    usage = Check(name="usage", works=counted, note=note, duration_ms=0.0)
    return [stream, usage, *await asyncio.gather(*(_check(asker, question) for question in _MORE))]


class Asker(NamedTuple):
    """Asks one model, through the gates."""

    provider: Provider
    target: Target
    gates: Gates

    async def ask(self, request: ChatRequest) -> Answer:
        """What it says. Raises Failure."""
        target = self.target
        request, _ = fit(request, unsupported(target.endpoint.kind, target.capabilities, target.model))
        admitted = self.gates.passage(
            target.model, request, total_s=PATIENCE.total_s, price=target.cost, moderated=False
        )
        chunks: list[Chunk] = []
        async with admitted as passage:
            request = await passage.request(request)
            with Wheel().watch(PATIENCE) as watch:
                async with contextlib.aclosing(self.provider.stream(target, request)) as stream:
                    async for chunk in watch.over(stream):
                        watch.first_token()
                        chunks.append(chunk)
                        if not isinstance(chunk, Finish):
                            passage.count(chunk)
        return Answer(chunks)


async def _check(asker: Asker, question: Question) -> Check:
    begun = time.perf_counter()
    try:
        request = ChatRequest(model=asker.target.id, **question.request)
        works, note = question.judge(await asker.ask(request))
        error = None
    except Exception as exc:  # noqa: BLE001 - whatever goes wrong is the finding
        works, note, error = False, "", from_exception(exc, phase="first_packet").to_error()
    duration_ms = round((time.perf_counter() - begun) * 1000, 1)
    return Check(name=question.name, works=works, error=error, note=note, duration_ms=duration_ms)
