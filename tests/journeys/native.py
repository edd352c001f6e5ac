"""The native API as a plain HTTP client sees it."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Generator
from contextlib import ExitStack, closing
from typing import Any, Final
from urllib.parse import quote, urlsplit

from journeys.served import Served
from promptwire.api.message import Event
from promptwire.client.http import Link
from promptwire.client.reading import Reading
from promptwire.client.server import Server
from promptwire.client.sse import ServerEvent, server_events

JSON: Final = {"content-type": "application/json"}


def ask(
    served: Served, method: str, path: str, body: bytes | None = None, *, user: str = ""
) -> tuple[int, dict[str, Any]]:
    """The status and the JSON body of one request, made for ``user``."""
    with closing(connection(served)) as link:
        link.request(method, path, body, _headers(user) if body is None else JSON | _headers(user))
        with link.getresponse() as response:
            return response.status, json.loads(response.read() or b"null")


def post(served: Served, path: str, body: Any, *, user: str = "") -> tuple[int, dict[str, Any]]:
    """POST JSON."""
    return ask(served, "POST", path, json.dumps(body).encode(), user=user)


def put(served: Served, path: str, body: Any, *, user: str = "") -> tuple[int, dict[str, Any]]:
    """PUT JSON."""
    return ask(served, "PUT", path, json.dumps(body).encode(), user=user)


def stream(served: Served, path: str, body: Any, *, user: str = "") -> Generator[ServerEvent]:
    """The events of a stream, as they stand; closing the iterator leaves."""
    with closing(connection(served)) as link:
        link.request("POST", path, json.dumps(body).encode(), JSON | _headers(user))
        with link.getresponse() as response:
            assert response.status == 200, response.read()
            assert response.getheader("content-type", "").startswith("text/event-stream")
            yield from server_events(response)


def begun(served: Served, stack: ExitStack, body: dict[str, Any]) -> socket.socket:
    """A stream whose first token is here, and of which nothing more has been read."""
    address = urlsplit(served.url)
    link = stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=60))
    content = json.dumps(body).encode()
    head = "POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: "
    link.sendall(f"{head}{len(content)}\r\n\r\n".encode() + content)
    seen = b""
    while b"event: delta" not in seen:
        piece = link.recv(4096)
        assert piece, seen
        seen += piece
    return link


def events(url: str, path: str, body: Any) -> Generator[Event]:
    """The events of a run as the SDK reads them, without reading on."""
    return Link(Server.of(url)).events(path, body, Reading())


def connection(served: Served) -> http.client.HTTPConnection:
    """A connection to the gateway."""
    address = urlsplit(served.url)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)


def _headers(user: str) -> dict[str, str]:
    return {"x-promptwire-persist-user": quote(user)} if user else {}
