"""Connections to one address: made when calls need them, shared or not, closed when idle."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from thriftwire.errors import ConnectError
from thriftwire.machine import Machine
from thriftwire.sockets import Connection, dial

Sharing: TypeAlias = Literal["mux", "long", "short"]

MUX_CALLS: Final = 128  # calls sharing a connection before another is dialled
_FAREWELL_S: Final = 0.5  # what a peer that reads slowly gets to hear that its calls are given up
_ATTEMPTS: Final = 10  # turns a call takes at getting a connection, when others or bad luck take them away


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """How connections to one address are kept.

    ``sharing``: ``mux`` puts many calls on a connection, ``long`` one at a time and keeps it for the next, ``short``
    closes it after one. A connection without calls is closed after ``idle_s``, or at once when ``max_idle`` others
    have none either; one on which calls wait in silence is probed every ``probe_s``; at most ``max_connections`` are
    open, and calls beyond what they carry wait. ``window``: bytes the kernel keeps of what is not yet read; None
    leaves it to the system.
    """

    sharing: Sharing = "mux"
    idle_s: float = 60.0
    max_idle: int = 16
    max_connections: int = 4096
    connect_s: float | None = 3.0
    stall_s: float | None = 5.0
    probe_s: float | None = 30.0
    window: int | None = None
    tls: ssl.SSLContext | None = None


class Pool:
    """Connections to one address, dialled when needed.

    A dial belongs to the pool, not to the call that asked for it: callers that give up leave it to the others.
    """

    def __init__(self, address: str, machine: Callable[[], Machine], options: PoolOptions) -> None:
        self.address = address
        self._machine, self._options = machine, options
        self._limit = MUX_CALLS if options.sharing == "mux" else 1
        self._connections: set[Connection] = set()
        self._free: dict[Connection, None] = {}  # those that may have room, latest used last
        self._dials: set[asyncio.Task[Connection]] = set()
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._called = 0  # waiters whose turn it is and who have not run yet
        self._sweeper: asyncio.TimerHandle | None = None
        self._idle_since: dict[Connection, float] = {}
        self._closed = False
        self._retired = False

    @property
    def load(self) -> int:
        """Calls in progress and calls waiting."""
        return sum(len(connection.lanes) for connection in self._connections) + len(self._waiters)

    def free(self) -> Connection | None:
        """A connection that takes a call now, unless others were first."""
        return None if self._waiters or self._called else self._take()

    def _take(self) -> Connection | None:
        for connection in reversed(tuple(self._free)):
            if len(connection.lanes) >= self._limit or not connection.usable:
                del self._free[connection]
            elif not connection.stalled:
                return connection
        return None

    async def acquire(self) -> Connection:
        """A connection that takes a call now, dialling one if need be. Raises ConnectError or ConnectTimeout.

        The caller must open its call before it next awaits.
        """
        if (connection := self.free()) is not None and not self._closed:
            return connection
        for _ in range(_ATTEMPTS):
            if self._closed:
                raise ConnectError("the client is closed")
            if len(self._waiters) >= self._limit * len(self._dials) and self._may_dial():
                self._dial()
            await self._turn()
            if (connection := self._take()) is not None:
                return connection
        raise ConnectError(f"connections to {self.address} are lost as soon as they are made")

    def _may_dial(self) -> bool:
        return len(self._connections) + len(self._dials) < self._options.max_connections

    async def _turn(self) -> None:
        """Wait until a connection is made or freed. Raises what a dial failed with."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
            self._called -= 1
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._called -= 1
                self._wake(1)  # it was our turn: pass it on
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def _wake(self, count: int) -> None:
        while count and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._called += 1
                count -= 1

    def _dial(self) -> None:
        options = self._options
        task = asyncio.get_running_loop().create_task(
            dial(
                self.address,
                self._machine,
                timeout_s=options.connect_s,
                tls=options.tls,
                stall_s=options.stall_s,
                probe_s=options.probe_s,
                window=options.window,
                freed=self._freed,
                lost=self._lost,
            )
        )
        self._dials.add(task)
        task.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task[Connection]) -> None:
        self._dials.discard(task)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self._refuse(error)
            return
        connection = task.result()
        if self._closed:
            connection.close()
            return
        if not connection.usable:
            self._refuse(ConnectError(f"the connection to {self.address} was lost as soon as it was made"))
            return
        self._connections.add(connection)
        self._offer(connection)
        self._wake(self._limit - 1)

    def _refuse(self, error: BaseException) -> None:
        """A dial failed: tell as many as were waiting for it, the rest wait for the other dials."""
        while len(self._waiters) > self._limit * len(self._dials):
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(error)

    def _freed(self, connection: Connection) -> None:
        if connection not in self._connections:
            return
        if connection.lanes or self._worth_keeping(connection):
            self._offer(connection)
        else:
            self._idle_since.pop(connection, None)
            connection.close()

    def _worth_keeping(self, connection: Connection) -> bool:
        if self._options.sharing == "short" or self._retired or not connection.usable:
            return False
        idle = sum(not other.lanes for other in self._idle_since if other is not connection)
        return bool(self._waiters) or idle < self._options.max_idle

    def _offer(self, connection: Connection) -> None:
        if not connection.lanes:
            self._idle_since[connection] = connection.loop.time()
            self._arm_sweeper(connection.loop)
        self._free.pop(connection, None)
        self._free[connection] = None
        self._wake(1)

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._free.pop(connection, None)
        self._idle_since.pop(connection, None)
        self._wake(1)

    def _arm_sweeper(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._sweeper is None and not self._closed:
            self._sweeper = loop.call_later(self._options.idle_s, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        self._sweeper = None
        oldest = loop.time() - self._options.idle_s
        for connection, since in tuple(self._idle_since.items()):
            if since <= oldest and not connection.lanes:
                self._free.pop(connection, None)
                self._idle_since.pop(connection)
                connection.close()
        if self._idle_since:
            self._arm_sweeper(loop)

    def retire(self) -> None:
        """The address is no longer to be called: connections are closed as their calls end."""
        self._retired = True
        for connection in tuple(self._connections):
            if not connection.lanes:
                connection.close()

    async def close(self) -> None:
        """Close every connection and wait until they are gone; calls still running fail."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for task in tuple(self._dials):
            task.cancel()
        if self._dials:
            await asyncio.wait(self._dials)
        self._refuse(ConnectError("the client is closed"))
        connections = tuple(self._connections)
        for connection in connections:
            connection.close(linger_s=_FAREWELL_S)
        await asyncio.gather(*(connection.closed for connection in connections))
