"""One request of the SDK against a server that answers byte by byte what a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from promptwire.api.message import Delta, Event
from promptwire.client.errors import Unreachable
from promptwire.client.http import Link, read
from promptwire.client.reading import Reading
from promptwire.client.server import Server
from promptwire.errors import Failure

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
START = b'id: 1\nevent: start\ndata: {"run_id":"r","model":"m","trace_id":"t"}\n\n'
DELTA = b'id: 2\nevent: delta\ndata: {"text":"hi"}\n\n'


def stream(url: str, path: str, body: Any, *, kept_s: float = 0) -> Iterator[Event]:
    return Link(Server.of(url, "secret", "Anné")).events(path, body, Reading(kept_s))


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """A server for one request: its address, and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(answer)
                connection.shutdown(socket.SHUT_WR)
                while more := connection.recv(65536):
                    asked.append(more)

        thread = threading.Thread(target=serve)
        thread.start()

        def request() -> bytes:
            thread.join(10)
            return b"".join(asked)

        yield f"http://127.0.0.1:{listener.getsockname()[1]}/prefix/", request
        thread.join(10)


def test_the_body_is_posted_under_the_address() -> None:
    with answering(HEAD + START + DELTA) as (url, request):
        with pytest.raises(Failure):
            list(stream(url, "/api/chat", {"model": "m"}))
        said = request()
    assert said.startswith(b"POST /prefix/api/chat HTTP/1.1\r\n")
    assert said.endswith(b'{"model":"m"}')
    assert b"authorization: Bearer secret\r\n" in said
    assert b"x-promptwire-persist-user: Ann%C3%A9\r\n" in said


def test_events_come_and_a_stream_that_just_stops_was_cut() -> None:
    with answering(HEAD + START + DELTA) as (url, _):
        events = stream(url, "/api/chat", {})
        next(events)
        assert next(events) == Delta(text="hi")
        with pytest.raises(Failure) as caught:
            next(events)
    assert caught.value.class_ == "upstream_cut"


def test_a_refusal_is_the_failure_the_server_named() -> None:
    body = b'{"error":{"code":40400,"class":"not_found","phase":"connect","message":"no prompt","retryable":false}}'
    head = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    with answering(head + body) as (url, _), pytest.raises(Failure, match="no prompt") as caught:
        list(stream(url, "/api/chat", {}))
    assert caught.value.class_ == "not_found"


def test_a_refusal_without_a_reason_is_told_by_its_status() -> None:
    answer = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>"
    with answering(answer) as (url, _), pytest.raises(Failure, match="502"):
        list(stream(url, "/api/chat", {}))


def test_a_server_that_hangs_up_was_cut_before_the_first_packet() -> None:
    with answering(b"") as (url, _), pytest.raises(Failure) as caught:
        list(stream(url, "/api/chat", {}))
    assert (caught.value.class_, caught.value.phase) == ("upstream_cut", "first_packet")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "nonsense", "http://"])
def test_what_is_not_an_address_is_said(url: str) -> None:
    with pytest.raises(Unreachable, match="address"):
        list(stream(url, "/api/chat", {}))


def test_an_address_where_nobody_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=str(port)):
        list(stream(f"http://127.0.0.1:{port}", "/api/chat", {}))


def test_an_answer_that_is_not_what_was_asked_for_is_said() -> None:
    with pytest.raises(Failure, match="not understood"):
        read(b"[1]", dict[str, Any])
