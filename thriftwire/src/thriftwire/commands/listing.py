"""``thriftwire list``: the methods of an IDL."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from thriftwire.commands import target
from thriftwire.service import Method

HELP = "list the services and methods of an IDL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    target.add_idl(parser)
    parser.add_argument("--json", action="store_true", help="print JSON, a method a line")


def run(arguments: argparse.Namespace) -> int:
    """Print a method a line."""
    contract = target.contract(arguments)
    rows = [
        (f"{service.name}/{method.name}", kind(method), first_line(method))
        for service in contract.services.values()
        for method in service.methods.values()
    ]
    width = max((len(name) for name, _, _ in rows), default=0)
    for name, mode, doc in rows:
        row: dict[str, Any] = {"method": name, "mode": mode, "doc": doc}
        print(msgspec.json.encode(row).decode() if arguments.json else f"{name:<{width}}  {mode:<13}  {doc}".rstrip())
    return 0


def kind(method: Method) -> str:
    """How a method speaks, in a word."""
    return "oneway" if method.oneway else method.mode.value or "ping-pong"


def first_line(method: Method) -> str:
    """The first line of a method's documentation."""
    return method.doc.partition("\n")[0]
