from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest

import thriftwire
from contract.echo import EchoService
from echo import ECHO_SERVICE, Echo, Ping, happens, linked, passes, until
from thriftwire import ConnectError
from thriftwire.pools import MUX_CALLS, Pool, PoolOptions
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine


@asynccontextmanager
async def pool_to(address: str, **options: Any) -> AsyncIterator[Pool]:
    pool = Pool(address, lambda: StreamingMachine(Role.CLIENT), PoolOptions(**options))
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """A server that keeps its connections and says nothing."""
    accepted: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: accepted.append(writer), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield f"{host}:{port}", accepted
    finally:
        for writer in accepted:
            writer.close()
        server.close()


async def read_all(echo: EchoService, times: int) -> int:
    return len([pong async for pong in echo.repeat(Ping(times=times))])


async def peers_of(handler: Echo) -> int:
    return len({call.peer for call in handler.calls})


async def test_one_dial_serves_all_who_wait_for_it() -> None:
    async with listening() as (address, accepted), pool_to(address) as pool:
        connections = await asyncio.gather(*(pool.acquire() for _ in range(10)))
        assert len(set(connections)) == 1
        await until(lambda: len(accepted) == 1)


async def test_a_caller_who_gives_up_leaves_the_dial_to_the_others() -> None:
    async with listening() as (address, _), pool_to(address) as pool:
        first, second = (asyncio.create_task(pool.acquire()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).usable


async def test_a_dial_that_fails_tells_all_who_wait_for_it() -> None:
    async with pool_to("127.0.0.1:1") as pool:
        results = await asyncio.gather(*(pool.acquire() for _ in range(5)), return_exceptions=True)
        assert all(isinstance(result, ConnectError) for result in results)


async def test_a_closed_pool_refuses() -> None:
    async with listening() as (address, _), pool_to(address) as pool:
        await pool.close()
        with pytest.raises(ConnectError, match="closed"):
            await pool.acquire()


async def test_closing_tells_those_who_wait_for_a_dial() -> None:
    async with listening() as (address, _), pool_to(address) as pool:
        waiting = asyncio.create_task(pool.acquire())
        await asyncio.sleep(0)
        await pool.close()
        with pytest.raises(ConnectError, match="closed"):
            await waiting


async def test_a_peer_that_hangs_up_at_once_is_a_connect_error() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with pool_to(f"{host}:{port}") as pool:
        for _ in range(30):  # until the hang-up is seen
            try:
                connection = await pool.acquire()
            except ConnectError:
                break
            await connection.closed
    server.close()


async def test_a_mux_connection_takes_so_many_calls_and_then_another_is_dialled() -> None:
    handler = Echo()
    async with linked("ttstream", handler) as echo:
        streams = [echo.repeat(Ping(times=1, fault="hang")) for _ in range(MUX_CALLS + 1)]
        await asyncio.gather(*(anext(stream) for stream in streams))
        assert await peers_of(handler) == 2
        await asyncio.gather(*(stream.aclose() for stream in streams))


async def test_a_long_connection_carries_one_call_at_a_time_and_the_next_after_it() -> None:
    handler = Echo()
    async with linked("ttstream", handler, sharing="long") as echo:
        async with aclosing(echo.repeat(Ping(times=1, fault="hang"))) as held:
            await anext(held)
            for _ in range(3):
                await read_all(echo, 2)
        assert await peers_of(handler) == 2
        await read_all(echo, 2)
        assert await peers_of(handler) == 2


async def test_a_short_connection_carries_one_call() -> None:
    handler = Echo()
    async with linked("ttstream", handler, sharing="short") as echo:
        for _ in range(3):
            await read_all(echo, 2)
        assert await peers_of(handler) == 3
        for _ in range(2):
            await echo.ping(Ping())
        assert await peers_of(handler) == 5


async def test_unary_calls_at_once_each_have_a_connection_and_give_it_back() -> None:
    handler = Echo()
    async with linked("ttheader", handler) as echo:
        for _ in range(2):
            tasks = [asyncio.create_task(echo.ping(Ping(fault="hang"))) for _ in range(3)]
            await until(lambda: len(handler.calls) % 3 == 0 and handler.calls)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            handler.calls.clear()
        await asyncio.gather(*(echo.ping(Ping()) for _ in range(5)))
        for _ in range(5):
            await echo.ping(Ping())
        assert await peers_of(handler) <= 5


async def test_calls_beyond_what_the_connections_carry_wait() -> None:
    async with listening() as (address, accepted), pool_to(address, sharing="long", max_connections=1) as pool:
        first = await pool.acquire()
        first.lanes[1] = None  # pyright: ignore[reportArgumentType] - a call in progress
        waiting = asyncio.create_task(pool.acquire())
        await passes(0.01)
        assert not waiting.done() and pool.load == 2
        del first.lanes[1]
        pool._freed(first)
        assert await waiting is first
        assert len(accepted) == 1


async def test_an_idle_connection_is_closed() -> None:
    async with listening() as (address, _), pool_to(address, idle_s=0.02) as pool:
        connection = await pool.acquire()
        async with asyncio.timeout(5):
            await connection.closed
        assert (await pool.acquire()) is not connection


async def test_of_many_idle_connections_only_some_are_kept() -> None:
    async with listening() as (address, _), pool_to(address, sharing="long", max_idle=2) as pool:
        taken = [await pool.acquire()]
        for _ in range(4):
            taken[-1].lanes[1] = cast("Any", None)
            taken.append(await pool.acquire())
        assert len(set(taken)) == 5
        for connection in taken:
            connection.lanes.clear()
            pool._freed(connection)
        await until(lambda: len(pool._connections) == 2)


async def test_a_retired_pool_closes_connections_as_they_become_idle() -> None:
    async with listening() as (address, _), pool_to(address) as pool:
        connection = await pool.acquire()
        pool.retire()
        async with asyncio.timeout(5):
            await connection.closed


async def test_silence_on_a_connection_with_calls_is_probed() -> None:
    handler = Echo()
    async with thriftwire.Server({ECHO_SERVICE: handler}) as server, pool_to(server.address, probe_s=0.02) as pool:
        connection = await pool.acquire()
        probes: list[bool] = []
        probe = connection.machine.probe

        def counted() -> None:
            probes.append(True)
            probe()

        connection.machine.probe = counted
        await passes(0.05)
        assert not probes
        connection.lanes[1] = None  # pyright: ignore[reportArgumentType] - a call in progress
        await until(lambda: len(probes) > 2)
        assert connection.usable  # a peer of ours tolerates it
        del connection.lanes[1]


@pytest.mark.parametrize("kind", ["ttstream", "grpc"])
async def test_a_server_that_drains_gets_no_new_call_from_a_client_that_heard(kind: Any) -> None:
    old, new = Echo(), Echo()
    first = thriftwire.Server({ECHO_SERVICE: old})
    await first.start()
    async with (
        thriftwire.Server({ECHO_SERVICE: new}) as second,
        thriftwire.connect([first.address, second.address], ECHO_SERVICE, transport=kind) as echo,
    ):
        held = [echo.repeat(Ping(times=1, fault="hang")) for _ in range(2)]
        await asyncio.gather(*(anext(stream) for stream in held))
        assert len(old.calls) == len(new.calls) == 1
        stopping = asyncio.create_task(first.stop(grace_s=5))
        await passes(0.01)
        for _ in range(4):
            assert await read_all(echo, 2) == 2
        assert (len(old.calls), len(new.calls)) == (1, 5)
        for stream in held:
            await stream.aclose()
        await stopping
        await happens(old.event("closed"))
