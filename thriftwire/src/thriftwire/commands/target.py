"""What the commands that talk to a service have in common: their flags, and the service those flags name.

Flag names are kitexcall's where it has them, with one dash or two.
"""

from __future__ import annotations

import argparse
import ssl
from collections.abc import Sequence
from typing import Any, Final

from thriftwire.client import Timeouts
from thriftwire.commands.outcome import Usage
from thriftwire.service import Method, Service
from thriftwire.thrift.runtime import Contract, load

TRANSPORTS: Final = ("auto", "framed", "buffered", "ttheader", "ttheaderframed", "ttstream", "grpc")
_UNARY_WIRES: Final = ("framed", "buffered", "ttheader", "ttheaderframed")


def add_idl(parser: argparse.ArgumentParser) -> None:
    """``-p`` and ``--include-path``."""
    parser.add_argument("-p", "-idl-path", "--idl-path", required=True, metavar="FILE", help="the IDL")
    parser.add_argument(
        "-include-path", "--include-path", action="append", default=[], metavar="DIR", help="where to look for includes"
    )
    parser.add_argument("-t", "-type", "--type", choices=["thrift"], default="thrift", help="the kind of IDL")


def add_method(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """``-m``."""
    parser.add_argument(
        "-m", "-method", "--method", required=required, metavar="[SERVICE/]METHOD", help="the method as in the IDL"
    )


def add_endpoint(parser: argparse.ArgumentParser) -> None:
    """``-e``, ``--transport``, TLS and the time to connect."""
    where = "where it is served; several are taken in turn"
    parser.add_argument(
        *("-e", "-endpoint", "--endpoint"), action="append", required=True, metavar="HOST:PORT", help=where
    )
    wire = "the wire; auto (the default) is ttstream for streams, ttheaderframed for other calls"
    parser.add_argument("-transport", "--transport", type=str.lower, choices=TRANSPORTS, default="auto", help=wire)
    parser.add_argument("--connect-timeout", type=positive, default=3.0, metavar="S", help="default 3 s")
    parser.add_argument("--tls", action="store_true", help="connect with TLS")
    parser.add_argument("--tls-ca", metavar="FILE", help="trust these certificates; implies --tls")
    parser.add_argument("--tls-insecure", action="store_true", help="trust any certificate; implies --tls")


def positive(text: str) -> float:
    """A number of seconds above zero."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return value


def count(text: str) -> int:
    """A whole number above zero."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def pair(text: str) -> tuple[str, str]:
    """``key=value``."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"expected key=value, not {text!r}")
    return key, value


def contract(arguments: argparse.Namespace) -> Contract:
    """The IDL that ``-p`` names."""
    return load(arguments.idl_path, include_paths=arguments.include_path)


def method(arguments: argparse.Namespace) -> tuple[Service[Any], Method]:
    """The method that ``-p`` and ``-m`` name."""
    return method_of(contract(arguments), arguments.method)


def method_of(known: Contract, name: str) -> tuple[Service[Any], Method]:
    """The method called ``name``. Raises Usage."""
    try:
        return known.find(name)
    except LookupError as error:
        raise Usage(str(error.args[0])) from error


def transport(asked: str, called: Method) -> str:
    """The wire for a method. ``auto`` takes the one that carries most: TTHeader Streaming, or TTHeader and framed."""
    streaming = called.mode.streaming
    if asked == "auto":
        return "ttstream" if streaming else "ttheaderframed"
    if streaming and asked in _UNARY_WIRES:
        raise Usage(f"{called.name} streams, which {asked} cannot: use ttstream or grpc")
    if not streaming and asked == "ttstream":
        raise Usage(f"{called.name} does not stream: use ttheader, ttheaderframed, framed, buffered or grpc")
    return asked


def connection(arguments: argparse.Namespace, called: Method, timeouts: Timeouts | None = None) -> dict[str, Any]:
    """The options of `thriftwire.connect` that the flags say."""
    return {
        "transport": transport(arguments.transport, called),
        "name": "thriftwire.cli",
        "timeouts": timeouts or Timeouts(connect_s=arguments.connect_timeout),
        "tls": tls(arguments),
    }


def tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    """How to trust the server; None for a plain connection."""
    if not (arguments.tls or arguments.tls_ca or arguments.tls_insecure):
        return None
    context = ssl.create_default_context(cafile=arguments.tls_ca)
    if arguments.tls_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def address(arguments: argparse.Namespace) -> Sequence[str]:
    """The endpoints of ``-e``; a port must be said."""
    for endpoint in arguments.endpoint:
        if not endpoint.startswith(("unix:", "memory:")) and not endpoint.rpartition(":")[2].isdigit():
            raise Usage(f"expected HOST:PORT, not {endpoint!r}")
    return arguments.endpoint


def host_and_port(text: str) -> tuple[str, int]:
    """A TCP address. Raises Usage."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise Usage(f"expected HOST:PORT, not {text!r}")
    return host.strip("[]"), int(port)
