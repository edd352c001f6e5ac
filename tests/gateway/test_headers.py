"""Headers are found by their name."""

from __future__ import annotations

import pytest

from promptwire.gateway.headers import header, prefers, wants_json


def test_the_first_of_a_name_is_found() -> None:
    scope = {"headers": [(b"a", b"1"), (b"b", b"2"), (b"b", b"3"), (b"c", b"\xe9")]}
    assert header(scope, b"b") == "2"
    assert header(scope, b"c") == "é"
    assert header(scope, b"d") is None


@pytest.mark.parametrize(
    ("accept", "wants"),
    [
        (b"application/json", True),
        (b"text/plain, Application/JSON;q=0.9", True),
        (b"application/json, text/event-stream", False),
        (b"*/*", False),
        (None, False),
    ],
)
def test_json_is_wanted_where_no_stream_is(accept: bytes | None, wants: bool) -> None:
    assert wants_json({"headers": [] if accept is None else [(b"accept", accept)]}) is wants


def test_a_preference_is_found_among_others() -> None:
    assert prefers({"headers": [(b"prefer", b"wait=5, Respond-Async; x=1")]}, b"respond-async")
    assert not prefers({"headers": [(b"prefer", b"wait=5")]}, b"respond-async")
