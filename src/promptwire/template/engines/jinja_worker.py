"""The process in which Jinja templates are parsed and rendered: it can be killed, and holds nothing worth stealing.

Started by `promptwire.template.engines.jinja` with an empty environment. It limits its own memory, files and computing
time before it reads the first request, and answers requests one by one: each a JSON value behind its length.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import msgspec
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from promptwire.template.engines.outline import Fault, Outline, Use, spoken

MEMORY_BYTES: Final = 384 * 1024 * 1024
CPU_S: Final = 2.0  # for one request
FILES: Final = 16

_LENGTH: Final = struct.Struct(">I")


class Request(msgspec.Struct, kw_only=True):
    """Texts of one prompt: to be rendered with ``values``, or described when there are none."""

    texts: list[str]
    values: dict[str, Any] | None = None
    limit: int = 0  # characters all rendered texts may have together


class Reply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Rendered texts, or outlines; or what went wrong with the text at index ``at``."""

    texts: list[str] | None = None
    outlines: list[Outline] | None = None
    fault: Fault | None = None
    at: int = 0


def write(stream: BinaryIO, value: msgspec.Struct) -> None:
    """Send one message."""
    data = msgspec.json.encode(value)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read(stream: BinaryIO) -> bytes:
    """Receive one message. Raises EOFError."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


class Answering:
    """The one environment of the process and what it is asked."""

    def __init__(self) -> None:
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, keep_trailing_newline=True, finalize=_finalized, autoescape=False
        )
        self._environment.filters["tojson"] = _as_json  # Jinja's own escapes for HTML
        self._environment.globals.pop("lipsum", None)

    def reply(self, request: Request) -> Reply:
        """Answer one request; a template's own mistakes are part of the answer."""
        if request.values is None:
            return Reply(outlines=[self._outline(text) for text in request.texts])
        rendered: list[str] = []
        left = request.limit
        for index, text in enumerate(request.texts):
            try:
                rendered.append("".join(_within(left, self._pieces(text, request.values))))
            except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
                return Reply(fault=_fault(text, error), at=index)
            except MemoryError:
                return Reply(fault=Fault("the template takes too much memory", 0, 0), at=index)
            left -= len(rendered[-1])
        return Reply(texts=rendered)

    def _pieces(self, text: str, values: Mapping[str, Any]) -> Iterator[str]:
        return self._environment.from_string(text).generate(**values)

    def _outline(self, text: str) -> Outline:
        try:
            names = meta.find_undeclared_variables(self._environment.parse(text))
            return Outline(tuple(self._uses(text, names)), ())
        except (TemplateSyntaxError, RecursionError) as error:
            return Outline((), (_fault(text, error),))

    def _uses(self, text: str, names: set[str]) -> Iterator[Use]:
        """Where the free names stand: name tokens that are not an attribute or a filter."""
        position, before = 0, ""
        for _, kind, value in self._environment.lex(text):
            if kind == "name" and value in names and before not in (".", "|"):
                yield Use(value, position, position + len(value), certain=False)
            position += len(value)
            before = before if kind == "whitespace" else value


def _within(limit: int, pieces: Iterator[str]) -> Iterator[str]:
    for piece in pieces:
        limit -= len(piece)
        if limit < 0:
            raise TemplateError("the rendered text is too long")
        yield piece


def _finalized(value: Any) -> Any:
    return value if isinstance(value, str | StrictUndefined) else spoken(value)


def _as_json(value: Any, indent: int | None = None) -> str:
    data = msgspec.json.encode(value)
    return (data if indent is None else msgspec.json.format(data, indent=indent)).decode()


def _fault(text: str, error: Exception) -> Fault:
    line = getattr(error, "lineno", None)
    if isinstance(error, RecursionError):
        message = "the template is nested too deeply"
    elif isinstance(error, TemplateSyntaxError | UndefinedError | SecurityError | TemplateError):
        message = error.message or type(error).__name__
    else:
        message = f"{type(error).__name__}: {error}"
    start, end = _line(text, line) if line else (0, 0)
    return Fault(message, start, end)


def _line(text: str, number: int) -> tuple[int, int]:
    """The span of a line, counted from 1."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: number - 1])
    return start, start + len(lines[number - 1]) if number <= len(lines) else len(text)


def main() -> None:
    """Answer until the pipe ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir("/")
    answering = Answering()
    while True:
        try:
            request = msgspec.json.decode(read(sys.stdin.buffer), type=Request)
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_PROF, CPU_S)  # SIGPROF ends the process
        reply = answering.reply(request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        write(sys.stdout.buffer, reply)


if __name__ == "__main__":
    main()
