"""Choosing peers: where a service is, which of its addresses a call goes to, and which to try when one is not there."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from thriftwire.errors import ConnectError, DeadlineExceeded, RPCError
from thriftwire.machine import Machine
from thriftwire.pools import Pool, PoolOptions
from thriftwire.sockets import Connection, split_address

DEFAULT_WEIGHT: Final = 10  # Kitex's
FRESH_S: Final = 5.0  # how old a resolution may be before it is made anew, as in Kitex
_COOL_S: Final = 1.0  # how long a peer that could not be reached is tried last
_TRIES: Final = 3  # peers tried for one call

BalancerName: TypeAlias = Literal["round-robin", "least-loaded"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of a service, ``host:port`` or ``unix:path``; ``weight`` is its share of the calls."""

    address: str
    weight: int = DEFAULT_WEIGHT


class Resolver(Protocol):
    """Where a service is now, and for how many seconds that holds. `thriftwire.etcd.EtcdResolver` is one, too."""

    fresh_s: float

    async def resolve(self) -> Sequence[Endpoint]:
        """The service's endpoints, at least one. Raises ConnectError."""
        ...


class Static:
    """Addresses that do not change."""

    fresh_s = math.inf

    def __init__(self, addresses: Sequence[str | Endpoint]) -> None:
        if not addresses:
            raise ValueError("a service needs an address")
        self._endpoints = [Endpoint(each) if isinstance(each, str) else each for each in addresses]

    async def resolve(self) -> Sequence[Endpoint]:
        """All of them."""
        return self._endpoints


class Dns:
    """Every address that a name has: ``name:port``."""

    fresh_s = FRESH_S

    def __init__(self, address: str) -> None:
        self._host, self._port = split_address(address)

    async def resolve(self) -> Sequence[Endpoint]:
        """The name's addresses now. Raises ConnectError."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ConnectError(f"no address for {self._host}: {error}") from error
        hosts = dict.fromkeys(str(address[0]) for *_, address in found)
        return [Endpoint(f"[{host}]:{self._port}" if ":" in host else f"{host}:{self._port}") for host in hosts]


class Peer:
    """An endpoint and the connections to it."""

    __slots__ = ("cools_until", "pool", "turn", "weight")

    def __init__(self, endpoint: Endpoint, pool: Pool) -> None:
        self.pool, self.weight = pool, max(1, endpoint.weight)
        self.turn = 0.0  # what a balancer remembers
        self.cools_until = 0.0  # it could not be reached a moment ago


Balancer: TypeAlias = Callable[[Sequence[Peer]], Peer]


def round_robin(peers: Sequence[Peer]) -> Peer:
    """Each in turn, the heavier more often, spread evenly."""
    for peer in peers:
        peer.turn += peer.weight
    chosen = max(peers, key=lambda peer: peer.turn)
    chosen.turn -= sum(peer.weight for peer in peers)
    return chosen


def least_loaded(peers: Sequence[Peer]) -> Peer:
    """The one with the fewest calls in progress for its weight; among equals the one chosen longest ago."""
    chosen = min(peers, key=lambda peer: ((peer.pool.load + 1) / peer.weight, peer.turn))
    chosen.turn = 1 + max(peer.turn for peer in peers)
    return chosen


BALANCERS: Final[dict[BalancerName, Balancer]] = {"round-robin": round_robin, "least-loaded": least_loaded}


class Peers:
    """The peers of a service: resolved when a call needs them, then refreshed behind the calls.

    What cannot be resolved any more stays as it was; a peer that is gone is closed when its calls have ended.
    """

    def __init__(
        self, resolver: Resolver, balancer: Balancer, machine: Callable[[], Machine], options: PoolOptions
    ) -> None:
        self._resolver, self._balancer = resolver, balancer
        self._machine, self._options = machine, options
        self._peers: dict[Endpoint, Peer] = {}
        self._retired: list[Pool] = []
        self._resolved_at: float | None = None
        self._resolving: asyncio.Task[None] | None = None
        self._closed = False

    def free(self) -> Connection | None:
        """A connection that takes a call now, when there is no choice to make."""
        if len(self._peers) != 1 or self._stale():
            return None
        (peer,) = self._peers.values()
        return peer.pool.free()

    async def acquire(self) -> Connection:
        """A connection that takes a call now. Raises ConnectError or ConnectTimeout when no peer can be reached.

        This is all that is ever retried: nothing has been sent. The caller must open its call before it next awaits.
        """
        if self._closed:
            raise ConnectError("the client is closed")
        if self._stale():
            await self._resolve()
        tried: set[Peer] = set()
        while True:
            peer = self._choose(tried)
            tried.add(peer)
            try:
                return await peer.pool.acquire()
            except (ConnectError, DeadlineExceeded):
                peer.cools_until = asyncio.get_running_loop().time() + _COOL_S
                if len(tried) >= min(_TRIES, len(self._peers)):
                    raise

    def _choose(self, tried: set[Peer]) -> Peer:
        now = asyncio.get_running_loop().time()
        left = [peer for peer in self._peers.values() if peer not in tried]
        warm = [peer for peer in left if peer.cools_until <= now]
        return self._balancer(warm or left)

    def _stale(self) -> bool:
        if self._resolved_at is None:
            return True
        return asyncio.get_running_loop().time() - self._resolved_at >= self._resolver.fresh_s

    async def _resolve(self) -> None:
        """Resolve, once for all who wait; who has peers does not wait."""
        if self._resolving is None:
            self._resolving = asyncio.get_running_loop().create_task(self._refresh())
            self._resolving.add_done_callback(self._resolution_ended)
        if not self._peers:
            await asyncio.shield(self._resolving)

    def _resolution_ended(self, task: asyncio.Task[None]) -> None:
        self._resolving = None
        if not task.cancelled():
            task.exception()  # raised to those who wait; the others keep the peers they have

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            endpoints = await self._resolver.resolve()
        except asyncio.CancelledError:
            raise ConnectError("the client is closed") from None  # only `close` cancels this task
        except RPCError:
            if self._peers:
                self._resolved_at = loop.time()  # ask again after a while, not at every call
            raise
        self._resolved_at = loop.time()
        for gone in self._peers.keys() - set(endpoints):
            pool = self._peers.pop(gone).pool
            pool.retire()
            self._retired = [each for each in self._retired if each.load] + [pool]
        for endpoint in endpoints:
            if endpoint not in self._peers:
                self._peers[endpoint] = Peer(endpoint, Pool(endpoint.address, self._machine, self._options))

    async def close(self) -> None:
        """Close every connection and wait until they are gone; calls still running fail."""
        self._closed = True
        if self._resolving is not None:
            self._resolving.cancel()
            await asyncio.wait((self._resolving,))
        pools = [peer.pool for peer in self._peers.values()] + self._retired
        await asyncio.gather(*(pool.close() for pool in pools))
