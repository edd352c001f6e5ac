"""The native API as a plain HTTP client sees it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from journeys.served import Served
from promptwire.client.sse import ServerEvent, server_events


def ask(served: Served, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """The status and the JSON body of one request."""
    with closing(connection(served)) as link:
        link.request(method, path, body, {"content-type": "application/json"} if body is not None else {})
        with link.getresponse() as response:
            return response.status, json.loads(response.read() or b"null")


def post(served: Served, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """POST JSON."""
    return ask(served, "POST", path, json.dumps(body).encode())


def put(served: Served, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """PUT JSON."""
    return ask(served, "PUT", path, json.dumps(body).encode())


def stream(served: Served, path: str, body: Any) -> Iterator[ServerEvent]:
    """The events of a stream, as they stand; closing the iterator leaves."""
    with closing(connection(served)) as link:
        link.request("POST", path, json.dumps(body).encode(), {"content-type": "application/json"})
        with link.getresponse() as response:
            assert response.status == 200, response.read()
            assert response.getheader("content-type", "").startswith("text/event-stream")
            yield from server_events(response)


def connection(served: Served) -> http.client.HTTPConnection:
    """A connection to the gateway."""
    address = urlsplit(served.url)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
