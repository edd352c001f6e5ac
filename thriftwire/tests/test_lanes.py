from __future__ import annotations

import asyncio

import pytest

from echo import passes, until
from thriftwire.errors import Cancelled, LimitExceeded, RecvTimeout, RPCError, StreamTimeout
from thriftwire.events import End, Event, Headers, Message, Reset
from thriftwire.failures import reset_error
from thriftwire.lanes import INBOX_BYTES, INBOX_COUNT, Lane, Patience


class FakeLink:
    """A link that notes what its lanes ask of it."""

    def __init__(self, *, window: int | None = None, stall_s: float | None = None) -> None:
        self.lanes: dict[int, Lane] = {}
        self.stall_s = stall_s
        self.write_paused = False
        self.window = window
        self.sent: list[Event] = []
        self.held: set[Lane] = set()
        self.waiting: list[Lane] = []
        self.credit = 0

    def send(self, event: Event) -> None:
        self.sent.append(event)

    def room(self, call_id: int) -> int | None:
        return self.window

    def consumed(self, call_id: int, size: int) -> None:
        self.credit += size

    def hold(self, lane: Lane) -> None:
        self.held.add(lane)

    def release(self, lane: Lane) -> None:
        self.held.discard(lane)

    def retire(self) -> None:
        pass

    def await_room(self, lane: Lane) -> None:
        self.waiting.append(lane)

    def forget(self, lane: Lane) -> None:
        self.lanes.pop(lane.call_id, None)


class OneLane(Lane):
    """A lane that fails when a clock runs out or the peer resets."""

    __slots__ = ()

    def put_reset(self, event: Reset) -> None:
        self.fail(reset_error(event))

    def timed_out(self, error: RPCError) -> None:
        self.fail(error)


def lane_on(link: FakeLink, call_id: int = 1) -> OneLane:
    return OneLane(link, call_id, asyncio.get_running_loop())


async def test_messages_are_taken_in_order_and_then_the_end() -> None:
    lane = lane_on(FakeLink())
    for text in (b"a", b"b"):
        lane.put(text)
    lane.put_end(End(call_id=1))
    assert [await lane.take(), await lane.take(), await lane.take()] == [b"a", b"b", None]


async def test_taking_waits_for_what_comes() -> None:
    lane = lane_on(FakeLink())
    taking = asyncio.create_task(lane.take())
    await asyncio.sleep(0)
    lane.put_headers(Headers(call_id=1))
    await asyncio.sleep(0)
    assert not taking.done()
    lane.put(b"late")
    assert await taking == b"late"


