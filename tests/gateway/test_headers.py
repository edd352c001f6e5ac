"""Headers are found by their name."""

from __future__ import annotations

from promptwire.gateway.headers import header


def test_the_first_of_a_name_is_found() -> None:
    scope = {"headers": [(b"a", b"1"), (b"b", b"2"), (b"b", b"3"), (b"c", b"\xe9")]}
    assert header(scope, b"b") == "2"
    assert header(scope, b"c") == "é"
    assert header(scope, b"d") is None
