"""``thriftwire describe``: one method, with JSON to fill in."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from thriftwire.commands import target
from thriftwire.commands.listing import kind
from thriftwire.service import Method
from thriftwire.thrift.jsonvalues import request_skeleton, response_skeleton, skeleton
from thriftwire.thrift.table import table_of

HELP = "describe a method: its documentation and skeletons of its JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    target.add_idl(parser)
    target.add_method(parser)
    parser.add_argument("--skeleton", action="store_true", help="print the request alone, ready for call -d")


def run(arguments: argparse.Namespace) -> int:
    """Print the description."""
    service, method = target.method(arguments)
    if arguments.skeleton:
        print(_json(request_skeleton(method)))
        return 0
    print(f"{service.name}/{method.name}  ({kind(method)})")
    for line in method.doc.splitlines():
        print(f"  {line}")
    for key, value in method.annotations.items():
        print(f"  {key} = {value!r}")
    plural = "each request" if method.mode.client_streams else "request"
    print(f"\n{plural}:\n{_json(request_skeleton(method))}")
    if not method.oneway:
        plural = "each response" if method.mode.server_streams else "response"
        print(f"\n{plural}:\n{_json(response_skeleton(method))}")
    for name, value in _exceptions(method).items():
        print(f"\nthrows {name}:\n{_json(value)}")
    return 0


def _exceptions(method: Method) -> dict[str, Any]:
    return {error.__name__: skeleton(table_of(error)) for error in method.throws}


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
