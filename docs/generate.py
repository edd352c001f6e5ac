"""Writes docs/reference/ from the code: settings, commands, errors and HTTP routes. `--check` only compares."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, cast, get_args, get_origin, get_type_hints

import msgspec

from promptwire.cli import parser
from promptwire.errors import CLASSES
from promptwire.gateway.openapi import contract
from promptwire.gateway.openapi import describe as describe_http
from promptwire.settings import PREFIX, Settings

REFERENCE: Final = Path(__file__).parent / "reference"
NOTICE: Final = "Written by `make gen` from the code; do not edit.\n"

MEANINGS: Final[Mapping[str, str]] = {
    "invalid_request": "the request is wrong as it stands; the message names the field",
    "unauthenticated": "no key, or one that is not known here",
    "permission_denied": "the key may not do this, or the vendor refuses ours",
    "not_found": "no such prompt, model, run or route",
    "conflict": "it exists already, or has changed since it was read",
    "rate_limited": "too many requests in this time",
    "token_limited": "too many tokens in this time, reserved or used",
    "concurrency_limited": "too many streams at once, and the queue is full",
    "packet_limited": "a stream that is too large or too fast",
    "budget_exhausted": "the money set aside is spent",
    "moderation_input": "the question may not be asked",
    "moderation_output": "the answer may not be shown",
    "cancelled": "the reader left or pressed stop",
    "internal": "a mistake on our side; the log has its trace id",
    "upstream_error": "the vendor answered with an error, or cannot be reached",
    "upstream_cut": "the answer stopped before its end",
    "overloaded": "nobody can take the request now",
    "timeout_connect": "no connection in time",
    "timeout_first_token": "no first packet in time",
    "timeout_idle": "too long between two packets",
    "timeout_total": "the whole took too long",
}


def settings() -> Iterator[str]:
    """Every setting: its variable, argument, default and meaning."""
    yield "# Settings\n"
    yield NOTICE
    yield "An argument of `promptwire serve` wins over the environment, the environment over the default.\n"
    yield "| variable | argument | default | meaning |\n|---|---|---|---|"
    offered = {option for action in _arguments("serve") for option in action.option_strings}
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        argument = f"--{field.name.replace('_', '-')}"
        default = "" if field.default in (None, "", msgspec.NODEFAULT) else f"`{field.default}`"
        shown = f"`{argument}`" if argument in offered else ""
        yield f"| `{PREFIX}{field.name.upper()}` | {shown} | {default} | {_described(hints[field.name])} |"


def _described(hint: Any) -> str:
    """The description in an annotation."""
    metadata = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    described = (meta.description for meta in metadata if isinstance(meta, msgspec.Meta))
    return next((_cell(text) for text in described if text), "")


def commands() -> Iterator[str]:
    """Every command and argument."""
    yield "# Commands\n"
    yield NOTICE
    for name, command in _commands().items():
        yield f"\n## `promptwire {name}`\n\n{command.description or ''}\n\n| argument | meaning |\n|---|---|"
        for action in _arguments(name):
            words = action.option_strings or [str(action.metavar or action.dest)]
            value = f" {action.metavar or action.dest.upper()}" if action.option_strings and action.nargs != 0 else ""
            yield f"| `{', '.join(words)}{value}` | {_cell(str(action.help or ''))} |"


def _arguments(name: str) -> list[argparse.Action]:
    """What a command can be told, without what is not for people."""
    actions = _commands()[name]._actions  # noqa: SLF001 - argparse has no public way to ask
    return [action for action in actions if action.help != argparse.SUPPRESS and action.dest != "help"]


def _commands() -> dict[str, argparse.ArgumentParser]:
    """The commands by name."""
    choices = next(action.choices for action in parser()._actions if action.dest == "command_name")  # noqa: SLF001
    return cast("dict[str, argparse.ArgumentParser]", choices)


def errors() -> Iterator[str]:
    """Every class of error."""
    yield "# Errors\n"
    yield NOTICE
    yield (
        "One object everywhere: `{code, class, phase, message, retryable, retry_after_s, vendor, trace_id}`, in an\n"
        "HTTP body as `error`, as the SSE event `error`, and on Thrift as a business status (`code`, `message`, the\n"
        "rest in `extra`). `retryable`: the same request may succeed when it is sent again.\n"
    )
    yield "| class | code | HTTP | retryable | phases | meaning |\n|---|---|---|---|---|---|"
    for name, row in CLASSES.items():
        phases = ", ".join(row.phases)
        retryable = "yes" if row.retryable else "no"
        yield f"| `{name}` | {row.code} | {row.http_status} | {retryable} | {phases} | {MEANINGS[name]} |"


def http() -> Iterator[str]:
    """Every route of the contract."""
    yield "# HTTP\n"
    yield NOTICE
    yield (
        "The whole description, with every field, is served at `/openapi.json`. Beside these routes there are\n"
        "OpenAI's `GET /v1/models` and `POST /v1/chat/completions`, and `GET /healthz` and `GET /readyz`.\n"
    )
    yield "| method | path | method of the contract | answer | what it does |\n|---|---|---|---|---|"
    for path, verbs in describe_http(contract())["paths"].items():
        for verb, operation in verbs.items():
            said = operation.get("summary") or operation.get("description") or ""
            yield f"| {verb.upper()} | `{path}` | {operation['operationId']} | {_answer(operation)} | {_cell(said)} |"


def _answer(operation: Mapping[str, Any]) -> str:
    content = next(iter(operation["responses"].values())).get("content", {})
    return "events" if "text/event-stream" in content else "JSON"


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


PAGES: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "settings.md": settings,
    "commands.md": commands,
    "errors.md": errors,
    "http.md": http,
}


def main(arguments: list[str]) -> int:
    """Write each page; with ``--check`` fail when one would change."""
    REFERENCE.mkdir(exist_ok=True)
    stale: list[str] = []
    for name, page in PAGES.items():
        text, path = "\n".join(page()).strip() + "\n", REFERENCE / name
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(text)
    if stale and "--check" in arguments:
        print(f"docs/reference differs from the code (make gen): {', '.join(stale)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
