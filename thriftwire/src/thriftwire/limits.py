"""Limits on calls and on the messages inside them; what is over a limit is refused within the protocol.

    Limits(
        calls_per_s=100,
        concurrent_calls=500,
        received=PacketLimits(packet_bytes=64_000, packets_per_s=50),
        sent=PacketLimits(bytes_per_s=1_000_000, when_exceeded="wait"),
    )

A caller that is refused gets `LimitExceeded`: on TTHeader Streaming as an exception in the trailer, on gRPC as
RESOURCE_EXHAUSTED, where Kitex closes the connection or looks away (kitex-wire 4.6).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from thriftwire.call import Call
from thriftwire.errors import LimitExceeded

Gate: TypeAlias = Callable[[int, float], float]
"""Told a packet's size and the time, how many seconds it must wait. Raises LimitExceeded to end the call."""


class PacketPolicy(Protocol):
    """What decides about the packets of a call, in one direction."""

    def gate(self, call: Call) -> Gate | None:
        """The gate of one call; None lets everything pass."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketLimits:
    """The packet policy that this library brings; each limit is for one call, None is none.

    ``packet_bytes``: the largest packet. ``call_packets`` and ``call_bytes``: all of them. ``packets_per_s`` and
    ``bytes_per_s``: the sustained rate, of which one second's worth may come at once; what is faster is refused, or
    waits, which over the connection slows its sender down.
    """

    packet_bytes: int | None = None
    call_packets: int | None = None
    call_bytes: int | None = None
    packets_per_s: float | None = None
    bytes_per_s: float | None = None
    when_exceeded: Literal["refuse", "wait"] = "refuse"

    def gate(self, call: Call) -> Gate:
        """The gate of one call."""
        return _CallGate(self).admit


class _CallGate:
    """What one call has used of its packet limits."""

    __slots__ = ("_bytes", "_limits", "_packets", "_rates")

    def __init__(self, limits: PacketLimits) -> None:
        self._limits = limits
        self._packets = self._bytes = 0
        self._rates = [
            (Bucket(rate), by_size, word)
            for rate, by_size, word in (
                (limits.packets_per_s, False, "packets"),
                (limits.bytes_per_s, True, "bytes"),
            )
            if rate is not None
        ]

    def admit(self, size: int, now: float) -> float:
        limits = self._limits
        self._packets += 1
        self._bytes += size
        _check("a packet", size, limits.packet_bytes, "bytes")
        _check("a call", self._packets, limits.call_packets, "packets")
        _check("a call", self._bytes, limits.call_bytes, "bytes")
        wait = 0.0
        for bucket, by_size, word in self._rates:
            late = bucket.take(size if by_size else 1, now)
            if late and limits.when_exceeded == "refuse":
                raise LimitExceeded(f"more than {bucket.rate:g} {word} a second")
            wait = max(wait, late)
        return wait


def _check(what: str, amount: int, limit: int | None, unit: str) -> None:
    if limit is not None and amount > limit:
        raise LimitExceeded(f"{what} of {amount} {unit} exceeds the limit of {limit}")


class Bucket:
    """A rate: so much a second, of which one second's worth (at least one) may come at once."""

    __slots__ = ("_filled_at", "_level", "_size", "rate")

    def __init__(self, rate: float) -> None:
        if rate <= 0:
            raise ValueError(f"a rate is positive, not {rate!r}")
        self.rate = rate
        self._size = self._level = max(1.0, rate)
        self._filled_at: float | None = None

    def take(self, amount: float, now: float) -> float:
        """Take ``amount``, and how long it takes until that much had come: 0 when it is there."""
        if self._filled_at is not None:
            self._level = min(self._size, self._level + (now - self._filled_at) * self.rate)
        self._filled_at = now
        self._level -= amount
        return max(0.0, -self._level / self.rate)

    def give_back(self, amount: float) -> None:
        """Undo a `take` that led to nothing."""
        self._level = min(self._size, self._level + amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a server or of a client, None for none.

    ``calls_per_s`` and ``concurrent_calls`` count calls when they are opened, streams and others alike, over all
    connections. ``received`` and ``sent`` decide about each packet.
    """

    calls_per_s: float | None = None
    concurrent_calls: int | None = None
    received: PacketPolicy | None = None
    sent: PacketPolicy | None = None


class Admission:
    """How many calls are in progress, and how fast they come."""

    def __init__(self, limits: Limits) -> None:
        self._concurrent = limits.concurrent_calls
        self._rate = Bucket(limits.calls_per_s) if limits.calls_per_s is not None else None
        self.calls = 0

    def enter(self, now: float) -> None:
        """A call begins; `leave` when it is over. Raises LimitExceeded, and then it has not begun."""
        if self._concurrent is not None and self.calls >= self._concurrent:
            raise LimitExceeded(f"more than {self._concurrent} calls at once")
        if self._rate is not None and self._rate.take(1, now):
            self._rate.give_back(1)
            raise LimitExceeded(f"more than {self._rate.rate:g} calls a second")
        self.calls += 1

    def leave(self) -> None:
        """A call is over."""
        self.calls -= 1
