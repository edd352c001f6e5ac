from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from thriftwire.call import Call, Metadata, calling, close, current, incoming, outgoing, serve, serving
from thriftwire.errors import Cancelled, RPCError, StreamTimeout


class Leaf:
    """A dependent that notes how it was ended."""

    def __init__(self) -> None:
        self.ended: tuple[RPCError, tuple[str, ...]] | None = None

    def cancel(self, reason: RPCError, path: tuple[str, ...]) -> None:
        self.ended = reason, path


async def test_outside_any_call_there_is_no_current_one() -> None:
    assert current() is None
    with serving(Call(method="M")) as call:
        assert current() is call
    assert current() is None


async def test_a_call_starts_from_the_defaults_it_is_given() -> None:
    now = asyncio.get_running_loop().time()
    call = outgoing("Svc", "M", caller="me", timeout_s=5, recv_timeout_s=2)
    assert (call.service, call.method, call.caller, call.recv_timeout_s) == ("Svc", "M", "me", 2)
    assert call.deadline == pytest.approx(now + 5, abs=0.1)


async def test_options_of_calling_win_over_the_defaults() -> None:
    now = asyncio.get_running_loop().time()
    with calling(timeout_s=1, recv_timeout_s=0.5, transient={"t": "1"}, persistent={"p": "2"}, headers={"h": "3"}):
        call = outgoing("Svc", "M", timeout_s=5, recv_timeout_s=2)
    assert call.deadline == pytest.approx(now + 1, abs=0.1)
    assert call.recv_timeout_s == 0.5
    assert call.metadata == Metadata(transient={"t": "1"}, persistent={"p": "2"})
    assert call.request_headers == {"h": "3"}


async def test_calling_is_filled_by_the_call_made_inside() -> None:
    with calling() as result:
        call = outgoing("Svc", "M")
    call.headers["h"], call.trailers["t"], call.metadata.backward["b"] = "1", "2", "3"
    assert (result.headers, result.trailers, result.metadata.backward) == ({"h": "1"}, {"t": "2"}, {"b": "3"})


async def test_a_call_made_while_serving_keeps_under_the_deadline_and_passes_persistent_entries_on() -> None:
    served = Call(deadline=10.0, metadata=Metadata(upstream={"u": "0"}, transient={"t": "1"}, persistent={"p": "2"}))
    with serving(served):
        call = outgoing("Svc", "M", timeout_s=1e6)
    assert call.deadline == 10.0
    assert call.parent is served
    assert call.metadata == Metadata(transient={"t": "1"}, persistent={"p": "2"})


async def test_a_shorter_timeout_of_its_own_stays() -> None:
    with serving(Call(deadline=1e9)):
        call = outgoing("Svc", "M", timeout_s=1)
    assert call.deadline is not None and call.deadline < 1e9


async def test_options_around_a_server_do_not_reach_the_calls_of_its_handlers() -> None:
    with calling(timeout_s=1, transient={"t": "1"}), serving(Call()):
        call = outgoing("Svc", "M")
    assert call.deadline is None and call.metadata.transient == {}


async def test_what_crosses_within_a_process_is_what_a_wire_would_have_carried() -> None:
    outbound = Call(
        service="Svc",
        method="M",
        caller="me",
        deadline=7.0,
        metadata=Metadata(transient={"t": "1"}, upstream={"u": "0"}, persistent={"p": "2"}),
    )
    served = incoming(outbound, peer="local")
    assert served.metadata.upstream == {"t": "1"}
    assert served.metadata.transient == {}
    assert served.metadata.persistent == {"p": "2"}
    assert (served.deadline, served.caller, served.peer) == (7.0, "me", "local")
    served.metadata.persistent["p"] = "changed"
    assert outbound.metadata.persistent == {"p": "2"}


async def test_cancelling_ends_what_was_made_from_the_call_once_with_its_reason_and_path() -> None:
    call, inner, leaf = Call(), Call(), Leaf()
    call.dependents.add(inner)
    inner.dependents.add(leaf)
    reason = Cancelled("enough")
    call.cancel(reason, ("a", "b"))
    assert leaf.ended == (reason, ("a", "b"))
    assert (inner.reason, inner.path) == (reason, ("a", "b"))
    leaf.ended = None
    call.cancel(Cancelled("again"))
    assert leaf.ended is None and call.reason is reason


def test_what_is_left_of_a_deadline_is_never_nothing() -> None:
    assert Call(deadline=None).remaining_ms(1.0) is None
    assert Call(deadline=3.5).remaining_ms(1.0) == 2500
    assert Call(deadline=3.0001).remaining_ms(3.0) == 1
    assert Call(deadline=3.0011).remaining_ms(3.0) == 2
    assert Call(deadline=1.0).remaining_ms(9.0) == 1


def test_a_deadline_met_further_down_is_this_calls_own_once_it_has_passed() -> None:
    call = Call(deadline=10.0)
    assert call.ran_out(StreamTimeout("late"), 10.0) and call.ran_out(StreamTimeout("late"), 9.999)
    assert not call.ran_out(StreamTimeout("a shorter one"), 9.0)
    assert not call.ran_out(Cancelled("no"), 11.0)
    assert not Call().ran_out(StreamTimeout("late"), 11.0)


async def test_serve_is_for_good_in_its_context() -> None:
    async def inner() -> Call | None:
        serve(Call(method="inner"))
        return current()

    seen = await asyncio.create_task(inner())
    assert seen is not None and seen.method == "inner"
    assert current() is None


async def test_a_stream_is_closed_if_it_can_be() -> None:
    class Endless:
        def __aiter__(self) -> Endless:
            return self

        async def __anext__(self) -> int:
            return 1

    async def numbers() -> AsyncIterator[int]:
        yield 1
        yield 2

    stream = numbers()
    assert await anext(stream) == 1
    await close(stream)
    assert [number async for number in stream] == []
    await close(Endless())
    await close(None)
