"""A failing model is left alone, and gets its chance again."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.errors import Failure
from promptwire.llm.breaker import FIRST_PAUSE_S, LONGEST_PAUSE_S, MOST, Breaker, Breakers

UNWELL = Failure("upstream_cut", "cut")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def broken(clock: Clock, times: int = 3) -> Breaker:
    breaker = Breaker(3, clock=clock)
    for _ in range(times):
        assert breaker.allow()
        breaker.failed(UNWELL)
    return breaker


def test_failures_in_a_row_open_it(clock: Clock) -> None:
    assert broken(clock, 2).state == "closed"
    breaker = broken(clock)
    assert (breaker.state, breaker.allow(), breaker.last) == ("open", False, UNWELL)
    assert breaker.remaining_s == FIRST_PAUSE_S


def test_an_answer_between_them_starts_the_count_again(clock: Clock) -> None:
    breaker = broken(clock, 2)
    breaker.answered()
    breaker.ended()
    breaker.failed(UNWELL)
    assert breaker.state == "closed"


def test_answers_that_begin_and_are_cut_open_it_too(clock: Clock) -> None:
    breaker = Breaker(3, clock=clock)
    for _ in range(3):
        breaker.answered()
        breaker.failed(UNWELL)
    assert breaker.state == "open"


@pytest.mark.parametrize("class_", ["invalid_request", "permission_denied", "rate_limited", "moderation_output"])
def test_a_refusal_of_one_request_says_nothing_about_the_model(clock: Clock, class_: Any) -> None:
    breaker = broken(clock, 2)
    breaker.failed(Failure(class_, "no"))
    assert (breaker.state, breaker.failures) == ("closed", 2)


def test_after_the_pause_one_request_is_let_through(clock: Clock) -> None:
    breaker = broken(clock)
    clock.now += FIRST_PAUSE_S
    assert breaker.state == "half_open"
    assert [breaker.allow(), breaker.allow()] == [True, False]
    breaker.answered()
    assert (breaker.state, breaker.allow()) == ("closed", True)


def test_when_it_fails_the_pause_is_longer_up_to_a_bound(clock: Clock) -> None:
    breaker = broken(clock)
    pauses: list[float] = []
    for _ in range(8):
        clock.now += breaker.remaining_s
        assert breaker.allow()
        breaker.failed(UNWELL)
        pauses.append(breaker.remaining_s)
    assert pauses[:2] == [2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert pauses[-1] == LONGEST_PAUSE_S


def test_requests_from_before_do_not_make_the_pause_longer(clock: Clock) -> None:
    breaker = broken(clock)
    breaker.failed(UNWELL)
    assert breaker.remaining_s == FIRST_PAUSE_S


@pytest.mark.parametrize("end", ["left", "refused"])
def test_a_trial_that_says_nothing_makes_room_for_another(clock: Clock, end: str) -> None:
    breaker = broken(clock)
    clock.now += FIRST_PAUSE_S
    assert breaker.allow()
    if end == "left":
        breaker.left()
    else:
        breaker.failed(Failure("invalid_request", "no"))
    assert breaker.allow()


def test_none_never_opens(clock: Clock) -> None:
    breaker = Breaker(0, clock=clock)
    for _ in range(100):
        breaker.failed(UNWELL)
    assert breaker.allow()


def test_each_model_has_its_own_and_a_new_limit_holds(clock: Clock) -> None:
    breakers = Breakers(clock=clock)
    breakers.of("a", 1).failed(UNWELL)
    assert breakers.of("a", 1).state == "open"
    assert breakers.of("b", 2).state == "closed"
    assert breakers.of("b", 5).limit == 5
    assert [model for model, _ in breakers.items()] == ["a", "b"]


def test_names_that_callers_make_up_do_not_fill_the_memory(clock: Clock) -> None:
    breakers = Breakers(clock=clock)
    for model in range(MOST // 2):
        breakers.of(f"ill{model}", 3).failed(UNWELL)
    for model in range(2 * MOST):
        breakers.of(f"well{model}", 3)
    assert len(breakers.items()) == MOST
    assert breakers.of("ill0", 3).failures == 1
    for model in range(2 * MOST):
        breakers.of(f"later{model}", 3).failed(UNWELL)
    assert len(breakers.items()) == MOST
