"""Where a command's requests come from: the command line, a file, or whoever types."""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from thriftwire.commands.outcome import Usage
from thriftwire.errors import EncodeError
from thriftwire.service import Method
from thriftwire.thrift.jsonvalues import RequestReader

_list: Final = msgspec.json.Decoder(list[msgspec.Raw])
_any: Final = msgspec.json.Decoder(msgspec.Raw)
HINT: Final = "one JSON message a line; Ctrl-D ends the requests, Ctrl-C cancels the call"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``-d``, ``-f`` and how a stream of requests is paced."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("-d", "-data", "--data", metavar="JSON", help="the request; several of a stream, a line each")
    source.add_argument(
        "-f", "-file", "--file", type=Path, metavar="FILE", help="a file with the request, or .jsonl with a line each"
    )
    parser.add_argument("--interval", type=float, default=0.0, metavar="S", help="wait between requests of a stream")
    parser.add_argument("--half-close-after", type=int, metavar="N", help="end the requests of a stream after N")


def given(arguments: argparse.Namespace) -> str | None:
    """The text of ``-d`` or ``-f``; None when neither was given."""
    if arguments.file is None:
        return arguments.data
    try:
        return arguments.file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Usage(f"{arguments.file} is not UTF-8 text") from error


def single(arguments: argparse.Namespace, method: Method, reader: RequestReader, source: TextIO | None = None) -> Any:
    """The one request of a call, from ``source`` (standard input) when the arguments hold none.

    Raises EncodeError with the path of what does not fit.
    """
    text = given(arguments)
    if text is None:
        text = (source or sys.stdin).read() if method.request_types else "{}"
    return reader.text(text)


def texts_of(text: str) -> list[str]:
    """The messages in a text: a JSON list of them, one, or one a line."""
    try:
        return [bytes(item).decode() for item in _list.decode(text)]
    except (msgspec.DecodeError, UnicodeError):
        pass  # no list
    try:
        _any.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return [line for line in text.splitlines() if line.strip()]
    return [text]


def stream(arguments: argparse.Namespace, reader: RequestReader) -> AsyncGenerator[Any, None]:
    """The requests of a stream. What is given is checked before the first is sent."""
    text = given(arguments)
    messages = typed(reader) if text is None else _ready([reader.text(item) for item in texts_of(text)])
    return paced(messages, interval_s=arguments.interval, limit=arguments.half_close_after)


async def _ready(messages: list[Any]) -> AsyncGenerator[Any, None]:
    for message in messages:
        yield message


async def paced(
    messages: AsyncGenerator[Any, None], *, interval_s: float, limit: int | None
) -> AsyncGenerator[Any, None]:
    """The messages with a pause between, at most ``limit`` of them."""
    sent = 0
    try:
        while limit is None or sent < limit:
            if sent and interval_s:
                await asyncio.sleep(interval_s)
            try:
                message = await anext(messages)
            except StopAsyncIteration:
                return
            sent += 1
            yield message
    finally:
        await messages.aclose()


async def typed(reader: RequestReader, source: TextIO | None = None) -> AsyncGenerator[Any, None]:
    """Messages from the lines of ``source`` (standard input), as they come.

    Whoever types is told of a mistake and may try again; in a pipe it ends the call.
    """
    lines = _lines(source or sys.stdin)
    interactive = (source or sys.stdin).isatty()
    if interactive:
        print(HINT, file=sys.stderr)
    async for line in lines:
        if not line.strip():
            continue
        try:
            message = reader.text(line)
        except EncodeError as error:
            if not interactive:
                raise
            print(error, file=sys.stderr)
        else:
            yield message


async def _lines(source: TextIO) -> AsyncGenerator[str, None]:
    """Lines read in a thread of their own, since standard input may be a terminal, a pipe or a file.

    The thread reads a line ahead and no further; it is a daemon, because nothing can interrupt its last read.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue()
    turn = threading.Semaphore(1)

    def read() -> None:
        while True:
            turn.acquire()
            line = source.readline()
            loop.call_soon_threadsafe(queue.put_nowait, line)
            if not line:
                return

    threading.Thread(target=read, name="thriftwire-stdin", daemon=True).start()
    while line := await queue.get():
        yield line
        turn.release()
