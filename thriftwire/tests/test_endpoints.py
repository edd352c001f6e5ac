from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

import thriftwire
from contract.echo import EchoService
from echo import ECHO_SERVICE, Echo, Ping, passes, until
from thriftwire import ConnectError, Dns, Endpoint, Static
from thriftwire.endpoints import Peer, least_loaded, round_robin
from thriftwire.pools import Pool, PoolOptions
from thriftwire.states import Role
from thriftwire.ttheader.streaming import StreamingMachine


def peer(address: str, weight: int = 10) -> Peer:
    return Peer(Endpoint(address, weight), Pool(address, lambda: StreamingMachine(Role.CLIENT), PoolOptions()))


def choices(peers: Sequence[Peer], count: int) -> str:
    return "".join(round_robin(peers).pool.address for _ in range(count))


class Changing:
    """A resolver that the test tells what to say."""

    def __init__(self, endpoints: Sequence[Endpoint], *, fresh_s: float = 60) -> None:
        self.endpoints, self.fresh_s = endpoints, fresh_s
        self.asked = 0

    async def resolve(self) -> Sequence[Endpoint]:
        self.asked += 1
        if not self.endpoints:
            raise ConnectError("nobody is there")
        return self.endpoints


@asynccontextmanager
async def servers(count: int) -> AsyncIterator[tuple[list[Echo], list[str]]]:
    handlers = [Echo() for _ in range(count)]
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(thriftwire.Server({ECHO_SERVICE: handler})) for handler in handlers]
        yield handlers, [server.address for server in running]


async def call(echo: EchoService, times: int) -> None:
    for _ in range(times):
        assert [pong.index async for pong in echo.repeat(Ping(times=1))] == [0]


def test_equal_peers_take_turns() -> None:
    assert choices([peer("a"), peer("b"), peer("c")], 6) == "abcabc"


def test_the_heavier_is_chosen_more_often_and_evenly() -> None:
    chosen = choices([peer("a", 30), peer("b", 10)], 8)
    assert Counter(chosen) == {"a": 6, "b": 2}
    assert "bb" not in chosen


async def test_the_least_loaded_is_chosen_and_equals_take_turns() -> None:
    peers = [peer("a"), peer("b")]
    assert [least_loaded(peers).pool.address for _ in range(4)] == ["a", "b", "a", "b"]
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    peers[0].pool._waiters.extend([waiter] * 3)
    assert [least_loaded(peers).pool.address for _ in range(2)] == ["b", "b"]
    heavy = [peers[0], peer("c", 1)]
    assert least_loaded(heavy).pool.address == "a"


async def test_calls_go_round_the_peers() -> None:
    async with servers(3) as (handlers, addresses):
        async with thriftwire.connect(addresses, ECHO_SERVICE) as echo:
            await call(echo, 6)
            await echo.ping(Ping())
        assert sorted(len(handler.calls) for handler in handlers) == [2, 2, 3]


async def test_calls_avoid_the_busy_peer_when_asked_to() -> None:
    async with servers(2) as (handlers, addresses):
        async with thriftwire.connect(addresses, ECHO_SERVICE, balancer="least-loaded") as echo:
            held = echo.repeat(Ping(times=1, fault="hang"))
            await anext(held)
            await call(echo, 4)
            await held.aclose()
        assert sorted(len(handler.calls) for handler in handlers) == [1, 4]


async def test_a_peer_that_is_not_there_is_passed_over() -> None:
    async with servers(1) as (handlers, addresses):
        async with thriftwire.connect(["127.0.0.1:1", *addresses], ECHO_SERVICE) as echo:
            await call(echo, 5)
        assert len(handlers[0].calls) == 5


async def test_when_no_peer_is_there_it_is_a_connect_error() -> None:
    async with thriftwire.connect(["127.0.0.1:1", "127.0.0.1:2"], ECHO_SERVICE) as echo:
        with pytest.raises(ConnectError):
            await call(echo, 1)


async def test_peers_come_and_go() -> None:
    async with servers(2) as (handlers, addresses):
        first, second = (Endpoint(address) for address in addresses)
        resolver = Changing([first], fresh_s=0)
        async with thriftwire.connect(resolver, ECHO_SERVICE) as echo:
            held = echo.repeat(Ping(times=1, fault="hang"))
            await anext(held)
            resolver.endpoints = [second]
            await until_moved(echo, handlers[1])
            before = len(handlers[0].calls)
            await call(echo, 3)
            assert len(handlers[0].calls) == before
            assert handlers[0].live == 1  # what runs there goes on
            await held.aclose()


async def until_moved(echo: EchoService, handler: Echo) -> None:
    async with asyncio.timeout(5):
        while not handler.calls:
            await call(echo, 1)


async def test_peers_that_cannot_be_resolved_again_stay() -> None:
    async with servers(1) as (handlers, addresses):
        resolver = Changing([Endpoint(addresses[0])], fresh_s=0)
        async with thriftwire.connect(resolver, ECHO_SERVICE) as echo:
            await call(echo, 1)
            resolver.endpoints = []
            await call(echo, 3)
        assert len(handlers[0].calls) == 4 and resolver.asked > 1


async def test_a_service_that_cannot_be_resolved_is_a_connect_error_until_it_can() -> None:
    async with servers(1) as (_, addresses):
        resolver = Changing([])
        async with thriftwire.connect(resolver, ECHO_SERVICE) as echo:
            with pytest.raises(ConnectError, match="nobody"):
                await call(echo, 1)
            resolver.endpoints = [Endpoint(addresses[0])]
            await call(echo, 1)


async def test_all_who_wait_for_the_first_resolution_share_it() -> None:
    async with servers(1) as (_, addresses):
        resolver = Changing([Endpoint(addresses[0])])
        async with thriftwire.connect(resolver, ECHO_SERVICE) as echo:
            await asyncio.gather(*(call(echo, 1) for _ in range(5)))
        assert resolver.asked == 1


async def test_leaving_while_a_resolution_hangs_tells_those_who_wait() -> None:
    class Hanging:
        fresh_s = 60.0

        async def resolve(self) -> Sequence[Endpoint]:
            await asyncio.Event().wait()
            return []

    async with thriftwire.connect(Hanging(), ECHO_SERVICE) as echo:
        waiting = asyncio.create_task(call(echo, 1))
        await passes(0.01)
    with pytest.raises(ConnectError, match="closed"):
        await waiting
    await until(lambda: len(asyncio.all_tasks()) == 1)


async def test_a_name_has_every_address_it_resolves_to() -> None:
    endpoints = await Dns("localhost:80").resolve()
    assert Endpoint("127.0.0.1:80") in endpoints or Endpoint("[::1]:80") in endpoints
    with pytest.raises(ConnectError, match="no address"):
        await Dns("nowhere.invalid:80").resolve()


async def test_static_addresses_may_have_weights() -> None:
    assert await Static(["a:1", Endpoint("b:1", 5)]).resolve() == [Endpoint("a:1"), Endpoint("b:1", 5)]
    with pytest.raises(ValueError, match="needs an address"):
        Static([])
