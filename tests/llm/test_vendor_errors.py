"""Vendors' refusals are understood, and their secrets kept."""

from __future__ import annotations

import datetime as dt
import email.utils

import msgspec
import pytest

from promptwire.llm.vendor_errors import MAX_BODY_CHARS, redact, refused, reported, retry_after


def openai(type: str, code: str | None = None, message: str = "why") -> bytes:
    return msgspec.json.encode({"error": {"message": message, "type": type, "param": None, "code": code}})


@pytest.mark.parametrize(
    ("status", "body", "class_"),
    [
        (400, openai("invalid_request_error"), "invalid_request"),
        (400, openai("invalid_request_error", "context_length_exceeded"), "invalid_request"),
        (400, openai("invalid_request_error", "content_filter"), "moderation_input"),
        (401, openai("invalid_request_error", "invalid_api_key"), "permission_denied"),
        (402, b"Insufficient Balance", "budget_exhausted"),
        (403, b"", "permission_denied"),
        (404, openai("invalid_request_error", "model_not_found"), "not_found"),
        (413, b'{"type":"error","error":{"type":"request_too_large","message":"why"}}', "invalid_request"),
        (422, b'{"detail":[{"msg":"field required"}]}', "invalid_request"),
        (429, openai("requests", "rate_limit_exceeded"), "rate_limited"),
        (429, openai("tokens"), "token_limited"),
        (429, openai("insufficient_quota", "insufficient_quota"), "budget_exhausted"),
        (429, b'[{"error":{"code":429,"message":"why","status":"RESOURCE_EXHAUSTED"}}]', "rate_limited"),
        (500, openai("server_error"), "upstream_error"),
        (502, b"<html>bad gateway</html>", "upstream_error"),
        (503, b'{"error":{"code":503,"message":"why","status":"UNAVAILABLE"}}', "overloaded"),
        (529, b'{"type":"error","error":{"type":"overloaded_error","message":"why"}}', "overloaded"),
        (307, b"", "upstream_error"),
        (502, b'{"error":{"class":"timeout_idle","code":50403,"message":"why"}}', "timeout_idle"),
        (500, b"[]", "upstream_error"),
        (500, b'{"error":"plain"}', "upstream_error"),
        (500, b"\xff\xfe{", "upstream_error"),
    ],
)
def test_status_and_words_make_the_class(status: int, body: bytes, class_: str) -> None:
    failure = refused("acme", status, {}, body, ())
    assert (failure.class_, failure.phase, failure.vendor, failure.vendor_status) == (class_, "connect", "acme", status)


def test_a_word_that_names_no_class_of_ours_is_not_believed() -> None:
    assert refused("acme", 500, {}, b'{"error":{"class":"nonsense"}}', ()).class_ == "upstream_error"


@pytest.mark.parametrize(
    ("body", "class_"),
    [
        (openai("server_error"), "upstream_error"),
        (openai("tokens"), "token_limited"),
        (openai("invalid_request_error", "content_filter"), "moderation_output"),
        (b'{"type":"error","error":{"type":"overloaded_error","message":"why"}}', "overloaded"),
        (b'{"error":{"message":"why","type":null,"code":"500"}}', "upstream_error"),
    ],
)
def test_an_error_inside_a_stream_goes_by_its_words(body: bytes, class_: str) -> None:
    failure = reported("acme", body, ())
    assert (failure.class_, failure.phase, failure.message) == (class_, "first_packet", "acme broke off: why")


def test_the_wait_comes_from_headers_or_from_the_body() -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    assert retry_after({"retry-after": "7"}) == 7
    assert retry_after({"retry-after": "7", "retry-after-ms": "1500"}) == 1.5
    assert 80 < (retry_after({"retry-after": email.utils.format_datetime(soon, usegmt=True)}) or 0) <= 90
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "nan"}) is None
    assert retry_after({}) is None
    details = b'{"error":{"status":"RESOURCE_EXHAUSTED","details":[{"@type":"RetryInfo","retryDelay":"37.5s"}]}}'
    assert refused("acme", 429, {}, details, ()).retry_after_s == 37.5
    assert refused("acme", 429, {"retry-after": "3"}, details, ()).retry_after_s == 3
    assert reported("acme", b'{"error":{"class":"rate_limited","retry_after_s":2}}', ()).retry_after_s == 2


def test_secrets_do_not_leave() -> None:
    said = openai(
        "invalid_request_error",
        None,
        "bad key hunter2hunter2; Bearer abcdefgh123; sk-proj-12345678; key=AIzaSyA1234567890abcdefgh",
    )
    failure = refused("acme", 401, {}, said, ("hunter2hunter2",))
    for text in (failure.message, failure.vendor_body or "", str(failure.extra)):
        for secret in ("hunter2", "abcdefgh123", "sk-proj", "AIza"):
            assert secret not in text
    assert redact("nothing to hide", ()) == "nothing to hide"


def test_a_long_body_is_cut() -> None:
    assert len(refused("acme", 500, {}, b"x" * 10_000, ()).vendor_body or "") == MAX_BODY_CHARS
