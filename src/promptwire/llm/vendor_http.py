"""The place for talking HTTP to vendors: one connection pool, one way to post a request and read its event stream."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final

import aiohttp
import msgspec

from promptwire.errors import Failure
from promptwire.llm.provider import Target
from promptwire.llm.sse import EventSplitter, EventTooLong
from promptwire.llm.vendor_errors import refused

MAX_ERROR_BYTES: Final = 64 * 1024
MAX_WHOLE_BYTES: Final = 16 * 1024 * 1024  # of an answer that the vendor did not stream
DRAIN_S: Final = 0.25
PIECE_BYTES: Final = 16 * 1024  # read at once; a reader who takes nothing holds a few of them
RECEIVE_BUFFER: Final = 32 * 1024  # of the kernel, which doubles it; what is read in one turn is never more
_PROXIES: Final = ("http_proxy", "https_proxy", "all_proxy")
_HEADERS: Final = {
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",  # a compressor would hold tokens back
    "Content-Type": "application/json",
    "User-Agent": "promptwire",
}


class VendorHTTP:
    """The connections of this process to all vendors. `close` it after the last stream."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def post(
        self, target: Target, path: str, headers: Mapping[str, str], payload: Any, is_last: Callable[[bytes], bool]
    ) -> AsyncGenerator[list[bytes], None]:
        """Post ``payload`` and yield the data of the events that come, as many at a time as one read brings.

        After an event that ``is_last`` nothing is yielded. An answer in plain JSON is yielded as if it were one event.
        Raises Failure for everything that goes wrong; closing the generator closes the connection at once.
        """
        async with self._response(target, path, headers, payload) as response:
            if response.content_type == "application/json":
                body = await _read(response, MAX_WHOLE_BYTES + 1)
                if len(body) > MAX_WHOLE_BYTES:
                    raise unreadable(target)
                yield [body]
                return
            splitter = EventSplitter()
            while piece := await response.content.read(PIECE_BYTES):
                if events := splitter.feed(piece):
                    yield events
                    if is_last(events[-1]):
                        await _drain(response)
                        return
            if events := splitter.close():
                yield events

    @contextlib.asynccontextmanager
    async def _response(
        self, target: Target, path: str, headers: Mapping[str, str], payload: Any
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """The vendor's answer, its headers read; what goes wrong here or while it is read becomes a Failure."""
        endpoint = target.endpoint
        try:
            response = await self.session().post(
                endpoint.base_url.rstrip("/") + path,
                data=msgspec.json.encode(payload),
                headers={**_HEADERS, **headers, **endpoint.headers},
                timeout=aiohttp.ClientTimeout(total=None, connect=target.timeouts.connect_s),
                allow_redirects=False,  # a key goes nowhere but where it was meant to
            )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
            raise _not_reached(target, exc) from exc
        try:
            if response.status != 200:
                body = await _read(response, MAX_ERROR_BYTES)
                raise refused(endpoint.name, response.status, response.headers, body, endpoint.secrets)
            yield response
        except (aiohttp.ClientError, OSError) as exc:
            raise cut(target) from exc
        except EventTooLong as exc:
            raise unreadable(target) from exc
        finally:
            response.close()  # at once, unless the answer was read to its end: then the connection is already back

    def session(self) -> aiohttp.ClientSession:
        """The client; opened at its first use, which must be in a running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60, socket_factory=_socket),
                read_bufsize=PIECE_BYTES,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES),
            )
        return self._session


def cut(target: Target) -> Failure:
    """The vendor's answer stopped without an end."""
    name = target.endpoint.name
    return Failure("upstream_cut", f"{name} stopped in the middle of its answer", phase="first_packet", vendor=name)


def unreadable(target: Target) -> Failure:
    """The vendor sent what is not its protocol."""
    name = target.endpoint.name
    return Failure("upstream_error", f"{name} sent what cannot be read", phase="first_packet", vendor=name)


def _socket(address: tuple[Any, ...]) -> socket.socket:
    """A socket with a small receive buffer: an answer is slow, and what nobody reads should stay with its vendor."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return made


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read the little that follows the last event, so that the connection can be used again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in response.content.iter_any():
                pass


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, or its first ``limit`` bytes."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) >= limit:
            break
    return bytes(body[:limit])


def _not_reached(target: Target, exc: Exception) -> Failure:
    """The request got no answer: say how far it came. Addresses are named, never the key."""
    endpoint = target.endpoint
    name = endpoint.name
    match exc:
        case asyncio.TimeoutError():
            return Failure("timeout_connect", f"{name} was not reached in {target.timeouts.connect_s:g} s", vendor=name)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError() if not isinstance(
            exc, aiohttp.ClientConnectorError
        ):
            return cut(target)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError() | ValueError():
            return Failure("invalid_request", f"{name} has no usable address", vendor=name)
        case aiohttp.ClientConnectorError():
            return Failure(
                "upstream_error", f"{name} cannot be reached at {exc.host}:{exc.port}: {_why(exc)}", vendor=name
            )
        case _:
            return Failure("upstream_error", f"{name} cannot be reached: {type(exc).__name__}", vendor=name)


def _why(exc: aiohttp.ClientConnectorError) -> str:
    return exc.os_error.strerror or type(exc.os_error).__name__
