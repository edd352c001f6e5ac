"""Where a prompt comes from, decided without asking anybody."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from client.test_snapshots import SERVER, commit
from promptwire.client.errors import NotFound, Unreachable
from promptwire.client.shelf import AGAIN_S, MAX_KEPT, Shelf
from promptwire.client.snapshots import Ask, Snapshots

ASK = Ask("a")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(tmp_path: Path, clock: Clock) -> Shelf:
    return Shelf(Snapshots(SERVER, tmp_path), clock)


def test_fresh_then_stale_with_one_refresh_in_flight(shelf: Shelf, clock: Clock) -> None:
    assert shelf.look(ASK, 60) is None
    assert shelf.answered(ASK, commit()).source == "server"
    clock.now = 59
    assert shelf.look(ASK, 60) == (commit(), "cache", False)
    clock.now = 61
    assert shelf.look(ASK, 60) == (commit(), "stale", True)
    assert shelf.look(ASK, 60) == (commit(), "stale", False)
    shelf.answered(ASK, commit("new"))
    assert shelf.look(ASK, 60) == (commit("new"), "cache", False)


def test_a_refresh_that_fails_is_tried_again_a_little_later(shelf: Shelf, clock: Clock) -> None:
    shelf.answered(ASK, commit())
    clock.now = 100
    assert shelf.look(ASK, 60) == (commit(), "stale", True)
    shelf.refresh_failed(ASK, Unreachable("down"))
    assert shelf.look(ASK, 60) == (commit(), "stale", False)
    clock.now += AGAIN_S
    assert shelf.look(ASK, 60) == (commit(), "stale", True)


def test_a_snapshot_stands_in_for_a_server_that_is_down_only(shelf: Shelf, tmp_path: Path, clock: Clock) -> None:
    shelf.answered(ASK, commit())
    later = Shelf(Snapshots(SERVER, tmp_path), clock)
    with pytest.raises(NotFound):
        later.failed(ASK, NotFound("not_found", "gone"), None)
    assert later.failed(ASK, Unreachable("down"), commit("own")) == (commit(), "snapshot", False)
    assert later.look(ASK, 60) == (commit(), "snapshot", False)
    clock.now += AGAIN_S
    assert later.look(ASK, 60) == (commit(), "snapshot", True)


def test_a_fallback_is_the_callers_own_and_keeps_nobody_waiting(shelf: Shelf, clock: Clock) -> None:
    with pytest.raises(Unreachable):
        shelf.failed(ASK, Unreachable("down"), None)
    assert shelf.failed(ASK, NotFound("not_found", "no"), commit("own")) == (commit("own"), "fallback", False)
    assert shelf.look(ASK, 60, commit("other")) == (commit("other"), "fallback", False)
    assert shelf.look(ASK, 60) is None, "who has none waits for the server"
    clock.now += AGAIN_S
    assert shelf.look(ASK, 60, commit("own")) == (commit("own"), "fallback", True)


def test_a_warning_comes_once_until_the_server_answers(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "promptwire.client")
    shelf.answered(ASK, commit())
    for _ in range(3):
        shelf.refresh_failed(ASK, Unreachable("down"))
    shelf.answered(ASK, commit())
    shelf.refresh_failed(ASK, Unreachable("down"))
    assert [record.message for record in caplog.records] == [
        "prompt a@latest comes from an earlier answer of the server: overloaded (connect): down"
    ] * 2


def test_only_so_many_are_kept(tmp_path: Path, clock: Clock) -> None:
    shelf = Shelf(Snapshots(SERVER, None), clock)
    for number in range(MAX_KEPT + 1):
        shelf.answered(Ask(str(number)), commit())
    assert shelf.look(Ask("0"), 60) is None
    assert shelf.look(Ask("1"), 60) is not None
