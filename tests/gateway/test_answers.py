"""A failure is a status, an error object, and advice for who tries again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from promptwire.api.message import RateLimit
from promptwire.errors import CLASSES, Failure
from promptwire.gateway.answers import advice, allowance, native, refuse, reply, stopping


class Sent(list[dict[str, Any]]):
    """What was sent."""

    async def send(self, message: Any) -> None:
        self.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self[0]["headers"])


@pytest.mark.parametrize("class_", list(CLASSES))
async def test_every_class_is_its_status(class_: Any) -> None:
    sent = Sent()
    await refuse(sent.send, Failure(class_, "so it is", trace_id="t"))
    assert sent[0]["status"] == CLASSES[class_].http_status
    error = json.loads(sent[1]["body"])["error"]
    assert (error["class"], error["code"], error["trace_id"]) == (class_, CLASSES[class_].code, "t")
    assert sent.headers[b"content-length"] == b"%d" % len(sent[1]["body"])


async def test_a_value_is_not_kept_by_anybody() -> None:
    sent = Sent()
    await reply(sent.send, {"a": 1}, ((b"x-a", b"b"),), status=201)
    assert (sent[0]["status"], sent[1]["body"]) == (201, b'{"a":1}')
    assert sent.headers[b"cache-control"] == b"no-store"
    assert sent.headers[b"x-a"] == b"b"


@pytest.mark.parametrize(("seconds", "whole", "exact"), [(0.0, b"0", b"0"), (0.2, b"1", b"200"), (61, b"61", b"61000")])
def test_when_to_come_back_is_said_in_whole_seconds_and_exactly(seconds: float, whole: bytes, exact: bytes) -> None:
    said = dict(advice(Failure("rate_limited", "later", retry_after_s=seconds)))
    assert said == {b"x-should-retry": b"true", b"retry-after": whole, b"retry-after-ms": exact}


def test_what_will_not_get_better_is_not_to_be_tried_again() -> None:
    assert dict(advice(Failure("budget_exhausted", "spent"))) == {b"x-should-retry": b"false"}


def test_an_absent_field_is_left_out() -> None:
    assert json.loads(native(Failure("not_found", "no"))) == {
        "error": {"code": 40400, "class": "not_found", "phase": "connect", "message": "no", "retryable": False}
    }


def test_a_server_that_stops_is_worth_another_try() -> None:
    assert stopping("mid_stream").retryable
    assert stopping("mid_stream").phase == "mid_stream"


def test_the_tightest_limit_of_each_kind_is_told() -> None:
    said = allowance(
        [
            RateLimit(limit="a", kind="tokens", amount=1000, remaining=700.9, reset_s=18),
            RateLimit(limit="b", kind="tokens", amount=500, remaining=-3, reset_s=60.25),
            RateLimit(limit="c", kind="requests", amount=10, remaining=9, reset_s=6),
        ]
    )
    assert dict(said) == {
        b"x-ratelimit-limit-requests": b"10",
        b"x-ratelimit-remaining-requests": b"9",
        b"x-ratelimit-reset-requests": b"6.000s",
        b"x-ratelimit-limit-tokens": b"500",
        b"x-ratelimit-remaining-tokens": b"0",
        b"x-ratelimit-reset-tokens": b"60.250s",
    }
    assert list(allowance(None)) == []
