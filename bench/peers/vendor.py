"""A vendor that costs next to nothing: ``vendor serve {}`` says where it is, and types what it is asked for.

It speaks just enough of OpenAI's chat completions. How much it types is in the question itself, which every proxy
passes on as it is: ``50 chunks, 20 ms apart``. Streams that began at different moments type at different moments, as
those of a real vendor do; one timer serves them all.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import defaultdict
from typing import Final, cast

import uvloop

ASKED: Final = re.compile(rb"(\d+) chunks, (\d+) ms apart")
LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
TICK_S: Final = 0.001
BURST: Final = 1000  # chunks written at once

_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\n%b\r\n\r\n"
_FIELDS: Final = '"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1,"model":"typewriter"'


def _event(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(event), event)


CHUNK: Final = _event(f'{{{_FIELDS},"choices":[{{"index":0,"delta":{{"content":"word "}},"finish_reason":null}}]}}')
USAGE: Final = '"usage":{"prompt_tokens":9,"completion_tokens":50,"total_tokens":59}'
END: Final = (
    _event(f'{{{_FIELDS},"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}]}}')
    + _event(f'{{{_FIELDS},"choices":[],{USAGE}}}')
    + _event("[DONE]")
    + b"0\r\n\r\n"
)
STREAM: Final = _HEAD % (b"text/event-stream", b"transfer-encoding: chunked")
MODELS: Final = json.dumps({"object": "list", "data": [{"id": "typewriter", "object": "model"}]}).encode()


class Clock:
    """Wakes each typewriter in its own millisecond."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._due: defaultdict[int, list[Typewriter]] = defaultdict(list)
        self._now = self._read()
        self._turn()

    def wake(self, typewriter: Typewriter, after_ms: int) -> None:
        """Let it type again after so many milliseconds."""
        self._due[self._now + max(1, after_ms)].append(typewriter)

    def _turn(self) -> None:
        read = self._read()
        while self._now < read:
            self._now += 1
            for typewriter in self._due.pop(self._now, ()):
                typewriter.type()
        self._loop.call_later(TICK_S, self._turn)

    def _read(self) -> int:
        return int(self._loop.time() * 1000)


class Typewriter(asyncio.Protocol):
    """One connection, kept from answer to answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = b""
        self._left = self._pause_ms = 0
        self._full = False  # the reader takes less than is written

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, blank, body = self._seen.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not blank or (length is not None and len(body) < int(length[1])):
            return
        self._seen = b""
        if (asked := ASKED.search(body)) is None:
            self._transport.write(_HEAD % (b"application/json", b"content-length: %d" % len(MODELS)) + MODELS)
            return
        self._left, self._pause_ms = int(asked[1]), int(asked[2])
        self._transport.write(STREAM + CHUNK)
        self._left -= 1
        self._go_on()

    def type(self) -> None:
        """The next chunk."""
        if self._transport.is_closing():
            return
        self._transport.write(CHUNK)
        self._left -= 1
        self._go_on()

    def _go_on(self) -> None:
        if self._left > 0 and self._pause_ms:
            self._clock.wake(self, self._pause_ms)
        else:
            self._rest()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        if self._left == 0 or (self._left > 0 and not self._pause_ms):
            self._rest()

    def _rest(self) -> None:
        """All that is left, as fast as it is read."""
        while self._left > BURST and not self._full:
            self._transport.write(CHUNK * BURST)
            self._left -= BURST
        if self._left <= BURST and not self._full:
            self._transport.write(CHUNK * self._left + END)
            self._left = -1


async def serve() -> None:
    """Answer until nobody listens for what this process says."""
    clock = Clock()
    server = await asyncio.get_running_loop().create_server(lambda: Typewriter(clock), "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"event": "listening", "port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(serve())
