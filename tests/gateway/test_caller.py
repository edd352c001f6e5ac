"""What a request carries along reaches the services: trace, metadata, deadline."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

import pytest

import thriftwire.call
from gateway.typist import Host, Typist, words
from promptwire.api.message import Event
from promptwire.gateway.answers import native
from promptwire.gateway.auth import Identity
from promptwire.gateway.caller import admit, caller_of
from thriftwire.call import Call

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def calls(typist: Typist) -> list[Call]:
    """The call each run was made in."""
    seen: list[Call] = []

    async def answer(_: object) -> AsyncGenerator[Event, None]:
        call = thriftwire.call.current()
        assert call is not None
        seen.append(call)
        for event in words("a"):
            yield event

    typist.answer = answer
    return seen


async def test_a_trace_goes_on(host: Host, calls: list[Call]) -> None:
    answer = await host.post("/api/chat", CHAT, traceparent=f"00-{TRACE}-{SPAN}-00", tracestate="a=1")
    assert answer.headers["x-trace-id"] == TRACE
    persistent = calls[0].metadata.persistent
    version, trace, span, flags = persistent["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "00")
    assert span != SPAN
    assert persistent["tracestate"] == "a=1"


@pytest.mark.parametrize(
    "given", ["", "nonsense", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{SPAN}", f"00-{TRACE.upper()}-{SPAN}-01"]
)
async def test_a_trace_begins_where_there_is_none(host: Host, calls: list[Call], given: str) -> None:
    answer = await host.post("/api/chat", CHAT, **({"traceparent": given} if given else {}), tracestate="a=1")
    trace = answer.headers["x-trace-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", trace)
    assert trace != TRACE
    assert re.fullmatch(rf"00-{trace}-[0-9a-f]{{16}}-0[13]", calls[0].metadata.persistent["traceparent"])
    assert "tracestate" not in calls[0].metadata.persistent


@pytest.mark.parametrize("given", ["mine-1", ""])
async def test_a_request_has_a_name(host: Host, calls: list[Call], given: str) -> None:
    answer = await host.post("/api/chat", CHAT, **({"x_request_id": given} if given else {}))
    name = answer.headers["x-request-id"]
    assert name == given or re.fullmatch(r"req_[0-9a-f]{24}", name)
    assert calls[0].metadata.persistent["request-id"] == name


async def test_metadata_travels_as_far_as_it_says(host: Host, calls: list[Call]) -> None:
    headers = {
        "x-promptwire-persist-tenant": "acme",
        "x-promptwire-transit-hint": "warm",
        "x-promptwire-persist-": "no",
    }
    await host.post("/api/chat", CHAT, **headers)
    metadata = calls[0].metadata
    assert metadata.persistent["tenant"] == "acme"
    assert metadata.transient == {"hint": "warm"}


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"x-promptwire-persist-run-id": "run_1"}, "not for a request to set: x-promptwire-persist-run-id"),
        ({"x-promptwire-transit-key": "admin"}, "not for a request to set"),
        ({"x-promptwire-persist-long": "x" * 5000}, "longer than"),
        ({f"x-promptwire-persist-{number}": "x" for number in range(40)}, "more than 32"),
        ({"x-promptwire-persist-user": "%E7%8E"}, "is UTF-8, percent-encoded"),
        ({"x-promptwire-persist-user": "a%0Ab"}, "printable"),
        ({"x-promptwire-timeout-s": "soon"}, "is seconds"),
        ({"x-promptwire-timeout-s": "0"}, "is seconds"),
        ({"x-promptwire-timeout-s": "nan"}, "is seconds"),
        ({"x-promptwire-timeout-s": "1e9"}, "is seconds"),
    ],
)
async def test_what_cannot_be_carried_is_refused(
    host: Host, typist: Typist, headers: dict[str, str], said: str
) -> None:
    answer = await host.post("/api/chat", CHAT, **headers)
    assert (answer.status, answer.error["class"]) == (400, "invalid_request")
    assert said in answer.error["message"]
    assert typist.asked == []


@pytest.mark.parametrize(
    ("said", "name"),
    [("ann", "ann"), ("%E7%8E%8B%E5%B0%8F%E6%98%8E", "王小明"), ("Ann%20Lee", "Ann Lee"), ("100%", "100%")],
)
async def test_a_person_may_have_any_name(host: Host, calls: list[Call], said: str, name: str) -> None:
    await host.post("/api/chat", CHAT, x_promptwire_persist_user=said)
    assert calls[0].metadata.persistent["user"] == name


async def test_a_name_may_come_as_the_bytes_it_is_made_of() -> None:
    scope: dict[str, Any] = {"method": "GET", "path": "/api/models", "client": None}
    scope["headers"] = [(b"x-promptwire-persist-user", "王小明".encode())]
    caller = caller_of(scope, native)
    admit(caller, scope, Identity())
    assert caller.call.metadata.persistent["user"] == "王小明"


async def test_a_timeout_is_a_deadline(host: Host, calls: list[Call]) -> None:
    await host.post("/api/chat", CHAT, x_promptwire_timeout_s="2.5")
    assert calls[0].deadline == pytest.approx(asyncio.get_running_loop().time() + 2.5, abs=1)
    await host.post("/api/chat", CHAT)
    assert calls[1].deadline is None


async def test_who_asks_travels_with_the_call() -> None:
    scope: dict[str, Any] = {"method": "GET", "path": "/api/models", "headers": [], "client": ("10.0.0.1", 99)}
    caller = caller_of(scope, native)
    admit(caller, scope, Identity(key="key-1"))
    assert caller.call.metadata.persistent["key"] == "key-1"
    assert caller.call.peer == "10.0.0.1:99"
    assert caller.call.method == "GET /api/models"
