from __future__ import annotations

import pytest

from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    DecodeError,
    LimitExceeded,
    RecvTimeout,
    RPCError,
    ServerDraining,
    StreamTimeout,
    TransportError,
)
from thriftwire.events import BizStatus, End, Failure, Reset
from thriftwire.failures import end_error, handler_end, reset_error, to_error, to_failure


@pytest.mark.parametrize(
    "error",
    [
        Cancelled("c"),
        RecvTimeout("r"),
        StreamTimeout("s"),
        LimitExceeded("l"),
        ServerDraining("d"),
        TransportError("t"),
        ApplicationError(20, "a"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_ours_is_the_same_on_the_other_side(error: RPCError) -> None:
    back = to_error(to_failure(error))
    assert type(back) is type(error)
    assert (back.code, back.message) == (error.code, error.message)


def test_every_way_of_cancelling_is_cancelled_with_its_code_and_path() -> None:
    error = to_error(Failure(12010, "by upstream"), ("a", "b"))
    assert isinstance(error, Cancelled) and (error.code, error.path) == (12010, ("a", "b"))


def test_a_reset_with_a_code_of_its_own_is_a_cancellation() -> None:
    error = reset_error(Reset(call_id=1, failure=Failure(4242, "why"), path=("a",)))
    assert isinstance(error, Cancelled) and (error.code, error.message, error.path) == (4242, "why", ("a",))


def test_a_reset_for_lack_of_time_is_a_timeout() -> None:
    assert isinstance(reset_error(Reset(call_id=1, failure=Failure(12015, "late"))), StreamTimeout)


def test_a_handlers_business_status_travels_whole() -> None:
    end = handler_end(7, BizStatusError(40400, "no", {"k": "v"}), {"t": "1"})
    assert end == End(call_id=7, trailers={"t": "1"}, biz=BizStatus(40400, "no", {"k": "v"}))
    error = end_error(end)
    assert isinstance(error, BizStatusError) and (error.code, error.extra) == (40400, {"k": "v"})


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ValueError("boom"), Failure(6, "biz error: boom")),
        (RecvTimeout("downstream was slow"), Failure(6, "biz error: downstream was slow")),
        (ApplicationError(42, "typed"), Failure(42, "typed")),
        (DecodeError("truncated", "Ping.text"), Failure(7, "Ping.text: truncated")),
    ],
)
def test_a_handlers_other_errors_are_exceptions_of_kitexs_types(error: Exception, failure: Failure) -> None:
    assert handler_end(1, error, {}).failure == failure


def test_a_failure_wins_over_a_business_status() -> None:
    end = End(call_id=1, failure=Failure(6, "f"), biz=BizStatus(1, "b", {}))
    assert isinstance(end_error(end), ApplicationError)
    assert end_error(End(call_id=1)) is None
