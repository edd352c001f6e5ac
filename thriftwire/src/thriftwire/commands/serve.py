"""``thriftwire serve``: a mock server for an IDL, which does what a script says."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from thriftwire.call import current
from thriftwire.commands import script, target
from thriftwire.commands.outcome import Exit, Usage
from thriftwire.commands.script import Case, Step
from thriftwire.errors import ApplicationError, BizStatusError
from thriftwire.server import Server, ServerTimeouts
from thriftwire.service import Method, Service
from thriftwire.thrift.jsonvalues import response_from, to_value
from thriftwire.thrift.runtime import Contract

HELP = "serve an IDL without an implementation: skeletons, or what a script says, with delays and faults"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    target.add_idl(parser)
    parser.add_argument(
        *("-l", "--listen"), default="127.0.0.1:0", metavar="HOST:PORT", help="default: a free port of this machine"
    )
    parser.add_argument("-s", "--script", type=Path, metavar="FILE", help="what to answer: .yaml, .json or .jsonl")
    parser.add_argument("--name", default="thriftwire.mock", help="the service's own name")
    parser.add_argument("-q", "--quiet", action="store_true", help="do not print calls")


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    host, _, port = arguments.listen.rpartition(":")
    if not host or not port.isdigit():
        raise Usage(f"expected HOST:PORT, not {arguments.listen!r}")
    contract = target.contract(arguments)
    mock = Mock(contract, script.read(arguments.script, contract), name=arguments.name, quiet=arguments.quiet)
    uvloop.run(_serve(mock, host, int(port)))
    return Exit.OK


async def _serve(mock: Mock, host: str, port: int) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await mock.start(host, port)
    print(f"serving on {mock.address}", flush=True)
    await stopping.wait()
    await mock.stop(grace_s=0)


class Mock(Server):
    """A server of every service of a contract whose handlers follow a script."""

    def __init__(
        self,
        contract: Contract,
        cases: Mapping[str, list[Case]] | None = None,
        *,
        name: str = "thriftwire.mock",
        quiet: bool = True,
    ) -> None:
        self._quiet = quiet
        handlers = {service: self._handler(service, cases or {}) for service in contract.services.values()}
        super().__init__(handlers, name=name, timeouts=ServerTimeouts(recv_s=None, send_s=None))

    def _handler(self, service: Service[Any], cases: Mapping[str, list[Case]]) -> object:
        """An object with the methods of a service."""
        methods = {
            method.attribute: self._method(method, cases.get(f"{service.name}/{method.name}"))
            for method in service.methods.values()
        }
        return type(service.name, (), {name: staticmethod(method) for name, method in methods.items()})()

    def _method(self, method: Method, cases: list[Case] | None) -> Any:
        cases = cases or [Case(steps=script.silent(method))]
        if method.mode.server_streams:

            def stream(request: Any) -> AsyncGenerator[Any, None]:
                return Run(self, method, cases, request).messages()

            return stream

        async def single(*arguments: Any) -> Any:
            return await Run(self, method, cases, arguments[0] if len(arguments) == 1 else arguments).single()

        return single

    def note(self, method: Method, request: Any) -> None:
        """Say that a call came."""
        if not self._quiet:
            print(f"{method.name} {msgspec.json.encode(request).decode()}", file=sys.stderr, flush=True)

    def cut(self, peer: str) -> None:
        """Close the connection to a peer, saying nothing."""
        for connection in tuple(self._connections):
            if connection.peer == peer:
                connection.abort()


class Run:
    """One call of a mock's method."""

    def __init__(self, mock: Mock, method: Method, cases: list[Case], request: Any) -> None:
        self._mock, self._method, self._cases = mock, method, cases
        self._requests: AsyncIterator[Any] | None = request if method.mode.client_streams else None
        self._request: Any = None if method.mode.client_streams else self._value(request)

    def _value(self, request: Any) -> Any:
        """A request as JSON: its one argument, or its arguments by name."""
        names = [name for name, _ in self._method.request_types]
        if self._method.mode.streaming or len(names) == 1:
            return to_value(request)
        return {name: to_value(value) for name, value in zip(names, request, strict=True)}

    async def single(self) -> Any:
        """The one response: the first that the steps send."""
        async for message in self.messages():
            return message
        return response_from(self._method, None)

    async def messages(self) -> AsyncGenerator[Any, None]:
        """What the steps send."""
        if self._requests is None:
            self._mock.note(self._method, self._request)
        steps = script.choose(self._cases, self._request)
        if steps is None:
            raise ApplicationError(ApplicationError.INTERNAL_ERROR, "the script has no case for this request")
        for step in steps:
            async for message in self._step(step):
                yield message

    async def _step(self, step: Step) -> AsyncGenerator[Any, None]:
        await asyncio.sleep(step.after_s)
        call = current()
        if call is not None:
            call.headers.update(step.headers)
            call.trailers.update(step.trailers)
            call.metadata.backward.update(step.backward)
        if step.each:
            while await self._receive():
                async for message in self._send(step):
                    yield message
        else:
            await self._receive_all(step.receive)
            async for message in self._send(step):
                yield message
        await self._fail(step, call.peer if call is not None else "")

    async def _receive(self) -> bool:
        """Read a client's next request, if there is one."""
        if self._requests is None:
            return False
        try:
            self._request = to_value(await anext(self._requests))
        except StopAsyncIteration:
            return False
        self._mock.note(self._method, self._request)
        return True

    async def _receive_all(self, number: int | None) -> None:
        count = 0
        while number is not None and (number == 0 or count < number) and await self._receive():
            count += 1

    async def _send(self, step: Step) -> AsyncGenerator[Any, None]:
        if step.send is msgspec.UNSET:
            return
        for index in range(step.times):
            if index:
                await asyncio.sleep(step.every_s)
            yield response_from(self._method, script.fill(step.send, self._request))

    async def _fail(self, step: Step, peer: str) -> None:
        if step.biz is not None:
            raise BizStatusError(step.biz.code, step.biz.message, step.biz.extra)
        if step.exception is not None:
            raise ApplicationError(step.exception.type, step.exception.message)
        if (error := script.declared(self._method, step)) is not None:
            raise error
        if step.cut:
            self._mock.cut(peer)
        if step.stall or step.cut:
            await asyncio.Event().wait()
