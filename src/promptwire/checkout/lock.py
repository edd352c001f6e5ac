"""The place for the lockfile: which files a folder has of which server, and what each said when it was pulled.

    server: http://127.0.0.1:8000
    prompts:
      refund:
        path: support/refund.prompt.md
        version: '3'
        hash: sha256:…

It is made to be committed with the prompts. ``hash`` is of the content alone, whatever the file looks like; ``about``
is what is said of the prompt beside it (name, description, tags, folder), which is no part of a version.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from promptwire.files import yaml
from promptwire.files.fault import FileError
from promptwire.files.plain import plain, struct

NAME: Final = "promptwire.lock"
HEAD: Final = "# What was pulled from where, by `promptwire pull`; commit it with the prompts.\n"


class Locked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A file as it was pulled. ``version`` empty: the draft, of a prompt without versions.

    ``label``: it follows that label; ``pinned``: it stays at its version.
    """

    path: str
    version: str = ""
    hash: str
    about: dict[str, Any] = {}
    label: str = ""
    pinned: bool = False


class Lock(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The lockfile of a folder."""

    server: str = ""
    prompts: dict[str, Locked] = {}


def read(folder: Path) -> Lock:
    """The lock of a folder; an empty one when there is none. Raises FileError."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Lock()
    except UnicodeDecodeError as error:
        raise FileError(f"{NAME} is not UTF-8") from error
    lock = struct(yaml.load(text) or {}, Lock, NAME)
    for key, locked in lock.prompts.items():
        if not is_inside(locked.path):
            raise FileError(f"{NAME}: the path of {key!r} leads out of the folder: {locked.path!r}")
    return lock


def write(folder: Path, lock: Lock) -> None:
    """Keep the lock, whole or not at all."""
    lock.prompts = dict(sorted(lock.prompts.items()))
    put(folder / NAME, HEAD + yaml.dump(plain(lock)))


def put(path: Path, text: str) -> None:
    """Write a file whole or not at all, with its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(text.encode())
    beside.replace(path)


def is_inside(path: str) -> bool:
    """A path of a lock stays below its folder."""
    return bool(path) and not Path(path).is_absolute() and ".." not in Path(path).parts
