"""The place for how a file, its lock and its server are held against one another."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import msgspec

from promptwire.api.prompt import Content
from promptwire.checkout.folder import Here
from promptwire.checkout.lock import Locked
from promptwire.checkout.remote import There, about
from promptwire.files.plain import fingerprint
from promptwire.files.prompt_file import ABOUT, Document, write

FIXED = frozenset({"key", "kind"})  # once and for all


class Merged(NamedTuple):
    """Two edits as one: the two sides differ only where they conflict."""

    ours: Document
    theirs: Document
    conflicts: list[str]


def alone(document: Document) -> Merged:
    """An edit that nobody else's stands against."""
    return Merged(document, document, [])


def same(document: Document, there: There) -> bool:
    """Both say the same, whatever the file looks like."""
    return fingerprint(document.content) == there.hash and about(document) == there.about


def is_edited(document: Document, locked: Locked) -> bool:
    """A file says other than when it was pulled."""
    return fingerprint(document.content) != locked.hash or about(document) != locked.about


def has_moved(there: There, locked: Locked) -> bool:
    """The server says other than when it was pulled."""
    return (there.version, there.hash, there.about) != (locked.version, locked.hash, locked.about)


def entry(path: str, there: There, *, label: str = "", pinned: bool = False) -> Locked:
    """What the lock keeps of a prompt that was pulled or pushed."""
    return Locked(path=path, version=there.version, hash=there.hash, about=there.about, label=label, pinned=pinned)


def version_of(there: There) -> str:
    """What a person calls it."""
    return f"version {there.version}" if there.version else "the draft"


def unified(here: Here, there: There | None) -> str:
    """What differs, as a unified diff from the server's to the file."""
    before = write(there.document).splitlines(keepends=True) if there is not None else []
    name = "/dev/null" if there is None else f"{there.document.key} {version_of(there)}"
    lines = difflib.unified_diff(before, here.text.splitlines(keepends=True), name, here.path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def is_named(names: Iterable[str], key: str, folder: str) -> bool:
    """A prompt is meant by one of the names: a key, with * and ? if need be, or a folder with a / at its end."""
    named = list(names)
    return not named or any(
        f"{folder}/".startswith(name) if name.endswith("/") else fnmatchcase(key, name) for name in named
    )


def folder_of(here: Here | None, locked: Locked | None) -> str:
    """The folder a prompt is in: as its file says, or as its path does."""
    if here is not None and here.document is not None:
        return here.document.folder
    path = here.path if here is not None else locked.path if locked is not None else ""
    parent = PurePosixPath(path).parent.as_posix()
    return "" if parent == "." else parent


def merged_about(document: Document, there: There, locked: Locked) -> tuple[Document, Document, list[str]]:
    """What both say beside the content, merged by name: the two sides, and where they conflict."""
    ours, theirs, base = about(document), there.about, locked.about
    mine, yours = dict[str, Any](), dict[str, Any]()
    conflicts: list[str] = []
    for name in {**ours, **theirs, **base}:
        one, other, was = ours.get(name), theirs.get(name), base.get(name)
        if one not in (other, was) and other != was:
            conflicts.append(name)
            mine[name], yours[name] = one, other
        else:
            mine[name] = yours[name] = other if one == was else one
    return with_about(document, mine), with_about(there.document, yours), conflicts


def with_about(document: Document, said: Mapping[str, Any]) -> Document:
    """A document with what is said beside its content."""
    blank = Document(key=document.key, content=document.content)
    return msgspec.structs.replace(blank, **{name: value for name, value in said.items() if value is not None})


def whole_about(document: Document) -> dict[str, Any]:
    """What is said beside the content, with what says nothing: an edit that empties a field is one."""
    return {name: getattr(document, name) for name in ABOUT if name not in FIXED}


def with_content(document: Document, content: Content) -> Document:
    """A document that says something else."""
    return msgspec.structs.replace(document, content=content)
