"""The ``thriftwire`` command: reads the command line and hands over to one module of `thriftwire.commands`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Final, NoReturn

from thriftwire.commands import bench, call, decode, describe, gen, listing, record, replay, serve, test
from thriftwire.commands.outcome import Exit, Usage
from thriftwire.errors import EncodeError, IDLError

COMMANDS: Final[dict[str, ModuleType]] = {
    "gen": gen,
    "call": call,
    "list": listing,
    "describe": describe,
    "serve": serve,
    "decode": decode,
    "bench": bench,
    "record": record,
    "replay": replay,
    "test": test,
}


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints end the process with our code for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Every command and its flags."""
    top = _Parser(prog="thriftwire", description="Kitex-compatible Thrift RPC from the command line.")
    top.add_argument("-version", "--version", action="version", version=f"thriftwire {version('thriftwire')}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the value is the process's exit code."""
    parsed = parser().parse_args(arguments)
    try:
        return parsed.run(parsed)
    except (Usage, EncodeError, IDLError, OSError) as error:
        print(f"thriftwire {parsed.command}: {error}", file=sys.stderr)
        return Exit.USAGE


if __name__ == "__main__":
    sys.exit(main())
