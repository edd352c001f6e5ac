"""The ``promptwire`` command: arguments in, an exit code out.

Exit codes: 0 it went well, 1 it failed, or there is something to see (status, diff), 2 the command was wrong, 3 no
server answered, 4 edits conflict and a person has to decide, 130 interrupted, 141 nobody reads the output any more.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO
from urllib.parse import quote

import msgspec

from promptwire.api.message import Delta, Done, Event, Reasoning, Start, ToolCallDelta, ToolResult, Usage
from promptwire.commands import exchange, sync
from promptwire.commands.asking import FAILED, UNREACHABLE, WRONG, add_server
from promptwire.errors import Failure

if TYPE_CHECKING:
    from promptwire.plan import Plan
    from promptwire.settings import Settings

INTERRUPTED: Final = 130
UNREAD: Final = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is flushed to nowhere
        return UNREAD


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments; the reference is written from it."""
    root = argparse.ArgumentParser(prog="promptwire", description="A prompt platform whose core is a token stream.")
    commands = root.add_subparsers(dest="command_name", required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="start the platform, or some of its roles"))
    _add_chat(commands.add_parser("chat", help="run a prompt or a model of a running server and type its answer"))
    sync.add(commands)
    exchange.add(commands)
    _add_simulate(commands.add_parser("simulate", help="start the simulated vendor as an OpenAI-compatible server"))
    return root


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.description = "Start everything in one process; with --split or ROLEs, in several."
    parser.add_argument("roles", nargs="*", metavar="ROLE", help="gateway, prompt, llm; all of them by default")
    parser.add_argument("--host", help="address of the HTTP server (127.0.0.1)")
    parser.add_argument("--port", help="port of the HTTP server (8000); 0 takes a free one")
    parser.add_argument("--data", type=Path, help="directory of the database and the master key (promptwire-data)")
    parser.add_argument("--listen", metavar="HOST:PORT", help="where the prompt and llm roles are served to others")
    parser.add_argument(
        "--connect",
        metavar="ROLE=HOST:PORT",
        action="append",
        default=[],
        help="where a role that is not started here is",
    )
    parser.add_argument("--split", action="store_true", help="each role as its own process on this machine")
    parser.add_argument("--transport", help="ttstream or grpc: the wire between roles (ttstream)")
    parser.add_argument("--site", help=argparse.SUPPRESS)  # fd:N, the HTTP server's socket, already bound
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)  # stop when standard input ends
    parser.set_defaults(command=_serve)


def _serve(options: argparse.Namespace) -> int:
    from promptwire.plan import Plan, PlanError
    from promptwire.settings import SettingsError, load, unknown_variables

    for sentence in unknown_variables(os.environ):
        print(f"promptwire: {sentence}", file=sys.stderr)
    named = {name: getattr(options, name) for name in ("host", "port", "data", "transport")}
    try:
        settings = load(os.environ, **named)
        if options.split:
            if options.roles or options.listen or options.connect:
                raise PlanError("--split starts every role by itself: no ROLE, --listen or --connect with it")
            return _split(settings)
        plan = Plan.of(options.roles, listen=options.listen, site=options.site, connect=options.connect)
    except (SettingsError, PlanError) as error:
        print(f"promptwire: {error}", file=sys.stderr)
        return WRONG
    return _one(settings, plan, supervised=options.supervised)


def _split(settings: Settings) -> int:
    from promptwire import processes  # imported late: the parent needs nothing of the platform itself

    try:
        return processes.supervise(settings)
    except OSError as error:
        return _cannot_start(error)


def _one(settings: Settings, plan: Plan, *, supervised: bool) -> int:
    from promptwire import app  # imported late: `chat` and --split do without the platform
    from promptwire.database import DatabaseError
    from promptwire.secrets import SecretError
    from promptwire.span import ExportError

    try:
        app.serve(settings, plan, supervised=supervised)
    except (OSError, DatabaseError, SecretError, ExportError) as error:
        return _cannot_start(error)
    return 0


