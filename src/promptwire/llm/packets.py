"""The place for how large the packets of an answer may be, and how many: what no vendor should do to a reader."""

from __future__ import annotations

from promptwire.api.llm import PacketLimits
from promptwire.api.message import Delta, Reasoning, ToolCallDelta
from promptwire.errors import Failure
from promptwire.llm.provider import Chunk


class Packets:
    """The packets of one answer, counted."""

    __slots__ = ("_allowed", "_count", "_model")

    def __init__(self, allowed: PacketLimits, model: str) -> None:
        self._allowed, self._model = allowed, model
        self._count = 0

    def check(self, chunk: Chunk) -> None:
        """One more. Raises Failure (packet_limited)."""
        match chunk:
            case Delta() | Reasoning():
                size = len(chunk.text)
            case ToolCallDelta():
                size = len(chunk.arguments)
            case _:
                return
        self._count += 1
        longest, most = self._allowed.characters, self._allowed.packets
        if longest is not None and size > longest:
            raise self._failure(f"{self._model} sent a packet of {size} characters, at most {longest} are taken")
        if most is not None and self._count > most:
            raise self._failure(f"the answer of {self._model} has more than {most} packets")

    def _failure(self, said: str) -> Failure:
        return Failure("packet_limited", said, phase="first_packet", details={"packets": str(self._count)})
