"""Encoders and decoders as Python source, written for one table each and compiled.

What a table says is decided once, here, so that the code that runs for every message tests nothing but the message.
Runs of fixed-size values become one ``struct`` call. The code does not say what is wrong with a value or with bytes,
only that something is: `thriftwire.thrift.binary` then asks `thriftwire.thrift.careful`, which finds the place.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from thriftwire.thrift.lines import Lines
from thriftwire.thrift.readers import ReaderSource
from thriftwire.thrift.table import Table, reachable
from thriftwire.thrift.writers import WriterSource


class Compiler:
    """Compiled tables, which may refer to each other; tables are compiled when first asked for."""

    def __init__(self) -> None:
        self._writers: dict[int, str] = {}
        self._readers: dict[int, str] = {}
        self._keep: list[Table] = []
        self._names: dict[str, Any] = {}
        self._numbers = itertools.count()  # never the same twice, also when threads compile at once

    def writer(self, table: Table) -> Callable[[Any, Callable[[bytes], object], int], None]:
        """``write(value, append, depth)``: gives ``append`` the pieces of the encoded value."""
        self._prepare(table)
        return self._names[self._writers[id(table)]]

    def reader(self, table: Table) -> Callable[[bytes, int, int, int], tuple[Any, int]]:
        """``read(data, position, end, depth)``: the value and the position after it."""
        self._prepare(table)
        return self._names[self._readers[id(table)]]

    def _prepare(self, table: Table) -> None:
        if id(table) in self._writers:
            return
        new = [item for item in reachable(table) if id(item) not in self._writers]
        writers, readers = dict(self._writers), dict(self._readers)
        for item, number in zip(new, self._numbers, strict=False):
            writers[id(item)], readers[id(item)] = f"write_{number}", f"read_{number}"
        lines = Lines(self._names)
        for item in new:
            WriterSource(lines, writers).write(item)
            ReaderSource(lines, readers).write(item)
        lines.compile(f"<thriftwire codec of {table.name}>")
        self._keep += new  # an id names a table only while the table lives
        self._writers, self._readers = writers, readers  # last: until then nobody sees what is not compiled
