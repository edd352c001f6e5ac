"""The place where the built console is served; without a build, a page that says how to make one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

from promptwire.errors import Failure
from promptwire.gateway.answers import NO_STORE, say
from promptwire.gateway.auth import locked
from promptwire.gateway.caller import Caller
from promptwire.gateway.endpoint import WrongVerb

STATIC: Final = Path(__file__).parent / "static"
INDEX: Final = "index.html"
FOREVER: Final = b"public, max-age=31536000, immutable"  # the name changes when the content does
ASK: Final = b"no-cache"
HTML: Final = (b"content-type", b"text/html; charset=utf-8")

KINDS: Final = {
    ".css": b"text/css; charset=utf-8",
    ".html": HTML[1],
    ".ico": b"image/x-icon",
    ".js": b"text/javascript; charset=utf-8",
    ".json": b"application/json",
    ".png": b"image/png",
    ".svg": b"image/svg+xml",
    ".txt": b"text/plain; charset=utf-8",
    ".webmanifest": b"application/manifest+json",
    ".woff2": b"font/woff2",
}

NOT_PAGES: Final = ("/.well-known", "/openapi.json", "/healthz", "/readyz")

SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
)

_HASHED: Final = re.compile(r"[.-][A-Za-z0-9_-]{8,}\.\w+$")

MISSING: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Promptwire</title>
<style>body{font:16px/1.6 system-ui;max-width:38em;margin:12vh auto;padding:0 1em;color-scheme:light dark}</style>
<h1>Promptwire is running</h1>
<p>The console has not been built. With Node 20 or newer, in the clone:</p>
<pre>make console</pre>
<p>Everything else works: the <a href="/openapi.json">API</a>, the OpenAI-compatible endpoint at <code>/v1</code>, and
<code>promptwire chat "hello"</code>.</p>
"""


class Console:
    """Answers every path that no other endpoint has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        """A file of the build, or its page. Raises Failure where there can be no page."""
        path: str = scope["path"]
        if locked(path) or path.startswith(NOT_PAGES):
            raise Failure("not_found", f"there is nothing at {path}")
        if scope["method"] not in ("GET", "HEAD"):
            raise WrongVerb(scope["method"], ("GET",))
        if (file := self._file(path)) is not None:
            cache = FOREVER if path.startswith("/assets/") and _HASHED.search(file.name) else ASK
            await _send_file(send, file, cache)
        elif Path(path).suffix and path.startswith("/assets/"):
            raise Failure("not_found", f"there is nothing at {path}")  # of an older build, say
        elif (index := self._folder / INDEX).is_file():
            await _send_file(send, index, ASK)
        else:
            await say(send, 200, MISSING, (HTML, NO_STORE))

    def _file(self, path: str) -> Path | None:
        """The file at ``path``, never outside the folder."""
        if "\0" in path:
            return None
        file = (self._folder / path.lstrip("/")).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None


async def _send_file(send: Send, file: Path, cache: bytes) -> None:
    content = await asyncio.to_thread(file.read_bytes)
    kind = KINDS.get(file.suffix, b"application/octet-stream")
    await say(send, 200, content, ((b"content-type", kind), (b"cache-control", cache), *SECURITY))
