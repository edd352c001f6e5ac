"""The place for talking HTTP to vendors: one connection pool, one way to post a request and read its event stream."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import re
import ssl
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final, Protocol, TypeVar
from urllib.request import getproxies_environment, proxy_bypass

import aiohttp
import msgspec
from yarl import URL

from promptwire.errors import Failure
from promptwire.llm.provider import Target
from promptwire.llm.vendor_connection import PIECE_BYTES, Broken, Connection
from promptwire.llm.vendor_errors import refused
from promptwire.llm.vendor_pool import Place, Pool
from promptwire.sse import EventSplitter, EventTooLong
from thriftwire.streams import Flow, Onward, Poured, Sink, onward, streamed

MAX_ERROR_BYTES: Final = 64 * 1024
MAX_WHOLE_BYTES: Final = 16 * 1024 * 1024  # of an answer that the vendor did not stream
DRAIN_S: Final = 0.25
_HEADERS: Final = {
    "Accept": "text/event-stream",
    "Accept-Encoding": "identity",  # a compressor would hold tokens back
    "Content-Type": "application/json",
    "User-Agent": "promptwire",
}
_NOT_IN_A_HEADER: Final = re.compile(r"[\r\n\0]")


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Answer(Protocol):
    """An answer, its head read. `read` gives what has come since, and nothing at the end; `pour` gives it on."""

    status: int
    headers: Mapping[str, str]

    def read(self) -> Awaitable[bytes]:
        """At least a byte, unless the answer is whole. Raises OSError and aiohttp's errors."""
        ...

    async def pour(self, take: Callable[[bytes], bool]) -> bool:
        """Give ``take`` every piece until it wants no more, which is true, or the answer is whole."""
        ...


class Reading(Protocol[T_co]):
    """What a provider reads in one answer, event by event. ``over``: nothing follows the event read last."""

    @property
    def over(self) -> bool:
        """The vendor has said all."""
        ...

    def read(self, data: bytes) -> Iterable[T_co]:
        """The chunks of one event. Raises Failure."""
        ...

    def close(self) -> Iterable[T_co]:
        """Nothing follows: the chunks that only the end tells. Raises Failure when the answer has no end."""
        ...


