"""The place where the SDK asks a server: one blocking request, answered whole or as a run's events."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from promptwire.api.message import Event
from promptwire.client.sse import ErrorBody, cut, failure_of, run_events
from promptwire.errors import Failure

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 60.0  # between packets; a heartbeat comes every 15 s


class Unreachable(Exception):
    """No server answered at the address."""


def stream(url: str, path: str, body: Any) -> Iterator[Event]:
    """The events of the run that POSTing ``body`` starts; closing the iterator cancels the run.

    Raises Failure, and Unreachable when there is no server.
    """
    with _answer(url, path, body) as response:
        if response.status != http.client.OK:
            raise _failure(response.status, response.read())
        try:
            yield from run_events(response)
        except (OSError, http.client.HTTPException) as error:
            raise cut() from error


@contextlib.contextmanager
def _answer(url: str, path: str, body: Any) -> Iterator[http.client.HTTPResponse]:
    address = urlsplit(url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    if address.scheme not in ("http", "https") or not address.hostname:
        raise Unreachable(f"a server's address is like http://127.0.0.1:8000, not {url!r}")
    connection = kind(address.hostname, address.port, timeout=CONNECT_TIMEOUT_S)
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    with contextlib.closing(connection):
        try:
            connection.connect()
        except OSError as error:
            raise Unreachable(f"no server answers at {url}: {error.strerror or error}") from error
        connection.sock.settimeout(READ_TIMEOUT_S)
        try:
            connection.request("POST", address.path.rstrip("/") + path, msgspec.json.encode(body), headers)
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Failure("upstream_cut", "the server went away before it answered", phase="first_packet") from error
        with response:
            yield response


def _failure(status: int, body: bytes) -> Failure:
    try:
        return failure_of(msgspec.json.decode(body, type=ErrorBody).error)
    except msgspec.DecodeError:
        return Failure("upstream_error", f"the server answered {status} without saying why", phase="first_packet")
