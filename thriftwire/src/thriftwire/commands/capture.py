"""What ``thriftwire record`` writes and ``replay`` and ``decode`` read: a line of JSON for each piece that crossed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Bytes that one side of a connection sent ``at`` seconds after the recording began; no bytes: it ended."""

    CLIENT: ClassVar = "c"
    SERVER: ClassVar = "s"

    at: float
    connection: int
    side: str
    data: bytes

    def line(self) -> str:
        """The chunk as it is written."""
        values = {"at": round(self.at, 6), "connection": self.connection, "side": self.side, "data": self.data.hex()}
        return json.dumps(values)


def read_capture(lines: Iterable[str]) -> Iterator[Chunk]:
    """The chunks of a capture. Raises ValueError or KeyError for a line that is none."""
    for line in lines:
        if line.strip():
            values = json.loads(line)
            if values["side"] not in (Chunk.CLIENT, Chunk.SERVER):
                raise ValueError(f"a side is c or s, not {values['side']!r}")
            yield Chunk(
                at=float(values["at"]),
                connection=int(values["connection"]),
                side=values["side"],
                data=bytes.fromhex(values["data"]),
            )