class VendorHTTP:
    """The connections of this process to all vendors. `close` it after the last stream."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._pool = Pool()

    @functools.cached_property
    def _proxies(self) -> Mapping[str, str]:
        """The proxies that the environment names, all of which must be looked through: once."""
        return getproxies_environment()

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()
        if self._session is not None:
            await self._session.close()

    @streamed
    async def stream(
        self, target: Target, path: str, headers: Mapping[str, str], payload: Callable[[], Any], reading: Reading[T]
    ) -> AsyncGenerator[T | Onward[T], None]:
        """Post what ``payload`` makes, and yield what ``reading`` makes of the events that come.

        An answer in plain JSON is read as if it were one event. Raises Failure for everything that goes wrong; closing
        the generator closes the connection at once.
        """
        async with self._answer(target, path, headers, payload()) as answer:
            splitter = _Document() if _is_document(answer) else EventSplitter()
            yield onward(_Chunks(answer, splitter, reading))
            if reading.over:
                await _drain(answer)
            else:
                for chunk in chain.from_iterable(map(reading.read, splitter.close())):
                    yield chunk
        for chunk in reading.close():
            yield chunk

    @contextlib.asynccontextmanager
    async def _answer(
        self, target: Target, path: str, headers: Mapping[str, str], payload: Any
    ) -> AsyncGenerator[Answer, None]:
        """The vendor's answer, its head read; what goes wrong here or while it is read becomes a Failure."""
        endpoint = target.endpoint
        body = msgspec.json.encode(payload)
        with contextlib.ExitStack() as stack:
            try:
                url = _url(endpoint.base_url.rstrip("/") + path)
                said = {**_HEADERS, **headers, **endpoint.headers}
                if (proxy := _proxy_of(url, self._proxies)) is None:
                    answer = await self._directly(stack, url, said, body, target)
                else:
                    answer = await self._through_proxy(stack, url, said, body, target, proxy=proxy)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
                raise _not_reached(target, exc) from exc
            try:
                if answer.status != 200:
                    said = await _read(answer, MAX_ERROR_BYTES)
                    raise refused(endpoint.name, answer.status, answer.headers, said, endpoint.secrets)
                yield answer
            except (aiohttp.ClientError, OSError) as exc:
                raise cut(target) from exc
            except EventTooLong as exc:
                raise unreadable(target) from exc

    async def _directly(
        self, stack: contextlib.ExitStack, url: URL, headers: Mapping[str, str], body: bytes, target: Target
    ) -> Answer:
        place = Place(url.raw_host or "", url.port or 0, url.scheme == "https")
        try:
            connection = await self._pool.take(place, target.timeouts.connect_s)
        except (OSError, UnicodeError) as exc:
            if isinstance(exc, TimeoutError):
                raise
            raise _Unreached(place, exc) from exc
        stack.callback(self._pool.give_back, place, connection)
        connection.send(_request(url, headers, body))
        await connection.head()
        if connection.headers.get("content-encoding", "").lower() in ("gzip", "deflate"):
            return _Inflated(connection)  # in spite of what was asked for
        return connection

    async def _through_proxy(
        self,
        stack: contextlib.ExitStack,
        url: URL,
        headers: Mapping[str, str],
        body: bytes,
        target: Target,
        *,
        proxy: URL,
    ) -> Answer:
        """The same by a client that knows proxies, which costs more for each chunk."""
        response = await self.session().post(
            url,
            proxy=proxy,
            data=body,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, connect=target.timeouts.connect_s),
            allow_redirects=False,  # a key goes nowhere but where it was meant to
        )
        stack.callback(response.close)  # at once, unless it was read to its end: then the connection is already back
        return _Proxied(response)

    def session(self) -> aiohttp.ClientSession:
        """A general client, for what is no stream of tokens; opened at its first use, in a running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=60),
                read_bufsize=PIECE_BYTES,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=bool(self._proxies),
            )
        return self._session


class _Chunks(Poured):
    """The chunks of an answer where its pieces arrive, until its reading is over."""

    __slots__ = ("_answer", "_flow", "_reading", "_sink", "_splitter")

    def __init__(self, answer: Answer, splitter: EventSplitter | _Document, reading: Reading[Any]) -> None:
        self._answer, self._splitter, self._reading = answer, splitter, reading

    async def pour(self, sink: Sink[Any], flow: Flow) -> bool:
        """See `thriftwire.streams.pour`."""
        self._sink, self._flow = sink, flow
        return not self._reading.over and await self._answer.pour(self._take) and not self._reading.over

    def _take(self, piece: bytes) -> bool:
        reading, sink = self._reading, self._sink
        for data in self._splitter.feed(piece):
            for chunk in reading.read(data):
                sink(chunk)
        return not (reading.over or self._flow.full)


class _Document:
    """The one event that an answer in plain JSON is."""

    def __init__(self) -> None:
        self._body = bytearray()

    def feed(self, piece: bytes) -> list[bytes]:
        """Nothing yet. Raises EventTooLong."""
        self._body += piece
        if len(self._body) > MAX_WHOLE_BYTES:
            raise EventTooLong(f"an answer is longer than {MAX_WHOLE_BYTES} bytes")
        return []

    def close(self) -> list[bytes]:
        """The whole."""
        return [bytes(self._body)]


class _Read:
    """An answer that is not what arrives: it is poured as it is read."""

    async def read(self) -> bytes:
        raise NotImplementedError

    async def pour(self, take: Callable[[bytes], bool]) -> bool:
        while piece := await self.read():
            if not take(piece):
                return True
        return False


class _Inflated(_Read):
    """An answer that came compressed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # gzip or zlib, as its head says
        self.status = connection.status
        self.headers = connection.headers

    async def read(self) -> bytes:
        while piece := self._inflate.unconsumed_tail or await self._connection.read():
            try:
                if data := self._inflate.decompress(piece, PIECE_BYTES):
                    return data
            except zlib.error as exc:
                raise Broken("the answer is not compressed as it says") from exc
        return b""


