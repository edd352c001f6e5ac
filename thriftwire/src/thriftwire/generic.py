"""Calling any method of any IDL with JSON values: no generated code.

    async with thriftwire.generic.connect("llm.thrift", "127.0.0.1:9000") as llm:
        reply = await llm.call("Chat", {"model": "m", "messages": []})
        async for event in llm.stream("ChatStream", {"model": "m", "messages": []}):
            print(event["delta"]["text"])

How JSON stands for Thrift values is said in `thriftwire.thrift.jsonvalues`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

from thriftwire.call import close
from thriftwire.client import connect as connect_service
from thriftwire.endpoints import Resolver
from thriftwire.service import Method
from thriftwire.thrift.jsonvalues import RequestReader, to_value
from thriftwire.thrift.runtime import Contract, load

__all__ = ["Contract", "GenericClient", "connect", "load"]


class GenericClient:
    """The methods of every service of a contract, by name: ``Service/Method``, or ``Method`` when one has it.

    Both `call` and `stream` raise LookupError for a name that is none, EncodeError with the path for a value that
    does not fit, and what `thriftwire.connect`'s methods raise; a declared exception is an instance of a class made
    from the IDL (`thriftwire.thrift.types.DeclaredException`).
    """

    def __init__(self, contract: Contract, stubs: dict[str, Any]) -> None:
        self.contract = contract
        self._stubs = stubs
        self._readers: dict[tuple[str, str], RequestReader] = {}

    def _find(self, name: str) -> tuple[Method, RequestReader, Any]:
        service, method = self.contract.find(name)
        key = (service.name, method.name)
        if key not in self._readers:
            self._readers[key] = RequestReader(service, method)
        return method, self._readers[key], getattr(self._stubs[service.name], method.attribute)

    async def call(self, method: str, request: Any = None) -> Any:
        """Call a method that answers once; a client's stream is an async iterator of values."""
        found, reader, send = self._find(method)
        if found.mode.server_streams:
            raise TypeError(f"{method} answers with a stream: use stream()")
        if found.mode.client_streams:
            return to_value(await send(_read_all(reader, request)))
        return to_value(await send(*reader.value(_given(found, request))))

    def stream(self, method: str, request: Any = None) -> AsyncGenerator[Any, None]:
        """Call a method that answers with a stream; leaving it early tells the server."""
        found, reader, send = self._find(method)
        if not found.mode.server_streams:
            raise TypeError(f"{method} answers once: use call()")
        message = _read_all(reader, request) if found.mode.client_streams else reader.value(request)
        return _values(send(message))


def _given(method: Method, request: Any) -> Any:
    return {} if request is None and len(method.request_types) != 1 else request


async def _read_all(reader: RequestReader, requests: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
    try:
        async for request in requests:
            yield reader.value(request)
    finally:
        await close(requests)


async def _values(replies: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    async with contextlib.aclosing(replies):
        async for reply in replies:
            yield to_value(reply)


@contextlib.asynccontextmanager
async def connect(
    idl: str | Path | Contract,
    address: str | Sequence[str] | Resolver,
    *,
    include_paths: Iterable[str | Path] = (),
    **options: Any,
) -> AsyncIterator[GenericClient]:
    """Call the services of an IDL file at an address; ``options`` are those of `thriftwire.connect`.

    Raises IDLError, and OSError when the file cannot be read.
    """
    contract = idl if isinstance(idl, Contract) else load(idl, include_paths=include_paths)
    async with contextlib.AsyncExitStack() as stack:
        stubs = {
            service.name: await stack.enter_async_context(connect_service(address, service, **options))
            for service in contract.services.values()
        }
        yield GenericClient(contract, stubs)
