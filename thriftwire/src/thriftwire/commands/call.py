"""``thriftwire call``: call one method of an IDL, streaming or not, with JSON."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import uvloop

from thriftwire.call import Call, calling
from thriftwire.client import connect
from thriftwire.commands import requests, target
from thriftwire.commands.outcome import Exit, exit_of
from thriftwire.commands.printing import OUTPUTS, Printer, Reply, describe_error, show_entries
from thriftwire.commands.timing import Timing
from thriftwire.service import Codec, Method, Service
from thriftwire.thrift.jsonvalues import RequestReader

HELP = "call a method, streaming or not, with JSON"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    target.add_idl(parser)
    target.add_method(parser)
    target.add_endpoint(parser)
    requests.add_arguments(parser)
    add_metadata(parser)
    parser.add_argument(
        *("--stream-timeout", "--timeout"), type=target.positive, metavar="S", help="the whole call; default none"
    )
    parser.add_argument("--recv-timeout", type=target.positive, metavar="S", help="each message; default none")
    parser.add_argument("--max-messages", type=target.count, metavar="N", help="leave after N responses")
    parser.add_argument("-o", "--output", choices=OUTPUTS, default="pretty", help="how responses appear")
    parser.add_argument("--text", default="", metavar="PATH", help="what --output typewriter types, like delta.text")
    parser.add_argument("--timing", action="store_true", help="say when messages came")
    parser.add_argument("-q", "-quiet", "--quiet", action="store_true", help="responses only, and what went wrong")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what the library does")
    for flag in ("streaming", "biz-error"):  # kitexcall needs to be told; here the IDL and the wire tell
        parser.add_argument(f"-{flag}", f"--{flag}", action="store_true", help=argparse.SUPPRESS)


def add_metadata(parser: argparse.ArgumentParser) -> None:
    """``--meta`` and its kin."""
    for flag, text in (
        ("meta", "a transient entry"),
        ("meta-persistent", "a persistent entry"),
        ("header", "a header"),
    ):
        parser.add_argument(
            *(f"-{flag}", f"--{flag}"), action="append", default=[], type=target.pair, metavar="K=V", help=text
        )
    parser.add_argument("-meta-backward", "--meta-backward", action="store_true", help="show backward metadata")


def run(arguments: argparse.Namespace) -> int:
    """Make the call."""
    if arguments.verbose:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    session = Session(arguments)
    try:
        return uvloop.run(session.run())
    except KeyboardInterrupt:
        print("[Status]: cancelled", file=sys.stderr)
        return Exit.TIMEOUT


class Session:
    """One call, from its flags to its exit code."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._service, self._method = target.method(arguments)
        self._reader = RequestReader(self._service, self._method)
        self._printer = Printer(arguments.output, arguments.text)
        self._options = target.connection(arguments, self._method)
        self._address = target.address(arguments)
        self._send = self._prepare()

    def _prepare(self) -> Callable[[Any], Any]:
        """What to do with a stub. Wrong data is refused here, before anything is connected."""
        method, attribute = self._method, self._method.attribute
        if method.mode.client_streams:
            messages = requests.stream(self._arguments, self._reader)
            return lambda stub: getattr(stub, attribute)(messages)
        request = requests.single(self._arguments, method, self._reader)
        if method.mode.streaming:
            return lambda stub: getattr(stub, attribute)(request)
        return lambda stub: getattr(stub, attribute)(*request)

    async def run(self) -> int:
        """Call, show, and say how it ended."""
        arguments, timing = self._arguments, Timing()
        options = calling(
            timeout_s=arguments.stream_timeout,
            recv_timeout_s=arguments.recv_timeout,
            transient=dict(arguments.meta),
            persistent=dict(arguments.meta_persistent),
            headers=dict(arguments.header),
        )
        error: Exception | None = None
        with options as call:
            try:
                async with connect(self._address, capturing(self._service, self._method), **self._options) as stub:
                    await self._exchange(stub, timing)
            except Exception as failure:  # noqa: BLE001 - whatever ended the call is told and becomes the exit code
                error = failure
        self._printer.end()
        self._report(call, timing, error)
        return Exit.OK if error is None else exit_of(error)

    async def _exchange(self, stub: Any, timing: Timing) -> None:
        timing.began = Timing().began
        if not self._method.mode.server_streams:
            reply = await self._send(stub)
            timing.message()
            if not self._method.oneway:
                self._printer.show(reply)
            return
        replies: AsyncGenerator[Reply, None] = self._send(stub)
        async with contextlib.aclosing(replies):
            async for reply in replies:
                timing.message()
                self._printer.show(reply)
                if len(timing.messages) == self._arguments.max_messages:
                    return

    def _report(self, call: Call, timing: Timing, error: Exception | None) -> None:
        quiet = self._arguments.quiet
        if error is not None or not quiet:
            print(f"[Status]: {'Success' if error is None else describe_error(error)}", file=sys.stderr)
        if not quiet:
            show_entries("Headers", call.headers)
            show_entries("Trailers", call.trailers)
        if self._arguments.meta_backward:
            show_entries("Backward", call.metadata.backward)
        if self._arguments.timing:
            print(f"[Timing]: {timing.report()}", file=sys.stderr)


def capturing(service: Service[Any], method: Method) -> Service[Any]:
    """The service with one method whose responses are `Reply`s: their bytes beside their meaning."""

    def decode(data: bytes) -> Any:
        value = method.response.decode(data)
        return value if isinstance(value, Exception) else Reply(data, value)

    codec = Codec(encode=method.response.encode, decode=decode)
    return replace(service, methods={method.name: replace(method, response=codec)})
