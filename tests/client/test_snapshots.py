"""Snapshots are whole or not there, of one server and key alone, and never in the way."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.api.version import Commit, Version
from promptwire.client.server import Server
from promptwire.client.snapshots import Ask, Snapshots, usual_folder

ASK = Ask("a", None, "production")
SERVER = Server(url="http://x")


def commit(text: str = "hi") -> Commit:
    version = Version(version="1", branch="main", message="", author="", parents=[], created_at="")
    return Commit(key="a", version=version, content=Content(messages=[Message(role="user", content=text)]))


def test_what_was_kept_is_found_by_the_next_program(tmp_path: Path) -> None:
    Snapshots(SERVER, tmp_path).keep(ASK, commit())
    assert Snapshots(SERVER, tmp_path).find(ASK) == commit()
    assert Snapshots(SERVER, tmp_path).find(Ask("a")) is None
    assert Snapshots(Server(url="http://y"), tmp_path).find(ASK) is None
    assert Snapshots(Server(url="http://x", api_key="other"), tmp_path).find(ASK) is None
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o077 == 0


def test_without_a_folder_nothing_is_kept() -> None:
    snapshots = Snapshots(SERVER, None)
    snapshots.keep(ASK, commit())
    assert snapshots.find(ASK) is None


def test_one_that_cannot_be_written_or_read_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "promptwire.client")
    (tmp_path / "file").write_text("")
    blocked = Snapshots(SERVER, tmp_path / "file")
    for _ in range(2):
        blocked.keep(ASK, commit())
    Snapshots(SERVER, tmp_path).keep(ASK, commit())
    (file,) = list(tmp_path.rglob("*.json"))
    file.write_text("{")
    assert Snapshots(SERVER, tmp_path).find(ASK) is None
    assert len(caplog.records) == 2


def test_the_usual_folder_is_the_users_cache_or_what_is_said() -> None:
    assert usual_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/promptwire")
    assert usual_folder({"PROMPTWIRE_SNAPSHOTS": "/s"}) == Path("/s")
    assert usual_folder({"PROMPTWIRE_SNAPSHOTS": ""}) is None
    assert usual_folder({}) == Path("~/.cache/promptwire").expanduser()
