"""Each fault has its place in an answer, and words that are understood the same as a vendor's."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.api.llm import Fault
from promptwire.llm.faults import REFUSALS, body, failure, headers, position


@pytest.mark.parametrize(("at", "count", "found"), [(-1, 3, 0), (0, 3, 0), (3, 3, 3), (4, 3, 4), (99, 3, 4), (1, 0, 1)])
def test_a_fault_has_a_place_in_every_answer(at: int, count: int, found: int) -> None:
    assert position(Fault(kind="cut", at=at), count) == found


@pytest.mark.parametrize(
    ("kind", "before", "inside"),
    [
        ("permission", "permission_denied", "permission_denied"),
        ("rate_limit", "rate_limited", "rate_limited"),
        ("token_limit", "token_limited", "token_limited"),
        ("overloaded", "overloaded", "overloaded"),
        ("moderation", "moderation_input", "moderation_output"),
        ("crash", "upstream_error", "upstream_cut"),
        ("cut", "upstream_cut", "upstream_cut"),
        ("garbage", "upstream_error", "upstream_error"),
    ],
)
def test_a_fault_becomes_a_failure(kind: Any, before: str, inside: str) -> None:
    fault = Fault(kind=kind)
    refusal, broken = failure(fault, "acme", started=False), failure(fault, "acme", started=True)
    assert refusal is not None and broken is not None
    assert (refusal.class_, broken.class_) == (before, inside)


@pytest.mark.parametrize("kind", ["stall", "slow_first"])
def test_some_faults_only_let_time_pass(kind: Any) -> None:
    assert failure(Fault(kind=kind), "acme", started=False) is None
    assert failure(Fault(kind=kind), "acme", started=True) is None


def test_the_wait_is_in_the_headers_and_in_the_body() -> None:
    fault = Fault(kind="rate_limit", retry_after_s=2.5)
    assert headers(fault) == {"retry-after": "2.5"}
    assert b'"retry_after_s":2.5' in body(fault, REFUSALS["rate_limit"])
    assert headers(Fault(kind="rate_limit")) == {}
