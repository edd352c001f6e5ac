"""The place for reading server-sent events: bytes in, in pieces cut anywhere, the data of whole events out.

Follows the parsing rules of the HTML standard (§9.2.6) as far as vendors and MCP servers need them: only ``data``
counts, since all of them repeat an event's name inside its JSON.
"""

from __future__ import annotations

from typing import Final

MAX_EVENT_BYTES: Final = 4 * 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"
_CR, _LF = 13, 10  # looked for as a number: for bytes, `in` first tries whether they are one


class EventTooLong(ValueError):
    """One event grew past `MAX_EVENT_BYTES`."""


class EventSplitter:
    """Cuts a byte stream into events. Works on bytes, so a character split over pieces is whole in its event."""

    __slots__ = ("_after_cr", "_between", "_rest", "_started")

    def __init__(self) -> None:
        self._rest = b""
        self._after_cr = False  # the last piece ended in CR: an LF that follows belongs to it
        self._started = False
        self._between = False  # nothing is kept of what came: the next piece begins an event

    def feed(self, piece: bytes) -> list[bytes]:
        """The data of every event that ``piece`` completes. Raises EventTooLong."""
        if (
            self._between
            and piece.find(b"\n") == len(piece) - 2
            and piece[-1] == _LF
            and piece[:6] == b"data: "
            and _CR not in piece
        ):
            return [piece[6:-2]]  # one event of one line, as a read nearly always brings
        if self._after_cr or _CR in piece:
            piece = self._only_lf(piece)
        text = self._rest + piece if self._rest else piece
        if not self._started:
            text = self._without_bom(text)
        *blocks, rest = text.split(b"\n\n")
        self._keep(rest)
        return [data for block in blocks if (data := _data(block)) is not None]

    def close(self) -> list[bytes]:
        """The data of a last event that the end of the stream completes: some vendors leave out its blank line."""
        data, self._rest = _data(self._rest), b""
        return [] if data is None else [data]

    def _only_lf(self, piece: bytes) -> bytes:
        if not piece:
            return piece
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_cr = piece.endswith(b"\r")
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _without_bom(self, text: bytes) -> bytes:
        if len(text) < len(_BOM) and _BOM.startswith(text):
            return text
        self._started = True
        return text.removeprefix(_BOM)

    def _keep(self, rest: bytes) -> None:
        if len(rest) > MAX_EVENT_BYTES:
            raise EventTooLong(f"an event is longer than {MAX_EVENT_BYTES} bytes")
        self._rest = rest
        self._between = self._started and not rest and not self._after_cr


def _data(block: bytes) -> bytes | None:
    """The data of one event, its lines joined; None when it has none."""
    if block.startswith(b"data: ") and b"\n" not in block:  # what nearly every event of every vendor looks like
        return block[6:]
    lines: list[bytes] = []
    for line in block.split(b"\n"):
        if line.startswith(b"data:"):
            lines.append(line[5:].removeprefix(b" "))
        elif line == b"data":
            lines.append(b"")
    return b"\n".join(lines) if lines else None
