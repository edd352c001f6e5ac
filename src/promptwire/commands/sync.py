"""`promptwire pull`, `push`, `diff` and `status`: prompts of a server as files of a folder.

Exit codes: 0 all is well, 1 something differs, was refused or failed, 2 the command or a file is wrong, 3 no server
answers, 4 two edits conflict and a person has to decide.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from promptwire.commands.asking import CONFLICT, FAILED, add_server, told

if TYPE_CHECKING:
    from promptwire.checkout.checkout import Checkout, Outcome

EXITS: Final = "Exits with 0 when all is well, 1 when {one}, 3 when no server answers, 4 when edits conflict."
QUIET: Final = frozenset({"clean"})
DIFFERENT: Final = frozenset({"edited", "moved", "both", "new", "taken", "deleted", "gone"})
BAD: Final = frozenset({"refused", "broken", "taken", "left"})


def add(commands: Any) -> None:
    """The commands and their arguments."""
    _add_pull(commands.add_parser("pull", help="take prompts of a server into a folder as files"))
    _add_push(commands.add_parser("push", help="commit prompts that were edited as files"))
    _add_diff(commands.add_parser("diff", help="show what differs between files and the server"))
    _add_status(commands.add_parser("status", help="say which files were edited here, and which prompts there"))


def _add_pull(parser: argparse.ArgumentParser) -> None:
    one = "one was refused or has no such label"
    parser.description = (
        "Write prompts as files, and what was pulled into promptwire.lock. A file that was edited here is merged with "
        f"the server's newer version. {EXITS.format(one=one)}"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--label", metavar="NAME", help="the version a label is at, now and at later pulls")
    which.add_argument("--version", metavar="VERSION", help="one version, now and at later pulls")
    parser.add_argument("--force", action="store_true", help="overwrite files that were edited here")
    _add_shared(parser, _pull, changes=True)


def _add_push(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Commit every prompt whose file was edited, and create those that are new. What was committed on the server "
        "meanwhile is merged; where both changed the same, the file gets both between marks, nothing is committed, and "
        f"the next push takes what was made of it. {EXITS.format(one='one was refused or cannot be read')}"
    )
    parser.add_argument("-m", "--message", metavar="TEXT", default="", help="what the new versions say of themselves")
    parser.add_argument("--draft", action="store_true", help="save drafts and commit nothing")
    _add_shared(parser, _push, changes=True)


def _add_diff(parser: argparse.ArgumentParser) -> None:
    parser.description = f"Unified diffs from the newest versions to the files. {EXITS.format(one='something differs')}"
    _add_shared(parser, _diff, changes=False)


def _add_status(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "One line for each prompt: edited here, moved on the server, both, new, deleted here, gone there, conflict. "
        + EXITS.format(one="something differs")
    )
    _add_shared(parser, _status, changes=False)


def _add_shared(
    parser: argparse.ArgumentParser, command: Callable[[argparse.Namespace], int], *, changes: bool
) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="a key, * and ? included, or FOLDER/; all of them")
    parser.add_argument("--dir", type=Path, default=Path(), metavar="DIR", help="the folder with promptwire.lock (.)")
    if changes:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    add_server(parser)
    parser.set_defaults(command=command)


def _pull(options: argparse.Namespace) -> int:
    def work(checkout: Checkout) -> int:
        outcomes = checkout.pull(options.names, label=options.label, version=options.version, force=options.force)
        return _tell(options, outcomes, bad=BAD)

    return _with_checkout(options, work)


def _push(options: argparse.Namespace) -> int:
    def work(checkout: Checkout) -> int:
        outcomes = checkout.push(options.names, message=options.message, draft=options.draft)
        return _tell(options, outcomes, bad=BAD)

    return _with_checkout(options, work)


def _status(options: argparse.Namespace) -> int:
    return _with_checkout(options, lambda checkout: _tell(options, checkout.status(options.names), bad=BAD | DIFFERENT))


def _diff(options: argparse.Namespace) -> int:
    def work(checkout: Checkout) -> int:
        diffs = list(checkout.diff(options.names))
        print(msgspec.json.encode(diffs).decode() if options.json else "".join(diffs), end="\n" if options.json else "")
        return FAILED if diffs else 0

    return _with_checkout(options, work)


def _with_checkout(options: argparse.Namespace, work: Callable[[Checkout], int]) -> int:
    from promptwire.checkout.checkout import Checkout  # imported late: `serve` and `chat` do without
    from promptwire.checkout.lock import read
    from promptwire.checkout.remote import Remote
    from promptwire.client.http import Link
    from promptwire.client.server import URL, Server
    from promptwire.files.fault import FileError

    def asking() -> int:
        lock = read(options.dir)
        url = options.server or os.environ.get(URL) or lock.server or None
        server = Server.of(url, options.api_key, options.user)
        if lock.server not in ("", server.url) and not getattr(options, "force", False):
            raise FileError(f"{options.dir} holds prompts of {lock.server}, not of {server.url}")
        return work(Checkout(options.dir, Remote(Link(server)), dry_run=getattr(options, "dry_run", False)))

    return told(asking)


def _tell(options: argparse.Namespace, outcomes: list[Outcome], *, bad: frozenset[str]) -> int:
    if options.json:
        print(msgspec.json.encode([outcome._asdict() for outcome in outcomes]).decode())
    for outcome in outcomes if not options.json else []:
        if outcome.state not in QUIET or outcome.note:
            note = f"  ({outcome.note})" if outcome.note else ""
            print(f"{outcome.state:<9} {outcome.key:<24} {outcome.path}{note}".rstrip())
    states = {outcome.state for outcome in outcomes}
    if "conflict" in states:
        return CONFLICT
    return FAILED if states & bad else 0