async def test_a_lane_too_full_by_count_stops_reading_until_it_is_half_empty() -> None:
    link = FakeLink()
    lane = lane_on(link)
    for _ in range(INBOX_COUNT + 1):
        lane.put(b"")
    assert link.held == {lane}
    for _ in range(INBOX_COUNT // 2):
        lane.pop()
    assert link.held == {lane}
    lane.pop()
    assert not link.held


async def test_a_lane_too_full_by_bytes_stops_reading() -> None:
    link = FakeLink()
    lane = lane_on(link)
    lane.put(bytes(INBOX_BYTES + 1))
    assert link.held == {lane}
    lane.pop()
    assert not link.held and lane.size == 0


async def test_a_full_lane_that_ends_lets_reading_go_on() -> None:
    link = FakeLink()
    lane = lane_on(link)
    lane.put(bytes(INBOX_BYTES + 1))
    lane.fail(Cancelled("enough"))
    assert not link.held and not link.lanes


async def test_on_a_wire_with_windows_credit_goes_back_as_messages_are_taken() -> None:
    link = FakeLink(window=1000)
    lane = lane_on(link)
    lane.put(bytes(INBOX_BYTES + 1))
    lane.put(bytes(10))
    assert not link.held and link.credit == 0
    lane.pop()
    assert link.credit == INBOX_BYTES + 1
    lane.fail(Cancelled("enough"))
    assert link.credit == INBOX_BYTES + 11
    lane.put(bytes(5))
    assert link.credit == INBOX_BYTES + 16


async def test_a_lane_that_holds_others_up_is_ended() -> None:
    link = FakeLink(stall_s=0.01)
    slow, _ = lane_on(link, 1), lane_on(link, 2)
    slow.put(bytes(INBOX_BYTES + 1))
    await until(lambda: slow.error)
    assert isinstance(slow.error, LimitExceeded)
    assert not link.held


async def test_a_lane_alone_may_be_slow() -> None:
    link = FakeLink(stall_s=0.001)
    slow = lane_on(link)
    slow.put(bytes(INBOX_BYTES + 1))
    await passes(0.02)
    assert slow.error is None and link.held == {slow}
    slow.pop()
    assert not link.held


async def test_a_failure_at_once_drops_what_is_queued_and_another_does_not() -> None:
    lane = lane_on(FakeLink())
    lane.put(b"a")
    lane.fail(Cancelled("lost"), at_once=False)
    assert await lane.take() == b"a"
    with pytest.raises(Cancelled, match="lost"):
        await lane.take()
    other = lane_on(FakeLink())
    other.put(b"a")
    other.fail(Cancelled("now"))
    with pytest.raises(Cancelled, match="now"):
        await other.take()


async def test_the_first_failure_is_the_one() -> None:
    lane = lane_on(FakeLink())
    lane.fail(Cancelled("first"))
    lane.fail(Cancelled("second"))
    with pytest.raises(Cancelled, match="first"):
        await lane.take()
    with pytest.raises(Cancelled, match="first"):
        lane.send(b"x")


async def test_a_wait_longer_than_the_limit_is_a_recv_timeout() -> None:
    lane = lane_on(FakeLink())
    lane.limit(deadline=None, recv_s=0.01, send_s=None)
    with pytest.raises(RecvTimeout, match=r"0\.01 s"):
        await lane.take()


async def test_the_recv_limit_is_on_each_wait_not_on_all() -> None:
    lane = lane_on(FakeLink())
    lane.limit(deadline=None, recv_s=0.1, send_s=None)
    loop = asyncio.get_running_loop()
    for step in range(4):
        loop.call_later(0.05, lane.put, b"%d" % step)
        assert await lane.take() == b"%d" % step


async def test_a_deadline_ends_a_wait() -> None:
    lane = lane_on(FakeLink())
    lane.limit(deadline=asyncio.get_running_loop().time() + 0.01, recv_s=None, send_s=None)
    with pytest.raises(StreamTimeout):
        await lane.take()


async def test_clocks_stop_with_the_call() -> None:
    lane = lane_on(FakeLink())
    lane.limit(deadline=asyncio.get_running_loop().time() + 0.01, recv_s=0.01, send_s=0.01)
    lane.put_end(End(call_id=1))
    lane.close()
    await passes(0.03)
    assert lane.error is None and await lane.take() is None


async def test_a_sender_waits_while_writing_is_paused() -> None:
    link = FakeLink()
    lane = lane_on(link)
    link.write_paused = True
    waiting = asyncio.create_task(lane.room())
    await asyncio.sleep(0)
    assert not waiting.done() and link.waiting == [lane]
    link.write_paused = False
    lane.wake_sender()
    await waiting
    lane.send(b"x")
    assert link.sent == [Message(1, b"x")]


async def test_a_sender_waits_for_the_window() -> None:
    link = FakeLink(window=0)
    lane = lane_on(link)
    assert lane.choked
    waiting = asyncio.create_task(lane.room())
    await asyncio.sleep(0)
    lane.wake_sender()
    await asyncio.sleep(0)
    assert not waiting.done()
    link.window = 5
    lane.wake_sender()
    await waiting


async def test_a_sender_does_not_wait_for_ever() -> None:
    link = FakeLink()
    lane = lane_on(link)
    lane.limit(deadline=None, recv_s=None, send_s=0.01)
    link.write_paused = True
    with pytest.raises(RecvTimeout, match="took nothing"):
        await lane.room()


async def test_a_failure_wakes_a_sender() -> None:
    link = FakeLink()
    lane = lane_on(link)
    link.write_paused = True
    waiting = asyncio.create_task(lane.room())
    await asyncio.sleep(0)
    lane.fail(Cancelled("gone"))
    with pytest.raises(Cancelled, match="gone"):
        await waiting


async def test_patience_moves_one_timer() -> None:
    loop, expired = asyncio.get_running_loop(), asyncio.Event()
    patience = Patience(loop, 0.5, expired.set)
    for _ in range(5):
        patience.begin()
        await passes(0.15)
        patience.end()
    assert not expired.is_set()
    patience.begin()
    async with asyncio.timeout(5):
        await expired.wait()


async def test_what_is_poured_is_taken_where_it_arrives() -> None:
    link = FakeLink(window=1000)
    lane, got = lane_on(link), list[bytes]()

    def take(payload: bytes) -> bool:
        got.append(payload)
        return payload != b"enough"

    lane.put(b"before")
    pouring = asyncio.create_task(lane.pour(take))
    await asyncio.sleep(0)
    lane.put(b"at once")
    assert got == [b"before", b"at once"] and link.credit == len(b"beforeat once")
    lane.put_headers(Headers(call_id=1))
    lane.put(b"enough")
    lane.put(b"kept")
    assert await pouring and list(lane.inbox) == [b"kept"]
    lane.put_end(End(call_id=1))
    assert not await lane.pour(take)
    assert got == [b"before", b"at once", b"enough", b"kept"]


async def test_pouring_raises_what_ended_the_call_and_what_could_not_be_taken() -> None:
    def refuse(payload: bytes) -> bool:
        raise ValueError(payload.decode())

    lane = lane_on(FakeLink())
    pouring = asyncio.create_task(lane.pour(refuse))
    await asyncio.sleep(0)
    lane.put(b"bad")
    lane.put(b"next")
    with pytest.raises(ValueError, match="bad"):
        await pouring
    assert await lane.take() == b"next"
    pouring = asyncio.create_task(lane.pour(refuse))
    await asyncio.sleep(0)
    lane.fail(Cancelled("gone"))
    with pytest.raises(Cancelled, match="gone"):
        await pouring


async def test_what_is_poured_in_time_is_no_silence() -> None:
    lane = lane_on(FakeLink())
    lane.limit(deadline=None, recv_s=0.5, send_s=None)
    pouring = asyncio.create_task(lane.pour(lambda payload: True))
    for _ in range(5):
        await passes(0.15)
        lane.put(b"")
    assert not pouring.done()
    with pytest.raises(RecvTimeout, match="no message came"):
        await pouring
