"""A request is taken in whole and in bounds; work for somebody who left ends."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from promptwire.errors import Failure
from promptwire.gateway.reader import MAX_BODY, Departed, TooLarge, attended, finished, read_body

GONE: dict[str, Any] = {"type": "http.disconnect"}


class Client:
    """Sends these messages, and then nothing until it leaves."""

    def __init__(self, messages: Sequence[dict[str, Any]] = ()) -> None:
        self._messages = list(messages)
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._messages:
            return self._messages.pop(0)
        await self.gone.wait()
        return GONE


def piece(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def scope(length: int | None = None) -> dict[str, Any]:
    return {"headers": [] if length is None else [(b"content-length", b"%d" % length)]}


async def test_a_body_in_pieces_is_put_together() -> None:
    client = Client([piece(b"a", more=True), piece(b"", more=True), piece(b"b", more=False)])
    assert await read_body(scope(), client.receive) == b"ab"


async def test_a_body_of_the_allowed_size_is_taken() -> None:
    client = Client([piece(b"x" * MAX_BODY, more=False)])
    assert len(await read_body(scope(MAX_BODY), client.receive)) == MAX_BODY


async def test_a_body_announced_too_large_is_not_read() -> None:
    with pytest.raises(TooLarge) as caught:
        await read_body(scope(MAX_BODY + 1), Client().receive)
    assert caught.value.http_status == 413


async def test_a_body_that_grows_too_large_is_read_no_further() -> None:
    client = Client([piece(b"x" * MAX_BODY, more=True), piece(b"x", more=True)])
    with pytest.raises(TooLarge):
        await read_body(scope(), client.receive)


async def test_half_a_body_is_nobodys_request() -> None:
    with pytest.raises(Departed):
        await read_body(scope(), Client([piece(b"a", more=True), GONE]).receive)


async def test_work_gives_what_it_gives() -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 3

    assert await attended(Client().receive, work()) == 3
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_leaves_with_the_whole_answer_has_it() -> None:
    client = Client()

    async def work() -> int:
        client.gone.set()
        return 3

    assert await attended(client.receive, work()) == 3
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_of_the_work_is_its_own() -> None:
    async def work() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await attended(Client().receive, work())
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_work_ends_when_its_reader_leaves() -> None:
    client, ended = Client(), asyncio.Event()

    async def work() -> None:
        try:
            client.gone.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(Departed):
        await attended(client.receive, work())
    assert ended.is_set()


async def test_a_cancellation_from_outside_is_the_servers_end() -> None:
    task = asyncio.create_task(attended(Client().receive, asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(Failure, match="the server is stopping"):
        await task


async def test_work_that_is_finished_ends_with_the_server_alone() -> None:
    async def work() -> str:
        return "done"

    assert await finished(work()) == "done"
    task = asyncio.create_task(finished(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(Failure, match="the server is stopping"):
        await task


async def test_the_heart_beats_when_it_wants_to() -> None:
    client = Client()
    loop = asyncio.get_running_loop()
    enough = asyncio.Event()
    beats: list[float] = []

    async def beat() -> float:
        beats.append(loop.time())
        if len(beats) == 4:
            enough.set()
        return loop.time() + 0.01

    await attended(client.receive, enough.wait(), beat)
    assert all(later - earlier >= 0.009 for earlier, later in itertools.pairwise(beats))
