"""The place for what a simulated model types: pieces, pace and fault, all decided before the first one."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, cycle, islice
from typing import Final, NamedTuple, TypeAlias

import msgspec

from promptwire.api.llm import ChatRequest, Fault, Simulate
from promptwire.api.message import Delta, FinishReason, Message, Reasoning, ToolCall, ToolCallDelta, Usage

MODELS: Final = {
    "echo": "types back the last user message, token by token",
    "typewriter": "types a fixed text about whatever was asked, 20 ms a token",
}
"""Both call a tool for each line ``call NAME {arguments}`` of the last user message, if they have it."""

TYPEWRITER_INTERVAL_MS: Final = 20.0
MAX_TOKENS: Final = 10_000_000
STALL_S: Final = 86_400.0
SLOW_FIRST_S: Final = 5.0

_TOKEN: Final = re.compile(r"\w{1,6}|\s|[^\w\s]")
_CALL: Final = re.compile(r"^call (?P<name>[\w.-]+) *(?P<arguments>\{.*\})? *$", re.MULTILINE)
_THINKING: Final = "Let me think about what was asked, step by step, before I write anything down. "


Piece: TypeAlias = Delta | Reasoning | ToolCallDelta


class Step(NamedTuple):
    """``pause_s`` seconds pass, then comes ``piece``."""

    pause_s: float
    piece: Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One answer of ``count`` steps, made as they are read, so that a long answer holds no more than a short one."""

    steps: Callable[[], Iterator[Step]]
    count: int
    finish_reason: FinishReason
    usage: Usage
    fault: Fault | None


def tokens(text: str) -> list[str]:
    """``text`` in simulated tokens: joined they are the text again."""
    return _TOKEN.findall(text)


def script(model: str, request: ChatRequest) -> Script:
    """What ``model`` (`echo` or `typewriter`) answers to ``request``."""
    simulate = request.simulate or Simulate()
    called = _called(request, simulate)
    words, written, whole = _words(model, request, simulate, calls=bool(called))
    thoughts = [Reasoning(text=thought) for thought in tokens(_THINKING)]
    thought = _bounded(simulate.reasoning_tokens or 0)
    calls = [part for index, call in enumerate(called) for part in _fragments(index, call)]
    said = [Delta(text=word) for word in words]
    count = thought + written + len(calls)

    def steps() -> Iterator[Step]:
        pieces = chain(islice(cycle(thoughts), thought), islice(cycle(said), written), calls)
        return map(Step, _pauses(model, simulate), pieces)

    return Script(
        steps=steps,
        count=count,
        finish_reason="tool_calls" if calls else "stop" if whole else "length",
        usage=Usage(
            input_tokens=sum(len(tokens(text(message))) for message in request.messages),
            output_tokens=count - thought,
            reasoning_tokens=thought,
        ),
        fault=simulate.fault,
    )


def text(message: Message) -> str:
    """The text of a message, its parts joined."""
    return message.content + "".join(part.text or "" for part in message.parts or ())


def _called(request: ChatRequest, simulate: Simulate) -> list[ToolCall]:
    """The tools to call now: what is simulated or asked for, until there are replies of enough rounds."""
    since = request.messages[_last_asked(request) + 1 :]
    rounds = sum(message.role == "assistant" and bool(message.tool_calls) for message in since)
    if rounds >= (1 if simulate.tool_rounds is None else simulate.tool_rounds):
        return []
    if simulate.tool_calls is not None:
        calls = simulate.tool_calls
    else:
        offered = {tool.name for tool in request.tools or ()}
        lines = [line for line in _CALL.finditer(_asked(request)) if line["name"] in offered]
        calls = [
            ToolCall(id=f"call_{number}", name=line["name"], arguments=line["arguments"] or "{}")
            for number, line in enumerate(lines, start=1)
        ]
    return [msgspec.structs.replace(call, id=f"{call.id}-{rounds + 1}") if rounds else call for call in calls]


def _replied(request: ChatRequest) -> str | None:
    """What the tools said, when they have just replied."""
    since = request.messages[_last_asked(request) + 1 :]
    if not since or since[-1].role != "tool":
        return None
    said = [f"“{text(message)}”" for message in since if message.role == "tool"]
    return f"The tools replied: {', '.join(said)}."


def _words(model: str, request: ChatRequest, simulate: Simulate, *, calls: bool) -> tuple[list[str], int, bool]:
    """The tokens to write, how many of them (from the beginning again when they run out), and whether that is all."""
    replied = None if calls else _replied(request)
    if simulate.text is not None and replied is None:
        words = tokens(simulate.text)
    elif calls:
        words = []
    elif replied is not None:
        words = tokens(replied)
    elif model == "echo":
        words = tokens(_asked(request))
    else:
        words = tokens(_about(_asked(request)))
    count = len(words) if simulate.tokens is None else _bounded(simulate.tokens)
    limit = request.parameters.max_tokens if request.parameters else None
    written = count if limit is None else min(count, max(0, limit))
    return words or ["…"], written, written == count


def _asked(request: ChatRequest) -> str:
    return next((text(message) for message in reversed(request.messages) if message.role == "user"), "")


def _last_asked(request: ChatRequest) -> int:
    """Where the last user message is; -1 when there is none."""
    return max((at for at, message in enumerate(request.messages) if message.role == "user"), default=-1)


def _about(asked: str) -> str:
    subject = " ".join(asked.split())[:80] or "nothing at all"
    return (
        f"You asked about “{subject}”. I am a typewriter: no model thinks behind these words, and nobody pays for "
        "them. Every letter still travels the whole road: from a provider to the LLM service, through the prompt "
        "service and the gateway, to the screen, one small packet after the other. Press Stop and the road is torn up "
        "behind you at once. Name a real model, and the same road carries its words."
    )


def _bounded(count: int) -> int:
    return min(max(count, 0), MAX_TOKENS)


def _fragments(index: int, call: ToolCall) -> Iterator[ToolCallDelta]:
    yield ToolCallDelta(index=index, id=call.id, name=call.name)
    for token in tokens(call.arguments):
        yield ToolCallDelta(index=index, arguments=token)


def _pauses(model: str, simulate: Simulate) -> Iterator[float]:
    usual = TYPEWRITER_INTERVAL_MS if model == "typewriter" else 0.0
    interval = (usual if simulate.interval_ms is None else max(0.0, simulate.interval_ms)) / 1000
    first = interval if simulate.first_ms is None else max(0.0, simulate.first_ms) / 1000
    if simulate.fault is not None and simulate.fault.kind == "slow_first":
        first += SLOW_FIRST_S if simulate.fault.retry_after_s is None else simulate.fault.retry_after_s
    yield first
    dice = None if simulate.seed is None else random.Random(simulate.seed)  # noqa: S311 - a pace is no secret
    while True:
        yield interval if dice is None else interval * dice.uniform(0.5, 1.5)
