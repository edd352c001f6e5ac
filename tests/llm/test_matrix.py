"""The matrix of errors: every fault, at every place of an answer, is the same error to every reader over Thrift.

Next door and over both wires, streamed and whole; from the model in this process and from a vendor behind a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

import thriftwire
from promptwire.api.base import Error
from promptwire.api.llm import LLM_SERVICE, ChatRequest, Fault, LLMService, Simulate, Timeouts
from promptwire.api.message import Done, Event, Message, Start
from promptwire.errors import CLASSES, from_exception
from promptwire.llm.service import LLMService as Handler

KINDS: tuple[str, ...] = (
    "permission",
    "rate_limit",
    "token_limit",
    "overloaded",
    "stall",
    "cut",
    "garbage",
    "moderation",
    "slow_first",
    "crash",
)
PLACES = {"connect": 0, "first packet": 1, "mid stream": 3, "end": 99}
READERS = ("local", "ttstream", "grpc")

# Where a fault shows, by its place; a vendor that never takes the request has no stream to break.
EXPECTED: dict[str, tuple[str, ...]] = {
    "permission": ("permission_denied",) * 4,
    "rate_limit": ("rate_limited",) * 4,
    "token_limit": ("token_limited",) * 4,
    "overloaded": ("overloaded",) * 4,
    "stall": ("timeout_first_token", "timeout_first_token", "timeout_idle", "timeout_idle"),
    "cut": ("upstream_cut",) * 4,
    "garbage": ("upstream_error",) * 4,
    "moderation": ("moderation_input", "moderation_output", "moderation_output", "moderation_output"),
    "slow_first": ("timeout_first_token",) * 4,
    "crash": ("upstream_error", "upstream_cut", "upstream_cut", "upstream_cut"),
}
REFUSED = {"permission", "rate_limit", "token_limit", "overloaded", "moderation", "crash"}


def phase(kind: str, place: str) -> str:
    """The phase a fault at this place belongs to."""
    if kind == "slow_first" or place == "first packet":
        return "first_packet"
    if place == "connect":
        return "connect" if kind in REFUSED else "first_packet"
    return "mid_stream"


def ask(model: str, kind: Any, place: str) -> ChatRequest:
    fault = Fault(kind=kind, at=PLACES[place], retry_after_s=3)
    return ChatRequest(
        model=model,
        messages=[Message(role="user", content="one two three four")],
        simulate=Simulate(interval_ms=1, fault=fault),
        timeouts=Timeouts(first_token_s=2, idle_s=1, total_s=30),  # forty at once, on a busy machine
    )


@contextlib.asynccontextmanager
async def reading(reader: str, service: Handler) -> AsyncIterator[LLMService]:
    """The service as this reader reaches it."""
    if reader == "local":
        async with thriftwire.local.connect(LLM_SERVICE, service) as client:
            yield client
        return
    transport: Any = reader
    async with (
        thriftwire.Server({LLM_SERVICE: service}, name="promptwire.llm") as server,
        thriftwire.connect(server.address, LLM_SERVICE, transport=transport) as client,
    ):
        yield client


async def streamed(client: LLMService, request: ChatRequest) -> tuple[list[Event], Error | None]:
    events: list[Event] = []
    try:
        async with contextlib.aclosing(client.chat_stream(request)) as stream:
            async for event in stream:
                events.append(event)  # noqa: PERF401 - what came before a failure is kept
    except Exception as exc:  # noqa: BLE001 - whatever is raised is what the reader gets
        return events, from_exception(exc).to_error()
    return events, None


async def whole(client: LLMService, request: ChatRequest) -> tuple[list[Event], Error | None]:
    try:
        return [(await client.chat(request)).start], None
    except Exception as exc:  # noqa: BLE001 - whatever is raised is what the reader gets
        return [], from_exception(exc).to_error()


def wrong(kind: str, place: str, events: list[Event], error: Error | None) -> str | None:
    """What is wrong with a cell; None when nothing is."""
    if error is None:
        return "no error"
    if any(isinstance(event, Done) for event in events):
        return "a clean end"
    expected = EXPECTED[kind][list(PLACES).index(place)], phase(kind, place)
    if (error.class_, error.phase) != expected:
        return f"{error.class_} ({error.phase}), not {expected[0]} ({expected[1]})"
    if error.code != CLASSES[error.class_].code or not error.message:
        return "no code or no message"
    if kind in {"rate_limit", "token_limit"} and error.retry_after_s != 3:
        return f"retry after {error.retry_after_s}"
    if kind in REFUSED and place == "connect" and not (error.vendor_status and error.vendor_body):
        return "the vendor's status or words are lost"
    if not error.trace_id or any(isinstance(one, Start) and one.trace_id != error.trace_id for one in events):
        return f"trace {error.trace_id!r}"
    return None


@pytest.mark.parametrize("model", ["simulated/echo", "acme/echo"], ids=["model here", "vendor behind a socket"])
@pytest.mark.parametrize("reader", READERS)
async def test_no_cell_of_the_matrix_is_wrong(service: Handler, reader: str, model: str) -> None:
    cells = [(kind, place) for kind in KINDS for place in PLACES]
    async with reading(reader, service) as client:
        for way in (streamed, whole):
            got = await asyncio.gather(*(way(client, ask(model, kind, place)) for kind, place in cells))
            found = {cell: wrong(*cell, *answer) for cell, answer in zip(cells, got, strict=True)}
            assert {cell: what for cell, what in found.items() if what} == {}, way.__name__


def test_the_matrix_has_every_fault_a_person_can_ask_for() -> None:
    schema = msgspec.json.schema(Fault)
    assert set(schema["$defs"]["Fault"]["properties"]["kind"]["enum"]) == set(KINDS) == set(EXPECTED)
