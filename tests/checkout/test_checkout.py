"""A checkout that needs no server; pulling, pushing and merging are in journeys/test_checkout.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from promptwire.checkout.checkout import Checkout
from promptwire.checkout.lock import NAME
from promptwire.checkout.remote import Remote
from promptwire.client.errors import Unreachable
from promptwire.client.http import Link
from promptwire.client.server import Server
from promptwire.files.fault import FileError


def checkout(root: Path) -> Checkout:
    return Checkout(root, Remote(Link(Server(url="http://127.0.0.1:9"))))


def test_a_lock_that_is_none_is_said_before_anybody_is_asked(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("- a\n")
    with pytest.raises(FileError, match=NAME):
        checkout(tmp_path)


def test_nothing_is_written_when_no_server_answers(tmp_path: Path) -> None:
    (tmp_path / "a.prompt.md").write_text("---\nkey: a\n---\n")
    for work in (checkout(tmp_path).pull, checkout(tmp_path).push, checkout(tmp_path).status):
        with pytest.raises(Unreachable):
            work()
    assert [path.name for path in tmp_path.iterdir()] == ["a.prompt.md"]