def _cannot_start(error: Exception) -> int:
    print(f"promptwire: cannot start: {error}", file=sys.stderr)
    return FAILED


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.description = "A fake vendor for tests: models echo and typewriter, faults by the field `simulate`."
    parser.add_argument("--host", default="127.0.0.1", help="address it listens on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=9100, help="port it listens on (9100); 0 takes a free one")
    parser.set_defaults(command=_simulate)


def _simulate(options: argparse.Namespace) -> int:
    from promptwire.llm import simulate_server  # imported late: no other command needs it

    try:
        simulate_server.serve(options.host, options.port, lambda url: print(f"simulated vendor at {url}", flush=True))
    except (OSError, OverflowError) as error:
        return _cannot_start(error)
    return 0


def _add_chat(parser: argparse.ArgumentParser) -> None:
    parser.description = "Run a prompt or a model and type its answer as it comes."
    parser.add_argument("text", nargs="?", help="what to say; - reads it from standard input")
    parser.add_argument("--model", help="the model to ask (simulated/typewriter)")
    parser.add_argument("--prompt", metavar="KEY", help="the prompt to run; TEXT is appended as a user message")
    parser.add_argument("--version", help="the prompt's version to run; draft is your own")
    parser.add_argument("--label", help="the label whose version is run (production, else the newest)")
    parser.add_argument(
        "--var", metavar="NAME=VALUE", action="append", default=[], help="a variable's value; JSON after NAME:="
    )
    add_server(parser)
    parser.set_defaults(command=_chat)


def _chat(options: argparse.Namespace) -> int:
    from promptwire.client.errors import Unreachable
    from promptwire.client.http import Link
    from promptwire.client.reading import Reading
    from promptwire.commands.asking import server

    try:
        path, body = _question(options)
    except ValueError as error:
        print(f"promptwire: {error}", file=sys.stderr)
        return WRONG
    typewriter = Typewriter(sys.stdout, sys.stderr)
    try:
        for event in Link(server(options)).events(path, body, Reading()):
            typewriter.type(event)
    except Unreachable as error:
        print(f"promptwire: {error.message}; start one with `promptwire serve`", file=sys.stderr)
        return UNREACHABLE
    except Failure as failure:
        typewriter.fail(failure)
        return FAILED
    return 0


def _question(options: argparse.Namespace) -> tuple[str, dict[str, object]]:
    """Where to ask and what. Raises ValueError when the arguments do not say."""
    text: str | None = sys.stdin.read() if options.text == "-" else options.text
    messages = [{"role": "user", "content": text}] if text else []
    if options.prompt is not None:
        if options.model is not None:
            raise ValueError("a prompt has its own model: give --prompt or --model")
        body: dict[str, object] = {"variables": dict(_variable(given) for given in options.var), "messages": messages}
        body |= {name: getattr(options, name) for name in ("version", "label") if getattr(options, name) is not None}
        return f"/api/prompts/{quote(options.prompt, safe='')}/run", body
    if needless := next((name for name in ("var", "version", "label") if getattr(options, name)), None):
        raise ValueError(f"--{needless} needs --prompt")
    if not messages:
        raise ValueError("say something: promptwire chat TEXT")
    return "/api/chat", {"model": options.model or "simulated/typewriter", "messages": messages}


def _variable(given: str) -> tuple[str, object]:
    """``name=text`` or ``name:=json``. Raises ValueError."""
    name, equals, value = given.partition("=")
    if not equals or not name.removesuffix(":"):
        raise ValueError(f"a variable is NAME=VALUE or NAME:=JSON, not {given!r}")
    if not name.endswith(":"):
        return name, value
    try:
        return name[:-1], msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise ValueError(f"the value of {name[:-1]!r} is not JSON: {error}") from error


class Typewriter:
    """Types a run: the answer to ``out``; reasoning, tool calls and what went wrong to ``aside``."""

    def __init__(self, out: TextIO, aside: TextIO) -> None:
        self._out, self._aside = out, aside
        self._typed = ""  # the last piece, to know whether a line is open

    def type(self, event: Event) -> None:
        """Show one event as soon as it is there."""
        match event:
            case Delta(text=text):
                self._typed = text or self._typed
                print(text, end="", file=self._out, flush=True)
            case Reasoning(text=text):
                print(text, end="", file=self._aside, flush=True)
            case ToolCallDelta(name=name, arguments=arguments):
                print(f"\n{name} " if name else "", arguments, sep="", end="", file=self._aside, flush=True)
            case ToolResult(name=name, content=content, source=source):
                print(f"\n{name} → {content} ({source})", file=self._aside, flush=True)
            case Done():
                self._end_line()
                if self._aside.isatty():
                    print(_summary(event), file=self._aside)
            case Start() | Usage():
                pass

    def fail(self, failure: Failure) -> None:
        """Say under what was typed so far why there is no more."""
        self._end_line()
        print(f"error: {failure.class_} ({failure.phase}): {failure.message}", file=self._aside)
        if failure.retry_after_s is not None:
            print(f"try again in {failure.retry_after_s:g} s", file=self._aside)
        if failure.trace_id:
            print(f"trace {failure.trace_id}", file=self._aside)

    def _end_line(self) -> None:
        if self._typed and not self._typed.endswith("\n"):
            print(file=self._out, flush=True)


def _summary(done: Done) -> str:
    usage = done.usage
    first = "" if done.ttft_ms is None else f", first token after {done.ttft_ms:.0f} ms"
    return f"{usage.input_tokens} + {usage.output_tokens} tokens in {done.duration_ms / 1000:.1f} s{first}"
