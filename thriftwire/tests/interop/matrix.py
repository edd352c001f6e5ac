"""What is tried against Kitex: rows by wires, in both directions.

A cell is covered by a test, or impossible for a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Literal, NamedTuple, TypeAlias, TypeVar, get_args

import pytest

Wire: TypeAlias = Literal["buffered", "framed", "ttheader", "ttheaderframed", "ttstream", "grpc"]
Direction: TypeAlias = Literal["to", "from"]  # calling Kitex, called by Kitex
Test = TypeVar("Test", bound=Callable[..., Any])

WIRES: Final[tuple[Wire, ...]] = get_args(Wire)
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
COLUMNS: Final[Sequence[tuple[Direction, Wire]]] = [(direction, wire) for direction in DIRECTIONS for wire in WIRES]
PLAIN: Final[tuple[Wire, ...]] = ("buffered", "framed")
HEADED: Final[tuple[Wire, ...]] = ("ttheader", "ttheaderframed")
UNSTREAMED: Final[tuple[Wire, ...]] = (*PLAIN, *HEADED)
UNARY: Final[tuple[Wire, ...]] = (*UNSTREAMED, "grpc")
STREAMS: Final[tuple[Wire, ...]] = ("ttstream", "grpc")


class Row(Enum):
    """One behaviour."""

    PING = "ping-pong"
    UNARY = "streaming.mode=unary"
    SERVER = "server streaming"
    CLIENT = "client streaming"
    BIDI = "bidirectional streaming"
    ONEWAY = "oneway"
    TEXT = "text in any language, bytes"
    DECLARED = "declared exception"
    BIZ = "business status, whole"
    BIZ_STREAM = "business status after messages"
    FAILURE = "the handler fails"
    PANIC = "the handler panics"
    UNKNOWN = "unknown method"
    EDGES = "headers and trailers"
    FORWARD = "metadata, transient and persistent"
    BACKWARD = "metadata, backward"
    DEADLINE = "the deadline travels"
    TIMEOUT = "the call's time runs out"
    RECV = "one message's time runs out"
    CANCEL = "the caller cancels"
    CASCADE = "a cancellation crosses three hops"
    BIG = "messages of 4 MiB"
    MANY = "1,000 streams interleaved"
    KILLED = "the peer is killed"
    STOP = "the server stops gracefully"


class Cell(NamedTuple):
    """One behaviour, in one direction, on one wire."""

    row: Row
    direction: Direction
    wire: Wire


Key: TypeAlias = tuple[Row, Direction | None, Wire]  # None: either direction

_STREAM_ROWS: Final = (Row.SERVER, Row.CLIENT, Row.BIDI, Row.BIZ_STREAM, Row.EDGES, Row.RECV, Row.CASCADE, Row.MANY)
_UNARY_ROWS: Final = (Row.PING, Row.UNARY, Row.ONEWAY, Row.DECLARED)


def _never(why: str, rows: Iterable[Row], wires: Iterable[Wire]) -> dict[Key, str]:
    return {(row, None, wire): why for row in rows for wire in wires}


IMPOSSIBLE: Final[Mapping[Key, str]] = {
    **_never("the wire carries no streams", _STREAM_ROWS, UNSTREAMED),
    **_never("a call without a stream ends with its connection, not with a message", [Row.CANCEL], UNSTREAMED),
    **_never("the wire has no place for it", [Row.FORWARD, Row.BACKWARD, Row.DEADLINE], PLAIN),
    **_never("beside streams Kitex sends ping-pong methods framed: see that column", _UNARY_ROWS, ["ttstream"]),
    **_never("HTTP/2 answers every call", [Row.ONEWAY], ["grpc"]),
    **_never("Kitex carries no backward metadata on streams", [Row.BACKWARD], STREAMS),
    **_never("Kitex sends no deadline on TTHeader streams", [Row.DEADLINE], ["ttstream"]),
}

NOTES: Final[Mapping[Key, str]] = {
    (
        Row.BIZ,
        "to",
        "buffered",
    ): "Kitex loses it silently and answers with nothing; we say so instead of returning None",
    (Row.BIZ, "to", "framed"): "as buffered",
    (Row.BIZ, "from", "buffered"): "refused loudly, as an exception: the wire has no place for it",
    (Row.BIZ, "from", "framed"): "as buffered",
    (Row.UNKNOWN, "to", "ttstream"): "Kitex never answers; the call ends by its own timeout",
    (Row.BIZ_STREAM, "from", "ttstream"): "Kitex's client may drop messages it has not read when the status arrives",
    (Row.STOP, "to", "ttstream"): "Kitex cuts what runs past its exit-wait, without a frame",
}


def reason(cell: Cell) -> str | None:
    """Why a cell is impossible; None when it is not."""
    return IMPOSSIBLE.get(cell) or IMPOSSIBLE.get((cell.row, None, cell.wire))


def covers(row: Row, *wires: Wire) -> Callable[[Test], Test]:
    """The test runs once on each of these wires, and covers this row there."""

    def mark(test: Test) -> Test:
        setattr(test, "covers", (row, wires))  # noqa: B010 - a function has no such attribute to a type checker
        return pytest.mark.parametrize("wire", wires)(test)

    return mark


def covered(test: object) -> tuple[Row, tuple[Wire, ...]] | None:
    """What `covers` said of a test."""
    return getattr(test, "covers", None)


def table(results: Mapping[Cell, str]) -> str:
    """The matrix as text: what each cell's test said, or the number of the reason why there is none."""
    footnotes: list[str] = []

    def number(text: str) -> str:
        if text not in footnotes:
            footnotes.append(text)
        return f"({footnotes.index(text) + 1})"

    def content(cell: Cell) -> str:
        if (why := reason(cell)) is not None:
            return "-" + number(why)
        said = results.get(cell, "hole")
        return said + (number(note) if (note := NOTES.get(cell)) is not None else "")

    width = max(len(row.value) for row in Row)
    half = 15 * len(WIRES)
    lines = [
        f"{'':{width}}  {'calling Kitex':{half}}{'called by Kitex':{half}}",
        f"{'':{width}}  " + "".join(f"{wire:15}" for _, wire in COLUMNS),
    ]
    lines += [
        f"{row.value:{width}}  " + "".join(f"{content(Cell(row, *column)):15}" for column in COLUMNS) for row in Row
    ]
    return "\n".join(line.rstrip() for line in [*lines, *(f"({n}) {text}" for n, text in enumerate(footnotes, 1))])
