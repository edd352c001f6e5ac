"""What can be called, as values."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from echo import ECHO_SERVICE
from thriftwire.service import Mode


@pytest.mark.parametrize(
    ("mode", "client", "server", "streaming"),
    [
        (Mode.PING_PONG, False, False, False),
        (Mode.UNARY, False, False, False),
        (Mode.CLIENT, True, False, True),
        (Mode.SERVER, False, True, True),
        (Mode.BIDIRECTIONAL, True, True, True),
    ],
)
def test_which_side_streams(mode: Mode, client: bool, server: bool, streaming: bool) -> None:
    assert (mode.client_streams, mode.server_streams, mode.streaming) == (client, server, streaming)


@pytest.mark.parametrize("text", ["", "unary", "client", "server", "bidirectional"])
def test_a_mode_is_found_by_its_annotation(text: str) -> None:
    assert Mode(text).value == text


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="both"):
        Mode("both")


def test_methods_are_found_by_their_names_in_the_idl() -> None:
    assert all(name == method.name for name, method in ECHO_SERVICE.methods.items())


def test_a_service_is_the_key_to_its_handler() -> None:
    assert {ECHO_SERVICE: "handler"}[ECHO_SERVICE] == "handler"


def test_services_and_methods_do_not_change() -> None:
    values: list[Any] = [ECHO_SERVICE, next(iter(ECHO_SERVICE.methods.values()))]
    for value in values:
        with pytest.raises((FrozenInstanceError, AttributeError)):
            value.name = "Other"
