"""A business status as string entries."""

from __future__ import annotations

import pytest

from thriftwire import biz
from thriftwire.errors import LocalProtocolError
from thriftwire.events import BizStatus, Failure


def test_both_ways() -> None:
    status = BizStatus(10001, "biz failed", {"k": "v"})
    entries = {"biz-status": "10001", "biz-message": "biz failed", "biz-extra": '{"k":"v"}'}
    assert biz.entries(status) == entries
    assert biz.read(entries, "biz failed") == status
    assert biz.EXTRA not in biz.entries(BizStatus(1, "m", {}))


def test_the_extra_is_ascii_whatever_it_says() -> None:
    status = BizStatus(1, "m", {"é": "✓ 𝄞 \n \x7f \\"})
    raw = biz.entries(status)["biz-extra"]
    assert raw.isascii()
    assert raw.isprintable()
    assert biz.read({"biz-status": "1", "biz-extra": raw}, "m") == status


@pytest.mark.parametrize("code", [0, 2**31, -(2**31) - 1])
def test_a_code_the_peer_would_lose_is_our_mistake(code: int) -> None:
    with pytest.raises(LocalProtocolError):
        biz.entries(BizStatus(code, "m", {}))


def test_an_extra_that_is_not_text_is_our_mistake() -> None:
    with pytest.raises(LocalProtocolError):
        biz.entries(BizStatus(1, "m", {"k": "\ud800"}))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10001", 10001),
        ("-5", -5),
        ("+5", 5),
        ("2147483647", 2**31 - 1),
        ("-2147483648", -(2**31)),
        ("0", 0),
        ("", None),
        ("-", None),
        ("x", None),
        ("1.0", None),
        ("1_0", None),
        (" 1", None),
        ("2147483648", None),
        ("-2147483649", None),
        ("99999999999", None),
        ("٣", None),
    ],
)
def test_codes_as_kitex_parses_them(text: str, number: int | None) -> None:
    assert biz.read_int32(text) == number
    outcome = biz.read({"biz-status": text}, "m")
    assert outcome == (BizStatus(number, "m", {}) if number else None)


@pytest.mark.parametrize(
    ("raw", "extra"),
    [
        ('{"k":"v"}', {"k": "v"}),
        ('{"k":"\\u00e9"}', {"k": "é"}),
        ('{"k":"é"}', {"k": "é"}),
        ("{}", {}),
        ("null", {}),
        ("", {}),
    ],
)
def test_extras_as_kitex_parses_them(raw: str, extra: dict[str, str]) -> None:
    assert biz.read({"biz-status": "5", "biz-extra": raw}, "m") == BizStatus(5, "m", extra)


@pytest.mark.parametrize("raw", ['{"k":1}', '{"k":', "[]", '"\ud800"', '{"k":null}'])
def test_a_malformed_extra_is_a_failure(raw: str) -> None:
    outcome = biz.read({"biz-status": "5", "biz-extra": raw}, "m")
    assert isinstance(outcome, Failure)
    assert outcome.code == 12003
    assert biz.read({"biz-status": "0", "biz-extra": raw}, "m") is None
