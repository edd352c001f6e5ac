from __future__ import annotations

import argparse
import ssl
from pathlib import Path

import pytest

from thriftwire.commands import target
from thriftwire.commands.outcome import Usage
from thriftwire.service import Method, Mode

IDL = str(Path(__file__).parent.parent / "contract/everything.thrift")


def parsed(*flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    target.add_idl(parser)
    target.add_method(parser)
    target.add_endpoint(parser)
    return parser.parse_args(["-p", IDL, "-m", "Watch", "-e", "127.0.0.1:1", *flags])


def method(mode: Mode) -> Method:
    _, found = target.method(parsed())
    return Method(name="M", attribute="m", mode=mode, request=found.request, response=found.response)


def test_kitexcalls_spellings_are_taken_with_one_dash_or_two() -> None:
    flags = [
        "-idl-path",
        IDL,
        "-method",
        "Everything/Add",
        "-endpoint",
        "a:1",
        "--endpoint",
        "b:2",
        "-transport",
        "Framed",
    ]
    parser = argparse.ArgumentParser()
    target.add_idl(parser)
    target.add_method(parser)
    target.add_endpoint(parser)
    arguments = parser.parse_args([*flags, "-transport", "Framed", "-include-path", "x", "-type", "thrift"])
    assert (arguments.method, arguments.endpoint, arguments.transport) == ("Everything/Add", ["a:1", "b:2"], "framed")
    assert target.method(arguments)[1].name == "Add"


def test_auto_takes_the_wire_that_carries_most() -> None:
    assert target.transport("auto", method(Mode.SERVER)) == "ttstream"
    assert target.transport("auto", method(Mode.PING_PONG)) == "ttheaderframed"
    assert target.transport("grpc", method(Mode.CLIENT)) == target.transport("grpc", method(Mode.UNARY)) == "grpc"


def test_a_wire_that_cannot_carry_the_method_is_refused() -> None:
    with pytest.raises(Usage, match="M streams, which framed cannot: use ttstream or grpc"):
        target.transport("framed", method(Mode.BIDIRECTIONAL))
    with pytest.raises(Usage, match="M does not stream: use ttheader"):
        target.transport("ttstream", method(Mode.PING_PONG))


def test_an_unknown_method_and_an_endpoint_without_a_port_are_refused() -> None:
    with pytest.raises(Usage, match="there is no method 'Nope'; there are Everything/Ping"):
        target.method(parsed("-m", "Nope"))
    with pytest.raises(Usage, match="expected HOST:PORT, not 'localhost'"):
        target.address(parsed("-e", "localhost"))
    assert target.address(parsed("-e", "unix:/tmp/x")) == ["127.0.0.1:1", "unix:/tmp/x"]


def test_tls_is_asked_for_in_three_ways() -> None:
    assert target.tls(parsed()) is None
    plain = target.tls(parsed("--tls"))
    assert plain is not None
    assert plain.verify_mode is ssl.CERT_REQUIRED
    insecure = target.tls(parsed("--tls-insecure"))
    assert insecure is not None
    assert insecure.verify_mode is ssl.CERT_NONE


def test_values_of_flags() -> None:
    assert target.pair("a=b=c") == ("a", "b=c")
    assert (target.positive("0.5"), target.count("3")) == (0.5, 3)
    for read, text in ((target.pair, "a"), (target.pair, "=b"), (target.count, "0")):
        with pytest.raises(argparse.ArgumentTypeError):
            read(text)
    for text in ("0", "-1", "nan", "inf"):
        with pytest.raises(argparse.ArgumentTypeError):
            target.positive(text)
