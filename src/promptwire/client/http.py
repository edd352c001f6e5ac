"""The place where the SDK asks a server from a thread: one request, answered whole or as a run's events."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from promptwire.api.message import Event
from promptwire.client.errors import PromptwireError, Unreachable, UpstreamCut, UpstreamError, raised
from promptwire.client.reading import Reading, Resume
from promptwire.client.server import Server
from promptwire.client.sse import ErrorBody

T = TypeVar("T")

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0  # between packets; a heartbeat comes every 15 s
PIECE: Final = 64 * 1024


class Link:
    """Asks one server; each request has a connection of its own, so any number of threads may share it."""

    def __init__(
        self, server: Server, *, connect_timeout_s: float = CONNECT_TIMEOUT_S, read_timeout_s: float = READ_TIMEOUT_S
    ) -> None:
        self.server = server
        self._connect_timeout_s, self._read_timeout_s = connect_timeout_s, read_timeout_s

    def ask(self, verb: str, path: str, body: Any = None, *, kind: type[T]) -> T:
        """The whole answer, as ``kind``. Raises PromptwireError, Unreachable when there is no server."""
        with self._answer(verb, path, body, {}) as response:
            try:
                said = response.read()
            except (OSError, http.client.HTTPException) as error:
                raise cut_before(error) from error
            if response.status != http.client.OK:
                raise refused(response.status, said)
            return read(said, kind)

    def events(
        self, path: str, body: Any, reading: Reading, headers: Mapping[str, str] | None = None
    ) -> Generator[Event, None, None]:
        """The events of the run that POSTing ``body`` starts, read on when a connection breaks, as ``reading`` can.

        Raises PromptwireError: the run's own error, or UpstreamCut; Unreachable when there is no server.
        """
        verb, sending = "POST", {**(headers or {}), "accept": "text/event-stream"}
        while True:
            try:
                with self._answer(verb, path, body, sending) as response:
                    if response.status != http.client.OK:
                        raise refused(response.status, response.read())
                    reading.opened(response.getheader("x-run-id"))
                    yield from _events(response, reading)
                if reading.ended:
                    return
                cause: Exception = EOFError("the connection ended")
            except PromptwireError as error:
                if reading.ended or not reading.run_id:
                    raise
                cause = error
            except (OSError, http.client.HTTPException) as error:
                cause = error
            resume = _wait(reading, cause)
            verb, path, body, sending = "GET", resume.path, None, {**resume.headers, "accept": "text/event-stream"}

    @contextlib.contextmanager
    def _answer(
        self, verb: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        secure, host, port, prefix = self.server.parts
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, port, timeout=self._connect_timeout_s)
        said = {"accept": "application/json", **self.server.headers, **headers}
        data = None if body is None else msgspec.json.encode(body)
        if data is not None:
            said["content-type"] = "application/json"
        with contextlib.closing(connection):
            try:
                connection.connect()
            except OSError as error:
                raise Unreachable(f"no server answers at {self.server.url}: {error.strerror or error}") from error
            connection.sock.settimeout(self._read_timeout_s)
            try:
                connection.request(verb, prefix + path, data, said)
                response = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                raise cut_before(error) from error
            with response:
                yield response


def _events(response: http.client.HTTPResponse, reading: Reading) -> Iterator[Event]:
    while not reading.ended and (data := response.read1(PIECE)):
        yield from reading.feed(data)


def _wait(reading: Reading, cause: Exception) -> Resume:
    resume = reading.broken(cause, time.monotonic())
    time.sleep(resume.wait_s)
    return resume


def cut_before(error: Exception) -> UpstreamCut:
    """The failure of a server that went away, or fell silent, before it answered."""
    said = "fell silent" if isinstance(error, TimeoutError) else "went away"
    return UpstreamCut("upstream_cut", f"the server {said} before it answered", phase="first_packet")


def refused(status: int, body: bytes) -> PromptwireError:
    """The failure that an answer other than a success says."""
    try:
        return raised(msgspec.json.decode(body, type=ErrorBody).error)
    except msgspec.DecodeError:
        said = f"the server answered {status} without saying why"
        return UpstreamError("upstream_error", said, phase="first_packet")


def read(body: bytes, kind: type[T]) -> T:
    """A whole answer. Raises PromptwireError when it is not what was asked for."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise UpstreamError("upstream_error", f"the server's answer is not understood: {error}") from error
