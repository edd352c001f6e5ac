"""The place for what is wrong with a file: what was expected, what came, and at which line."""

from __future__ import annotations


class FileError(ValueError):
    """A file cannot be read; ``line`` counts from 1 and is absent when the whole file is meant."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message if line is None else f"line {line}: {message}")
