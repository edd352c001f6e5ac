"""What header fields mean to a call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from thriftwire.errors import LocalProtocolError
from thriftwire.events import BizStatus, End, Failure, Open
from thriftwire.grpc import metadata
from thriftwire.grpc.status import Status


def opened(event: Open, package: str = "demo", authority: str = "echo.server") -> dict[str, str]:
    fields = metadata.open_fields(event, package=package, authority=authority, scheme="http")
    return metadata.read_fields(fields)


def test_a_request_is_what_kitex_would_write() -> None:
    event = Open(
        call_id=1,
        service="EchoSvc",
        method="EchoBidi",
        transient={"TKEY": "tval"},
        upstream={"U_KEY": "uval"},
        persistent={"P_KEY": "pval"},
        headers={"Hk": "hv"},
        caller="cli.svc",
        timeout_ms=5000,
    )
    assert list(opened(event).items()) == [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/demo.EchoSvc/EchoBidi"),
        (":authority", "echo.server"),
        ("content-type", "application/grpc+thrift"),
        ("user-agent", "thriftwire"),
        ("te", "trailers"),
        ("grpc-timeout", "5000000u"),
        ("rpc-transit-tkey", "tval"),
        ("rpc-transit-upstream-u-key", "uval"),
        ("rpc-persist-p-key", "pval"),
        ("hk", "hv"),
        ("source-service", "cli.svc"),
    ]
    entries = opened(event)
    back = metadata.read_open(1, entries, "EchoSvc", "EchoBidi")
    assert (back.transient, back.upstream, back.persistent) == ({"TKEY": "tval"}, {"U_KEY": "uval"}, {"P_KEY": "pval"})
    assert (back.headers, back.caller, back.timeout_ms, back.streaming) == ({"hk": "hv"}, "cli.svc", 5000, None)


def test_without_a_package_the_path_has_none() -> None:
    entries = opened(Open(call_id=1, service="S", method="M"), package="", authority="")
    assert (entries[":path"], entries[":authority"]) == ("/S/M", "S")


def test_metainfo_keys_come_back_in_upper_case() -> None:
    entries = opened(Open(call_id=1, service="S", method="M", transient={"Hello": "v", "": "x", "EMPTY": ""}))
    assert metadata.read_open(1, entries, "S", "M").transient == {"HELLO": "v"}


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/demo.EchoSvc/EchoBidi", ("EchoSvc", "EchoBidi")),
        ("/EchoSvc/EchoBidi", ("EchoSvc", "EchoBidi")),
        ("/a.b.c.EchoSvc/EchoBidi", ("EchoSvc", "EchoBidi")),
        ("/a/b.S/M", ("S", "M")),
        ("EchoSvc/EchoBidi", None),
        ("/EchoSvc", None),
        ("/EchoSvc/", None),
        ("//M", None),
        ("", None),
    ],
)
def test_paths(path: str, parts: tuple[str, str] | None) -> None:
    assert metadata.read_path(path) == parts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", "x"),
        ("te", "x"),
        ("grpc-status", "0"),
        (":path", "/"),
        ("biz-status", "1"),
        ("connection", "close"),
        ("with space", "x"),
        ("é", "x"),
        ("", "x"),
        ("k", "line\nfeed"),
        ("k", " outer space"),
        ("k", "\x00"),
        ("k", "\ud800"),
    ],
)
def test_entries_that_cannot_travel_are_our_mistake(name: str, value: str) -> None:
    with pytest.raises(LocalProtocolError):
        metadata.fields({name: value})


def test_names_are_lower_case_and_values_any_text() -> None:
    assert metadata.fields({"X-Trace": "é ✓"}) == [(b"x-trace", "é ✓".encode())]


@pytest.mark.parametrize("fields", [{"method": "M M"}, {"service": "é"}, {"method": "M\n"}])
def test_names_that_do_not_fit_a_path_are_our_mistake(fields: dict[str, Any]) -> None:
    with pytest.raises(LocalProtocolError):
        opened(replace(Open(call_id=1, service="S", method="M"), **fields))


def test_repeated_fields_are_joined_and_odd_bytes_kept_visible() -> None:
    assert metadata.read_fields([(b"k", b"1"), (b"k", b"2"), (b"o", b"\xff")]) == {"k": "1,2", "o": "\\xff"}


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0n"),
        (-5, "0n"),
        (1, "1000000n"),
        (100, "100000u"),
        (5000, "5000000u"),
        (200_000, "200000m"),
        (10**9, "1000000S"),
    ],
)
def test_deadlines_are_written_in_the_finest_unit_that_fits(milliseconds: int, text: str) -> None:
    assert metadata.encode_timeout(milliseconds) == text
    assert metadata.read_timeout(text) == max(0, milliseconds)


def test_a_deadline_beyond_all_units_is_the_longest() -> None:
    assert metadata.encode_timeout(2**80) == "99999999H"


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("4999724u", 5000),
        ("199999m", 199_999),
        ("1n", 1),
        ("2M", 120_000),
        ("1H", 3_600_000),
        ("", None),
        ("5", None),
        ("5x", None),
        ("-5m", None),
        ("123456789m", None),
        ("m", None),
    ],
)
def test_deadlines_are_read_rounded_up(text: str, milliseconds: int | None) -> None:
    assert metadata.read_timeout(text) == milliseconds


def ended(event: End) -> dict[str, str]:
    return metadata.read_fields(metadata.end_fields(event))


def test_success() -> None:
    event = End(call_id=1, trailers={"tk": "tv"})
    assert ended(event) == {"grpc-status": "0", "grpc-message": "", "tk": "tv"}
    assert metadata.read_end(1, ended(event)) == event


def test_a_business_status_as_kitex_writes_it() -> None:
    event = End(call_id=1, biz=BizStatus(10001, "biz failed", {"k": "v"}))
    assert ended(event) == {
        "grpc-status": "13",
        "grpc-message": "biz failed",
        "biz-status": "10001",
        "biz-extra": '{"k":"v"}',
    }
    assert metadata.read_end(1, ended(event)) == event


def test_a_business_extra_is_ascii_on_the_wire() -> None:
    event = End(call_id=1, biz=BizStatus(1, "é", {"é": "✓ 𝄞"}))
    assert all(name.isascii() and value.isascii() for name, value in metadata.end_fields(event))
    assert metadata.read_end(1, ended(event)) == event


@pytest.mark.parametrize("code", [6, 1, 20, 12007, 12014, 12015, 4242, 0])
def test_a_failures_code_comes_back(code: int) -> None:
    event = End(call_id=1, failure=Failure(code, "boom"))
    assert metadata.read_end(1, ended(event)) == event


def test_a_failure_wins_over_a_business_status() -> None:
    event = End(call_id=1, failure=Failure(6, "boom"), biz=BizStatus(5, "m", {}))
    assert ended(event) == {"grpc-status": "13", "grpc-message": "boom"}


@pytest.mark.parametrize("code", ["2147483648", "0", "x"])
def test_a_business_status_that_is_none_leaves_the_grpc_status(code: str) -> None:
    end = metadata.read_end(1, {"grpc-status": "13", "grpc-message": "m", "biz-status": code})
    assert end == End(call_id=1, failure=Failure(6, "m"))


def test_a_malformed_business_extra_is_a_failure() -> None:
    end = metadata.read_end(1, {"grpc-status": "13", "biz-status": "5", "biz-extra": "[]"})
    assert end.failure is not None
    assert end.failure.code == 12003


@pytest.mark.parametrize("entries", [{}, {"grpc-status": ""}, {"grpc-status": "x"}, {"tk": "tv"}])
def test_trailers_without_a_status_are_a_loss(entries: dict[str, str]) -> None:
    end = metadata.read_end(1, entries)
    assert end.failure is not None
    assert end.failure.code == 12004


def test_a_refusal_has_a_status_of_its_own() -> None:
    fields = metadata.read_fields(metadata.refusal_fields(Status.UNIMPLEMENTED, Failure(7, "compressed")))
    assert fields["grpc-status"] == "12"
    assert metadata.read_end(1, fields).failure == Failure(7, "compressed")


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({":method": "POST", "content-type": "application/grpc+thrift"}, None),
        ({":method": "POST", "content-type": "application/grpc"}, None),
        ({":method": "POST", "content-type": "application/grpc+proto"}, 415),
        ({":method": "POST", "content-type": "application/json"}, 415),
        ({":method": "POST"}, 415),
        ({":method": "GET", "content-type": "application/grpc+thrift"}, 405),
    ],
)
def test_what_is_not_grpc_is_refused_as_http(entries: dict[str, str], code: int | None) -> None:
    refused = metadata.refused_request(entries)
    assert (refused and refused[0]) == code


@pytest.mark.parametrize(
    ("entries", "fine"),
    [
        ({":status": "200", "content-type": "application/grpc"}, True),
        ({":status": "200", "content-type": "application/grpc+thrift"}, True),
        ({":status": "200", "content-type": "text/html"}, False),
        ({":status": "503", "content-type": "application/grpc"}, False),
        ({":status": "200"}, False),
    ],
)
def test_responses_that_are_not_grpc(entries: dict[str, str], fine: bool) -> None:
    assert (metadata.refused_response(entries) is None) is fine
    assert not metadata.is_end(entries)
    assert metadata.is_end(entries | {"grpc-status": "0"})


def test_an_answer_to_what_is_not_grpc() -> None:
    entries = metadata.read_fields(metadata.http_fields(415, "no"))
    assert metadata.refused_response(entries) == "HTTP status 415 no"


def test_the_wires_own_fields_are_not_the_applications() -> None:
    entries = {":status": "200", "content-type": "x", "grpc-status": "0", "te": "trailers", "hk": "hv"}
    assert metadata.application_entries(entries) == {"hk": "hv"}