class _Proxied(_Read):
    """An answer that came through a proxy."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._content = response.content
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        return await self._content.read(PIECE_BYTES)


class _Unreached(OSError):
    """No connection could be made."""

    def __init__(self, place: Place, cause: Exception) -> None:
        super().__init__(f"{place.host}:{place.port}: {_why(cause)}")


def _url(text: str) -> URL:
    """An address as it is asked. Raises ValueError."""
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.raw_host or not url.port:
        raise ValueError("not an address of HTTP")
    return url


def _is_document(answer: Answer) -> bool:
    """Whether the vendor answers without streaming."""
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _proxy_of(url: URL, proxies: Mapping[str, str]) -> URL | None:
    """The one of ``proxies`` that is for an address, if any. Raises Failure for one that is not spoken."""
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or proxy_bypass(url.host or ""):
        return None
    proxy = URL(named)
    if proxy.scheme not in ("http", "https") or not proxy.host:
        kind = f"not of {proxy.scheme}" if proxy.scheme else "like http://HOST:PORT"
        raise Failure("invalid_request", f"vendors are asked through a proxy of HTTP, {kind} (see the environment)")
    return proxy


def _request(url: URL, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of a POST. Raises ValueError for a header that is none."""
    port = "" if url.is_default_port() else f":{url.port}"
    host = f"[{url.raw_host}]" if ":" in (url.raw_host or "") else url.raw_host
    said = {"Host": f"{host}{port}"}
    if url.user is not None:
        pair = f"{url.user}:{url.password or ''}".encode()
        said["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    said |= {**headers, "Content-Length": str(len(body))}
    last = {name.lower(): f"{name}: {value}" for name, value in said.items()}  # of two that differ in case alone
    if _NOT_IN_A_HEADER.search("".join(last.values())):
        raise ValueError("a header holds a line break")
    return "\r\n".join([f"POST {url.raw_path_qs} HTTP/1.1", *last.values(), "", ""]).encode() + body


def cut(target: Target) -> Failure:
    """The vendor's answer stopped without an end."""
    name = target.endpoint.name
    return Failure("upstream_cut", f"{name} stopped in the middle of its answer", phase="first_packet", vendor=name)


def unreadable(target: Target) -> Failure:
    """The vendor sent what is not its protocol."""
    name = target.endpoint.name
    return Failure("upstream_error", f"{name} sent what cannot be read", phase="first_packet", vendor=name)


async def _drain(answer: Answer) -> None:
    """Read the little that follows the last event, so that the connection can be used again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            while await answer.read():
                pass


async def _read(answer: Answer, limit: int) -> bytes:
    """The body, or its first ``limit`` bytes."""
    body = bytearray()
    while len(body) < limit and (piece := await answer.read()):
        body += piece
    return bytes(body[:limit])


def _not_reached(target: Target, exc: Exception) -> Failure:
    """The request got no answer: say how far it came. Addresses are named, never the key."""
    endpoint = target.endpoint
    name = endpoint.name
    match exc:
        case TimeoutError():
            return Failure("timeout_connect", f"{name} was not reached in {target.timeouts.connect_s:g} s", vendor=name)
        case _Unreached():
            return Failure("upstream_error", f"{name} cannot be reached at {exc}", vendor=name)
        case aiohttp.ClientConnectorError():
            where = f"{exc.host}:{exc.port}: {_why(exc.os_error)}"
            return Failure("upstream_error", f"{name} cannot be reached at {where}", vendor=name)
        case aiohttp.ClientHttpProxyError():
            return Failure("upstream_error", f"{name} cannot be reached: the proxy answered {exc.status}", vendor=name)
        case OSError() | aiohttp.ServerDisconnectedError():
            return cut(target)
        case ValueError():
            return Failure("invalid_request", f"{name} has no usable address", vendor=name)
        case _:
            return Failure("upstream_error", f"{name} cannot be reached: {type(exc).__name__}", vendor=name)


def _why(exc: Exception) -> str:
    """The system's words for what went wrong, without addresses."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        return exc.verify_message
    return getattr(exc, "strerror", None) or type(exc).__name__
