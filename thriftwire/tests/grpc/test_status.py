"""Status codes, reset codes and messages."""

from __future__ import annotations

import pytest

from thriftwire.errors import LimitExceeded, ServerDraining, StreamTimeout, TransportError
from thriftwire.events import Failure
from thriftwire.grpc import status
from thriftwire.grpc.status import ResetCode, Status


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (0, Status.UNKNOWN),
        (1, Status.UNIMPLEMENTED),
        (20, Status.UNIMPLEMENTED),
        (6, Status.INTERNAL),
        (7, Status.INVALID_ARGUMENT),
        (12007, Status.CANCELLED),
        (12013, Status.CANCELLED),
        (12014, Status.DEADLINE_EXCEEDED),
        (StreamTimeout.code, Status.DEADLINE_EXCEEDED),
        (LimitExceeded.code, Status.RESOURCE_EXHAUSTED),
        (ServerDraining.code, Status.UNAVAILABLE),
        (TransportError.code, Status.UNAVAILABLE),
        (4242, Status.INTERNAL),
    ],
)
def test_failures_have_a_status(code: int, expected: Status) -> None:
    assert status.status_of(code) is expected


@pytest.mark.parametrize(
    ("number", "text", "failure"),
    [
        (13, "boom", Failure(6, "boom")),
        (12, "no such method", Failure(1, "no such method")),
        (4, "late", Failure(12015, "late")),
        (8, "too many", Failure(LimitExceeded.code, "too many")),
        (14, "gone", Failure(12006, "gone")),
        (1, "context canceled", Failure(12009, "context canceled")),
        (1, "unknown method Foo", Failure(1, "unknown method Foo")),  # Kitex leaks Thrift's numbers
        (20, "unknown service Foo", Failure(20, "unknown service Foo")),
        (7, "no", Failure(0, "PERMISSION_DENIED: no")),
        (5, "gone", Failure(0, "NOT_FOUND: gone")),
        (99, "?", Failure(0, "status 99: ?")),
    ],
)
def test_statuses_are_failures(number: int, text: str, failure: Failure) -> None:
    assert status.failure_of(number, text) == failure


@pytest.mark.parametrize(
    ("code", "back"), [(6, True), (1, True), (12015, True), (20, False), (12007, False), (12014, False)]
)
def test_codes_that_need_to_travel_beside(code: int, back: bool) -> None:
    assert status.comes_back(code, "text") is back


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (8, Failure(12010, "cancelled by the peer")),
        (0, Failure(12010, "reset with code 0")),
        (7, Failure(ServerDraining.code, "the stream was refused")),
        (11, Failure(LimitExceeded.code, "the peer asks for calm")),
        (1000, Failure(ServerDraining.code, "graceful shutdown")),
    ],
)
def test_resets_are_failures(code: int, failure: Failure) -> None:
    assert status.reset_failure(code, by_upstream=True) == failure
    assert status.reset_failure(code, by_upstream=False).code == (12009 if failure.code == 12010 else failure.code)


@pytest.mark.parametrize(
    ("code", "reset"),
    [
        (12007, ResetCode.CANCEL),
        (12014, ResetCode.CANCEL),
        (12015, ResetCode.CANCEL),
        (ServerDraining.code, ResetCode.GRACEFUL_SHUTDOWN),
        (LimitExceeded.code, ResetCode.ENHANCE_YOUR_CALM),
        (6, ResetCode.INTERNAL_ERROR),
    ],
)
def test_failures_have_a_reset(code: int, reset: ResetCode) -> None:
    assert status.reset_code(code) is reset


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", ""),
        ("biz failed", "biz failed"),
        ("100 %", "100 %25"),
        ("é\n", "%C3%A9%0A"),
        (" a b ", "%20a b%20"),
        ("  ", "%20%20"),
        ("~!@#$^&*()_+=[]{}|;':\",./<>?`", "~!@#$^&*()_+=[]{}|;':\",./<>?`"),
    ],
)
def test_messages_are_percent_encoded(text: str, encoded: str) -> None:
    assert status.encode_message(text) == encoded
    assert status.decode_message(encoded) == text


@pytest.mark.parametrize(("encoded", "text"), [("50%", "50%"), ("%zz", "%zz"), ("%ff", "\\xff"), ("a%20b", "a b")])
def test_messages_that_are_not_properly_encoded_are_read(encoded: str, text: str) -> None:
    assert status.decode_message(encoded) == text


def test_text_that_is_not_text_is_written_all_the_same() -> None:
    assert status.encode_message("\ud800") == "\\ud800"


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("13", 13), ("", None), ("-1", None), ("x", None), ("²", None)])
def test_status_numbers(text: str, number: int | None) -> None:
    assert status.read_status(text) == number
