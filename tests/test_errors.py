"""A failure is the same failure on every road, and hides what must be hidden."""

from __future__ import annotations

import asyncio
from typing import Any, get_args

import pytest

from promptwire.api.base import ErrorClass, Phase
from promptwire.errors import CLASS_OF_CODE, CLASSES, Failure, from_exception
from thriftwire import errors as wire

EVERYTHING: dict[str, Any] = {
    "phase": "mid_stream",
    "retryable": False,
    "retry_after_s": 1.5,
    "vendor": "acme",
    "vendor_status": 503,
    "vendor_body": "body",
    "trace_id": "t1",
    "details": {"rule": "r1"},
}


def remote(failure: Failure) -> Failure:
    """The failure as a caller of a remote service gets it."""
    return from_exception(wire.BizStatusError(failure.code, failure.message, failure.extra))


def test_the_table_knows_every_class_and_each_code_once() -> None:
    assert set(CLASSES) == set(get_args(ErrorClass))
    assert len(CLASS_OF_CODE) == len(CLASSES)
    assert all(row.phases and 400 <= row.http_status < 600 for row in CLASSES.values())


@pytest.mark.parametrize("class_", CLASSES)
@pytest.mark.parametrize("phase", get_args(Phase))
def test_every_class_crosses_a_wire_whole(class_: ErrorClass, phase: Phase) -> None:
    given: dict[str, Any] = EVERYTHING | {"phase": phase}
    failure = Failure(class_, "why", **given)
    assert remote(failure).to_error() == failure.to_error()


def test_what_is_absent_stays_absent() -> None:
    failure = Failure("rate_limited", "why")
    assert failure.extra == {"class": "rate_limited", "phase": "connect", "retryable": "true"}
    assert remote(failure).to_error() == failure.to_error()
    assert failure.to_error().details is None


def test_the_error_object_has_every_field() -> None:
    error = Failure("overloaded", "why", **EVERYTHING).to_error()
    expected = {"code": 50300, "class_": "overloaded", "message": "why"} | EVERYTHING
    assert {name: getattr(error, name) for name in error.__struct_fields__} == expected


def test_but_changes_the_phase_and_fills_in_the_trace() -> None:
    given: dict[str, Any] = EVERYTHING | {"trace_id": None}
    failure = Failure("overloaded", "why", **given)
    changed = failure.but(phase="first_packet", trace_id="t2")
    assert (changed.phase, changed.trace_id) == ("first_packet", "t2")
    assert changed.but(trace_id="t3").trace_id == "t2"
    assert failure.but() is failure


@pytest.mark.parametrize(
    ("exc", "before", "after"),
    [
        (wire.ConnectError("x"), "overloaded", "overloaded"),
        (wire.ConnectTimeout("x"), "timeout_connect", "timeout_connect"),
        (wire.RecvTimeout("x"), "timeout_first_token", "timeout_idle"),
        (wire.StreamTimeout("x"), "timeout_total", "timeout_total"),
        (TimeoutError(), "timeout_total", "timeout_total"),
        (wire.Cancelled("x"), "cancelled", "cancelled"),
        (asyncio.CancelledError(), "cancelled", "cancelled"),
        (wire.LimitExceeded("x"), "overloaded", "packet_limited"),
        (wire.TransportError("x"), "upstream_cut", "upstream_cut"),
        (wire.RemoteProtocolError("x"), "upstream_cut", "upstream_cut"),
        (wire.ApplicationError(6, "secret"), "internal", "internal"),
        (KeyError("secret"), "internal", "internal"),
        (wire.BizStatusError(7, "secret"), "internal", "internal"),
    ],
)
def test_whatever_is_raised_has_a_class(exc: BaseException, before: str, after: str) -> None:
    assert from_exception(exc).class_ == before
    failure = from_exception(exc, phase="mid_stream")
    assert (failure.class_, failure.phase) == (after, "mid_stream")
    assert "secret" not in str(failure.to_error())


@pytest.mark.parametrize("exc", [wire.ConnectError("x"), wire.ConnectTimeout("x")])
def test_what_was_never_reached_was_never_asked(exc: Exception) -> None:
    assert from_exception(exc, phase="first_packet").phase == "connect"


def test_a_failure_is_itself() -> None:
    failure = Failure("conflict", "why")
    assert from_exception(failure, phase="mid_stream") is failure


def test_nonsense_from_a_remote_service_is_left_out() -> None:
    extra = {"phase": "later", "retryable": "maybe", "retry_after_s": "nan", "vendor_status": "x"}
    failure = from_exception(wire.BizStatusError(42901, "why", extra), phase="first_packet")
    assert (failure.phase, failure.retryable) == ("first_packet", True)
    assert failure.retry_after_s is None and failure.vendor_status is None
