"""The place for the files of a checkout: found, read, and written where a prompt's folder and key say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from promptwire.checkout.lock import is_inside, put
from promptwire.checkout.marks import has_marks
from promptwire.files.fault import FileError
from promptwire.files.prompt_file import SUFFIX, Document, read

MAX_FILE: Final = 16 * 1024 * 1024  # bytes
PASSED_BY: Final = frozenset({"node_modules", "__pycache__"})


class Here(NamedTuple):
    """A file: what it says, or what is wrong with it. ``marked``: a person has to decide between two edits in it."""

    path: str
    text: str
    document: Document | None
    fault: str = ""
    marked: bool = False


class Folder:
    """The files below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def files(self) -> list[Here]:
        """Every prompt file, in the order of their paths; hidden folders are passed by."""
        return [self.file(path) for path in sorted(self._paths())]

    def file(self, path: str) -> Here:
        """One file."""
        try:
            data = (self.root / path).read_bytes()
            if len(data) > MAX_FILE:
                return Here(path, "", None, f"it is larger than {MAX_FILE} bytes")
            text = data.decode()
        except UnicodeDecodeError:
            return Here(path, "", None, "it is not UTF-8")
        except OSError as error:
            return Here(path, "", None, str(error.strerror))
        if has_marks(text):
            return Here(path, text, None, "two edits stand in it between marks: keep what is right", marked=True)
        try:
            return Here(path, text, read(text))
        except FileError as error:
            return Here(path, text, None, str(error))

    def exists(self, path: str) -> bool:
        """Something is there."""
        return (self.root / path).exists()

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        put(self.root / path, text)

    def _paths(self) -> Iterator[str]:
        for folder, inner, names in os.walk(self.root):
            inner[:] = [name for name in inner if not name.startswith(".") and name not in PASSED_BY]
            for name in names:
                if name.endswith(SUFFIX):
                    yield (Path(folder) / name).relative_to(self.root).as_posix()


def path_of(document: Document) -> str:
    """Where a prompt's file lies when it is pulled first."""
    path = f"{document.folder}/{document.key}{SUFFIX}" if document.folder else f"{document.key}{SUFFIX}"
    hidden = any(part.startswith(".") for part in Path(path).parts)
    return path if is_inside(path) and not hidden else f"{document.key}{SUFFIX}"
