"""What the entries of a header mean to a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from thriftwire.events import BizStatus, End, Failure, Open
from thriftwire.ttheader import keys
from thriftwire.ttheader.frames import Header

Vectors = Callable[[str], list[Any]]


def test_metadata_by_its_prefixes(vectors: Vectors) -> None:
    header = vectors("S10")[0].frame.header
    event = keys.read_open(1, header, "EchoBidi", streaming=True)
    assert event == Open(
        call_id=1, service="EchoSvc", method="EchoBidi", transient={"TKEY": "tval"}, persistent={"PKEY": "pval"}
    )


def test_the_longer_prefix_is_tested_first() -> None:
    header = Header(0, {"RPC_TRANSIT_UPSTREAM_K": "old", "RPC_TRANSIT_K": "new"})
    event = keys.read_open(1, header, "M", streaming=False)
    assert (event.transient, event.upstream) == ({"K": "new"}, {"K": "old"})


def test_empty_metadata_does_not_travel() -> None:
    event = Open(call_id=1, service="", method="M", transient={"": "v", "k": ""}, persistent={"": "v", "k": ""})
    assert keys.open_strings(event) == {}
    header = Header(0, {"RPC_TRANSIT_": "v", "RPC_TRANSIT_k": "", "RPC_PERSIST_": "v", "RPC_PERSIST_k": ""})
    assert keys.read_open(1, header, "M", streaming=True).transient == {}
    assert keys.read_open(1, header, "M", streaming=True).persistent == {}


def test_the_acl_token_is_a_transient_entry_both_ways() -> None:
    event = Open(call_id=1, service="S", method="M", transient={"gdpr-token": "tok", "k": "v"})
    header = keys.open_header(0, keys.open_strings(event), keys.open_ints(event), event)
    assert header == Header(0, {"isn": "S", "RPC_TRANSIT_k": "v"}, {9: "M"}, "tok")
    assert keys.read_open(1, header, "M", streaming=True) == event


def test_the_service_is_not_a_header_of_the_application() -> None:
    event = keys.read_open(1, Header(0, {"isn": "S", "rip": "10.0.0.1"}), "M", streaming=True)
    assert (event.service, event.headers) == ("S", {"rip": "10.0.0.1"})
    assert keys.open_strings(event) == {"isn": "S", "rip": "10.0.0.1"}


def test_caller_and_deadline() -> None:
    event = Open(call_id=1, service="S", method="M", caller="me", timeout_ms=1500)
    assert keys.open_ints(event) == {9: "M", 3: "me", 12: "1500"}
    assert keys.open_ints(Open(call_id=1, service="S", method="M", timeout_ms=-5)) == {9: "M", 12: "0"}


@pytest.mark.parametrize(
    ("text", "timeout_ms"),
    [
        ("1500", 1500),
        ("0", 0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("9" * 16, 2**53),
        ("9" * 17, None),
    ],
)
def test_a_deadline_that_makes_no_sense_is_none(text: str, timeout_ms: int | None) -> None:
    assert keys.read_timeout(text) == timeout_ms


def test_a_failure_wins_over_a_business_status() -> None:
    strings = {"biz-status": "5", "biz-message": "m", "tk": "tv"}
    assert keys.read_end(1, strings, Failure(6, "boom")) == End(
        call_id=1, trailers={"tk": "tv"}, failure=Failure(6, "boom")
    )
    assert keys.read_end(1, strings, None) == End(call_id=1, trailers={"tk": "tv"}, biz=BizStatus(5, "m", {}))


def test_a_malformed_extra_is_a_failure_of_its_own() -> None:
    end = keys.read_end(1, {"biz-status": "5", "biz-extra": '{"k":1}'}, None)
    assert end.failure is not None
    assert end.failure.code == 12003
    assert end.biz is None
