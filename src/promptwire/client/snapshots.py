"""The place for prompts on disk, so that a program starts when the server is down: one file for each, written whole.

A folder for each server and key of it, a file for each prompt and version or label asked for. A snapshot that cannot
be written or read is as if there were none; a log says so once.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from promptwire.api.version import Commit
from promptwire.client.server import Server

PLACE: Final = "PROMPTWIRE_SNAPSHOTS"  # the folder; empty: none are kept

log = logging.getLogger("promptwire.client")


class Ask(NamedTuple):
    """Which prompt is asked for: a version wins over a label, a label over the newest."""

    key: str
    version: str | None = None
    label: str | None = None

    def __str__(self) -> str:
        return f"{self.key}@{self.version or self.label or 'latest'}"


class _Snapshot(msgspec.Struct):
    server: str
    ask: Ask
    commit: Commit


class Snapshots:
    """The prompts of one server below ``folder``; None keeps none."""

    def __init__(self, server: Server, folder: Path | None) -> None:
        self._server = server.url
        self._folder = None if folder is None else folder / _digest(f"{server.url}\n{server.api_key or ''}")
        self._warned = False

    def keep(self, ask: Ask, commit: Commit) -> None:
        """Write what the server said, whole or not at all."""
        if self._folder is None:
            return
        data = msgspec.json.encode(_Snapshot(self._server, ask, commit))
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file, name = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(file, "wb") as out:
                    out.write(data)
                    out.flush()
                    os.fsync(out.fileno())
                Path(name).replace(self._path(self._folder, ask))
            except OSError:
                with contextlib.suppress(OSError):
                    Path(name).unlink()
                raise
        except OSError as error:
            self._warn(error)

    def find(self, ask: Ask) -> Commit | None:
        """What the server said when it last answered."""
        if self._folder is None:
            return None
        try:
            snapshot = msgspec.json.decode(self._path(self._folder, ask).read_bytes(), type=_Snapshot)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            self._warn(error)
            return None
        return snapshot.commit if snapshot.ask == ask else None

    def _path(self, folder: Path, ask: Ask) -> Path:
        return folder / f"{_digest(repr(tuple(ask)))}.json"

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            log.warning("snapshots of prompts are not kept: %s", error)


def usual_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where snapshots lie unless it is said: ``PROMPTWIRE_SNAPSHOTS``, or below the user's cache."""
    if (said := environment.get(PLACE)) is not None:
        return Path(said).expanduser() if said else None
    cache = environment.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache").expanduser()) / "promptwire"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
