"""An HTTP service that tools call: every reply says what was asked; ``/slow`` waits until its caller leaves."""

from __future__ import annotations

import http.server
import threading
from contextlib import AbstractContextManager

from threads import running


class Shed(http.server.ThreadingHTTPServer):
    """The service, with what it was asked: path and Authorization."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[tuple[str, str]] = []
        self.slow_reached, self.slow_left = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Shed  # pyright: ignore[reportIncompatibleVariableOverride] - the only server it is made for

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("authorization", "")))
        if self.path.startswith("/slow"):
            self.server.slow_reached.set()
            self.rfile.read(1)  # nothing comes any more but the end
            self.server.slow_left.set()
            return
        body = f"{self.command} {self.path} {self.headers.get('authorization', '')}".encode()
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the name is http.server's

    def log_message(self, format: str, *args: object) -> None:
        pass


def shed() -> AbstractContextManager[Shed]:
    """A service on a free port."""
    return running(Shed())
