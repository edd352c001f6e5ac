from __future__ import annotations

from thriftwire.commands.outcome import Exit


def test_the_exit_codes_are_the_documented_ones() -> None:
    assert {exit_.name: exit_.value for exit_ in Exit} == {
        "OK": 0,
        "USAGE": 1,
        "TRANSPORT": 2,
        "RPC": 3,
        "BUSINESS": 4,
        "TIMEOUT": 5,
    }
