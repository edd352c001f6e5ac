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
        numbered = {id(item): next(self._numbers) for item in new}
        writers = {table_id: f"write_{number}" for table_id, number in numbered.items()}
        readers = {table_id: f"read_{number}" for table_id, number in numbered.items()}
        lines = Lines(self._names, self._numbers)
        all_writers, all_readers = self._writers | writers, self._readers | readers
        for item in new:
            WriterSource(lines, all_writers).write(item)
            ReaderSource(lines, all_readers).write(item)
        lines.compile(f"<thriftwire codec of {table.name}>")
        self._keep += new  # an id names a table only while the table lives
        # Last: until then nobody sees what is not compiled. Added, not replaced: another thread may have added since.
        self._readers.update(readers)
        self._writers.update(writers)
