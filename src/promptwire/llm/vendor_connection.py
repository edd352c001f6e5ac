"""The place for one HTTP/1.1 connection to a vendor: a request out, the head of its answer and its body as it comes.

Every chunk of every answer passes here, so it is a bare protocol on the parser that uvicorn uses too: bytes are parsed
where they arrive and poured on from there, or the one task that reads is woken once for all that came. A reader who
takes nothing stops the reading of the socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, cast

import httptools

PIECE_BYTES: Final = 8 * 1024  # that nobody has taken; then nothing more is read
MAX_HEAD: Final = 64 * 1024


class Broken(OSError):
    """The connection ended inside an answer, or what came is not HTTP."""


class Connection(asyncio.BufferedProtocol):
    """One answer at a time: `send`, then `head`, then `read` or `pour` to its end. `reusable` says what is next.

    ``buffer`` is what the socket is read into: ``PIECE_BYTES`` that all connections of a loop share, because what is
    in it is parsed before the next is read.
    """

    __slots__ = (
        "_buffer",
        "_head",
        "_head_bytes",
        "_heading",
        "_keep_alive",
        "_loop",
        "_lost",
        "_over",
        "_parser",
        "_paused",
        "_piece",
        "_reading",
        "_take",
        "_transport",
        "_until_closed",
        "closed",
        "headers",
        "status",
    )

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._heading: asyncio.Future[None] | None = None  # of who waits for the head
        self._reading: asyncio.Future[bytes] | None = None  # of who waits for more of the body
        self._take: Callable[[bytes], bool] | None = None  # takes the body where it arrives
        self._piece = b""  # of the body, that nobody has taken
        self._paused = False
        self._over = True  # the answer is whole, or there is none yet
        self._until_closed = False  # the answer ends with the connection
        self._keep_alive = False
        self._lost: Exception | None = None
        self._head_bytes = 0
        self.status = 0  # 0 until the head is there
        self.headers: Mapping[str, str] = {}  # by their names in small letters
        self._head: dict[str, str] = {}  # those that came so far
        self.closed: asyncio.Future[None] = self._loop.create_future()

    # What its user does

    def send(self, request: bytes) -> None:
        """Ask; nothing of an earlier answer is left."""
        self.status, self._head, self._head_bytes = 0, {}, 0
        self._over = self._until_closed = self._keep_alive = False
        if self._transport is not None:
            self._transport.write(request)

    async def head(self) -> None:
        """Wait until ``status`` and ``headers`` are there. Raises Broken."""
        while not self.status:
            if self._lost is not None:
                raise Broken("the connection ended before the answer") from self._lost
            self._heading = self._loop.create_future()
            await self._heading

    def read(self) -> asyncio.Future[bytes]:
        """What has come since, at least a byte; empty when the answer is whole. Raises Broken.

        A future and no coroutine, which would be one more frame between the socket and the task that reads.
        """
        self._reading = reading = self._loop.create_future()
        self._hand_over(reading)
        return reading

    async def pour(self, take: Callable[[bytes], bool]) -> bool:
        """Give ``take`` every piece where it arrives, until it wants no more, which is true, or the answer is whole.

        Raises Broken, and what ``take`` raises.
        """
        if self._piece and not take(await self.read()):
            return True
        self._reading, self._take = self._loop.create_future(), take
        self._wake()
        try:
            return bool(await self._reading)
        finally:
            self._take = None

    @property
    def reusable(self) -> bool:
        """Another request may be sent."""
        return self._over and self._keep_alive and not self._piece and self._lost is None

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is there."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's only look like asyncio's

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go."""
        return self._buffer[len(self._piece) :] if self._piece else self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        if self._over:
            self._fail(ConnectionResetError("the vendor spoke without being asked"))
            return
        if not self.status:
            self._head_bytes += nbytes
        try:
            begin = len(self._piece)
            self._parser.feed_data(self._buffer[begin : begin + nbytes])
            if self._head_bytes > MAX_HEAD and not self.status:
                raise httptools.HttpParserError("a head without end")
        except httptools.HttpParserError as error:
            self._fail(error)
            return
        if self._take is not None:
            self._pour(self._take)
        else:
            self._wake()
        if len(self._piece) >= PIECE_BYTES // 2 and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: the end of some answers, the loss of the others."""
        self._transport = None
        if self._until_closed and self.status and exc is None:
            self._over = True
        self._fail(exc or ConnectionResetError("the vendor closed the connection"))
        self.closed.set_result(None)

    def _fail(self, error: Exception) -> None:
        self._lost = self._lost or error
        self.abort()
        self._wake()

    def _wake(self) -> None:
        """Tell who waits; whoever waited and left is told nothing."""
        if (reading := self._reading) is not None and not reading.done():
            self._hand_over(reading)
        elif (heading := self._heading) is not None and not heading.done():
            heading.set_result(None)

    def _pour(self, take: Callable[[bytes], bool]) -> None:
        """Pour what came; who waits is told when that is over."""
        if not (piece := self._piece):
            self._wake()
            return
        self._piece = b""
        try:
            if not take(piece):
                self._poured(piece)
            elif self._over:
                self._wake()
        except Exception as error:  # noqa: BLE001 - of who waits
            self._poured(error)

    def _poured(self, last: bytes | Exception) -> None:
        """No more is wanted; or what came could not be taken."""
        self._take = None
        if (reading := self._reading) is None or reading.done():
            return
        if isinstance(last, bytes):
            reading.set_result(last)
        else:
            reading.set_exception(last)

    def _hand_over(self, reading: asyncio.Future[bytes]) -> None:
        """Give what there is to who waits for it: a piece, the end, or what broke."""
        if piece := self._piece:
            self._piece = b""
            reading.set_result(piece)
            if self._paused and self._transport is not None:
                self._paused = False
                self._transport.resume_reading()
        elif self._over:
            reading.set_result(b"")
        elif self._lost is not None:
            broken = Broken("the connection ended inside the answer")
            broken.__cause__ = self._lost
            reading.set_exception(broken)
            reading.exception()  # seen: who waits may be leaving at this very moment

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the answer; of several with one name the last counts."""
        self._head[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The head is there, unless it only announces another."""
        if (status := self._parser.get_status_code()) < 200:
            self._head = {}
            return
        self.status, self.headers = status, self._head
        self._until_closed = not {"content-length", "transfer-encoding"} & self.headers.keys()

    def on_body(self, body: bytes) -> None:
        """A piece of the answer."""
        self._piece = self._piece + body if self._piece else body

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if self.status:
            self._over, self._keep_alive = True, self._parser.should_keep_alive()
