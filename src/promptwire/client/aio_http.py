"""The place where the SDK asks a server from an event loop: one request, answered whole or as a run's events."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final, TypeVar

import aiohttp
import msgspec
from yarl import URL

from promptwire.api.message import Event
from promptwire.client.errors import PromptwireError, Unreachable
from promptwire.client.http import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, cut_before, read, refused
from promptwire.client.questions import Question
from promptwire.client.reading import Reading
from promptwire.client.server import Server

T = TypeVar("T")

BROKEN: Final = (aiohttp.ClientError, OSError, TimeoutError)


class AsyncLink:
    """Asks one server, on connections that are kept until it is closed. The twin of `promptwire.client.http.Link`."""

    def __init__(
        self, server: Server, *, connect_timeout_s: float = CONNECT_TIMEOUT_S, read_timeout_s: float = READ_TIMEOUT_S
    ) -> None:
        self.server = server
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout_s, sock_read=read_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, verb: str, path: str, body: Any = None, *, kind: type[T]) -> T:
        """The whole answer, as ``kind``. Raises PromptwireError, Unreachable when there is no server."""
        async with self._answer(verb, path, body, {}) as response:
            try:
                said = await response.read()
            except BROKEN as error:
                raise cut_before(error) from error
            if response.status != 200:
                raise refused(response.status, said)
            return read(said, kind)

    async def events(self, question: Question, reading: Reading) -> AsyncGenerator[Event, None]:
        """The events of the run that ``question`` starts, as `promptwire.client.http.Link.events`."""
        verb, where, body, headers = "POST", question.path, question.body, question.headers
        while True:
            try:
                async with self._answer(verb, where, body, {**headers, "accept": "text/event-stream"}) as response:
                    if response.status != 200:
                        raise refused(response.status, await response.read())
                    reading.opened(response.headers.get("x-run-id"))
                    async with aclosing(_read(response, reading)) as events:
                        async for event in events:
                            yield event
                if reading.ended:
                    return
                cause: Exception = EOFError("the connection ended")
            except PromptwireError as error:
                if reading.ended or not reading.run_id:
                    raise
                cause = error
            except BROKEN as error:
                cause = error
            resume = reading.broken(cause, time.monotonic())
            await asyncio.sleep(resume.wait_s)
            verb, where, body, headers = "GET", resume.path, None, resume.headers

    @contextlib.asynccontextmanager
    async def _answer(
        self, verb: str, where: str, body: Any, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        _ = self.server.parts  # says what is wrong with an address
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self.server.headers)
        data = None if body is None else msgspec.json.encode(body)
        said = {"accept": "application/json", **headers}
        if data is not None:
            said["content-type"] = "application/json"
        try:
            response = await self._session.request(
                verb, URL(self.server.url + where, encoded=True), data=data, headers=said
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(f"no server answers at {self.server.url}: {error}") from error
        except BROKEN as error:
            raise cut_before(error) from error
        async with response:
            yield response


async def _read(response: aiohttp.ClientResponse, reading: Reading) -> AsyncGenerator[Event, None]:
    async for data in response.content.iter_any():
        for event in reading.feed(data):
            yield event
        if reading.ended:
            return
