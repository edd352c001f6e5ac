"""The place for how a command is told which server to ask, as whom, and what its exit code says."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Final

from promptwire.client.server import API_KEY, DEFAULT_URL, URL, USER, Server
from promptwire.errors import Failure

FAILED: Final = 1
WRONG: Final = 2
UNREACHABLE: Final = 3
CONFLICT: Final = 4


def add_server(parser: argparse.ArgumentParser) -> None:
    """The options of every command that asks a server."""
    parser.add_argument("--server", metavar="URL", help=f"the server to ask; {URL}, {DEFAULT_URL}")
    parser.add_argument("--api-key", metavar="KEY", help=f"the key it wants to see; {API_KEY}")
    parser.add_argument("--user", metavar="NAME", help=f"the person it is done for; {USER}")


def told(work: Callable[[], int]) -> int:
    """The exit code of what asks a server; what goes wrong is said on standard error."""
    from promptwire.client.errors import Unreachable
    from promptwire.files.fault import FileError

    try:
        return work()
    except (FileError, OSError) as error:
        print(f"promptwire: {error}", file=sys.stderr)
        return WRONG
    except Unreachable as error:
        print(f"promptwire: {error.message}", file=sys.stderr)
        return UNREACHABLE
    except Failure as failure:
        print(f"promptwire: {failure.class_}: {failure.message}", file=sys.stderr)
        return FAILED


def server(options: argparse.Namespace) -> Server:
    """The server a command is to ask."""
    return Server.of(options.server, options.api_key, options.user)
