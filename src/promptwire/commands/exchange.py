"""`promptwire import` and `promptwire export`: prompts from the files of other tools and into them, losses said."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from promptwire.api.files import ExportReply, FileFormat, ImportReply, Loss
from promptwire.commands.asking import FAILED, WRONG, add_server, server, told

if TYPE_CHECKING:
    from promptwire.client.http import Link


def add(commands: Any) -> None:
    """The commands and their arguments."""
    _add_import(commands.add_parser("import", help="make prompts of the files of other tools"))
    _add_export(commands.add_parser("export", help="write a prompt as a file of another tool"))


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Make prompts of files: Prompty, dotprompt, Langfuse exports, promptfoo configurations, OpenAI prompt objects, "
        "and our own. What cannot be carried is said. Exits with 1 when a file was refused or a prompt skipped."
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file; - reads one from standard input")
    parser.add_argument("--format", choices=get_args(FileFormat), help="what it is, when its name does not say")
    parser.add_argument("--existing", choices=("skip", "version"), default="skip", help="of a key that is taken (skip)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be made and lost")
    _add_shared(parser, _import)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write a prompt as a file; what the format does not hold is said on standard error."
    parser.add_argument("key", metavar="KEY", help="the prompt")
    parser.add_argument("--format", choices=get_args(FileFormat), default="promptwire", help="(promptwire)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="VERSION", help="one version; the draft without it")
    which.add_argument("--label", metavar="NAME", help="the version a label is at")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to; standard output")
    _add_shared(parser, _export)


def _add_shared(parser: argparse.ArgumentParser, command: Callable[[argparse.Namespace], int]) -> None:
    parser.add_argument("--json", action="store_true", help="say everything as JSON")
    add_server(parser)
    parser.set_defaults(command=command)


def _import(options: argparse.Namespace) -> int:
    try:
        files = [{"name": Path(name).name, "text": _text(name), "format": options.format} for name in options.files]
    except (OSError, UnicodeDecodeError) as error:
        print(f"promptwire: {error}", file=sys.stderr)
        return WRONG
    body = {"files": files, "keep": not options.dry_run, "existing": options.existing}

    def work(link: Link) -> int:
        reply = link.ask("POST", "/api/import", body, kind=ImportReply)
        if options.json:
            print(msgspec.json.encode(reply).decode())
        else:
            _tell(reply)
        skipped = any(prompt.outcome == "skipped" for prompt in reply.prompts)
        return FAILED if reply.refused or skipped else 0

    return _asking(options, work)


def _export(options: argparse.Namespace) -> int:
    def work(link: Link) -> int:
        from promptwire.client.server import path

        asked = {"format": options.format, "version": options.version, "label": options.label}
        reply = link.ask("GET", path("prompts", options.key, "export", **asked), kind=ExportReply)
        if options.output is not None:
            options.output.write_bytes(reply.text.encode())
        if options.json:
            print(msgspec.json.encode(reply).decode())
            return 0
        if options.output is None:
            print(reply.text, end="")
        _tell_losses(reply.losses)
        return 0

    return _asking(options, work)


def _asking(options: argparse.Namespace, work: Callable[[Link], int]) -> int:
    from promptwire.client.http import Link  # imported late: `serve` does without

    return told(lambda: work(Link(server(options))))


def _text(name: str) -> str:
    return sys.stdin.read() if name == "-" else Path(name).read_bytes().decode()


def _tell(reply: ImportReply) -> None:
    for prompt in reply.prompts:
        made = ", ".join(filter(None, prompt.versions))
        about = f"  (versions {made})" if made else ""
        if prompt.outcome == "skipped":
            about = "  (the key is taken; --existing version adds versions to it)"
        print(f"{prompt.outcome:<9} {prompt.key:<24} {prompt.file}{about}")
        _tell_losses(prompt.losses)
    for refused in reply.refused:
        print(f"refused   {refused.file}: {refused.reason}", file=sys.stderr)


def _tell_losses(losses: Iterable[Loss]) -> None:
    for loss in losses:
        print(f"  lost {loss.path}: {loss.reason}", file=sys.stderr)
