"""What to reserve for the next answer."""

from __future__ import annotations

from promptwire.llm.outputs import ENOUGH, UNKNOWN, Outputs


def test_until_enough_is_known_the_maximum_is_reserved() -> None:
    outputs = Outputs()
    assert outputs.expect("p", "m", None) == UNKNOWN
    assert outputs.expect("p", "m", 77) == 77
    for _ in range(ENOUGH):
        outputs.add("p", "m", 10)
    assert outputs.expect("p", "m", None) == 10
    assert outputs.expect("other", "m", None) == UNKNOWN


def test_the_ninth_decile_of_recent_answers_is_reserved_within_the_maximum() -> None:
    outputs = Outputs()
    for length in range(1, 51):
        outputs.add("p", "m", length)
    assert outputs.expect("p", "m", None) == 46
    assert outputs.expect("p", "m", 30) == 30
    for _ in range(64):
        outputs.add("p", "m", 5)
    assert outputs.expect("p", "m", None) == 5
