"""Python source being written line by line, with the values it refers to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Lines:
    """Source and its global names, which are shared with source compiled before."""

    def __init__(self, names: dict[str, Any], numbers: Iterator[int] | None = None) -> None:
        self._names = names
        self._numbers = itertools.count() if numbers is None else numbers  # of all who share the names
        self._lines: list[str] = []
        self._depth = 0
        self._serial = 0

    def add(self, *lines: str) -> None:
        """Write lines in the current block."""
        self._lines += [" " * self._depth + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A line that ends in a colon; what is added inside is its body."""
        self.add(head)
        self._depth += 1
        yield
        self._depth -= 1

    def fresh(self, prefix: str) -> str:
        """A local name not used before in this source."""
        self._serial += 1
        return f"{prefix}{self._serial}"

    def constant(self, prefix: str, value: Any) -> str:
        """A new global name for a value."""
        name = f"{prefix}_{next(self._numbers)}"
        self._names[name] = value
        return name

    def known(self, name: str, value: Any) -> str:
        """The global ``name``, which always stands for the same value."""
        return self._names.setdefault(name, value) and name

    def compile(self, filename: str) -> None:
        """Define what was written."""
        exec(compile("\n".join(self._lines), filename, "exec"), self._names)  # noqa: S102 - written here, from tables
