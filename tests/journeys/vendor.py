"""A vendor that types for ever, as fast as it is read, and knows who is still listening."""

from __future__ import annotations

import socketserver
import threading
from contextlib import AbstractContextManager
from typing import Final

from threads import running

HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
CHUNK: Final = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'  # noqa: E501
BURST: Final = CHUNK * 100


class Vendor(socketserver.ThreadingTCPServer):
    """Speaks just enough of OpenAI's chat completions."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endless)
        self.listening = 0  # readers that are still there
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """The base URL an OpenAI client needs."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Endless(socketserver.BaseRequestHandler):
    server: Vendor  # pyright: ignore[reportIncompatibleVariableOverride] - the only server it is made for

    def handle(self) -> None:
        with self.server.lock:
            self.server.listening += 1
        try:
            self._read_request()
            self.request.sendall(HEAD)
            while True:
                self.request.sendall(BURST)
        except OSError:
            pass  # the reader left
        finally:
            with self.server.lock:
                self.server.listening -= 1

    def _read_request(self) -> None:
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += self.request.recv(65536)
        head, _, body = seen.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-len")
        )
        while len(body) < length:
            body += self.request.recv(65536)


def vendor() -> AbstractContextManager[Vendor]:
    """A vendor on a free port."""
    return running(Vendor())
