"""The place where a call becomes one HTTP request, and its response the reply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import aiohttp
import msgspec

from promptwire.api.tool import HttpCall
from promptwire.prompt.tools.arguments import ABSENT, ToolFault, at, canonical_value
from promptwire.prompt.tools.reach import CONNECT_S, Outbound, reason, split
from promptwire.prompt.tools.safe import Safe

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_TIMEOUT_S: Final = 300.0
SHOWN: Final = 2000  # characters of a response that is not a success
QUERY: Final = frozenset({"GET", "DELETE"})

_CLIMB: Final = re.compile(r"/\.{1,2}(?=/|$)")
_PLACE: Final = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")


async def answer(call: HttpCall, arguments: Mapping[str, Any], outbound: Outbound, safe: Safe) -> str:
    """Make the request. Raises ToolFault for everything but a success that fits."""
    url = address(call, arguments)
    filled = await safe.fill(call.headers, url)
    headers = {"User-Agent": "promptwire", "Accept": "*/*", **filled.headers}
    content = body(call, arguments)
    if content is not None and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    timeout = aiohttp.ClientTimeout(total=min(call.timeout_s, MAX_TIMEOUT_S), connect=CONNECT_S)
    limit = max(0, min(call.max_bytes, MAX_BYTES))
    try:
        async with outbound.session(url).request(
            call.method_, url, data=content, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            text = filled.masked(await read(response, limit))
    except (aiohttp.ClientError, OSError, ValueError) as exc:  # TimeoutError is an OSError
        raise ToolFault(reason(exc)) from exc
    if not response.ok or response.status >= 300:
        raise ToolFault(f"HTTP {response.status}: {text[:SHOWN]}".rstrip(": "))
    return text


def address(call: HttpCall, arguments: Mapping[str, Any]) -> str:
    """The URL with the arguments in place. Raises ToolFault: the host is not for a model to choose."""
    start = re.match(r"[A-Za-z]+://[^/?#]*", call.url)
    if start is None or "{{" in start[0]:
        raise ToolFault("a tool's address begins with http:// or https:// and a host without arguments")
    split(start[0])
    url = call.url[: start.end()] + _PLACE.sub(lambda match: _encoded(arguments, match[1]), call.url[start.end() :])
    if _CLIMB.search(split(url).path):
        raise ToolFault("an argument would climb out of the path it is put into")
    rest = _rest(call, arguments)
    if call.method_ not in QUERY or not rest:
        return url
    before, mark, fragment = url.partition("#")
    joint = "&" if "?" in before else "?"
    return before + joint + urlencode({name: _text(value) for name, value in rest.items()}) + mark + fragment


def body(call: HttpCall, arguments: Mapping[str, Any]) -> bytes | None:
    """What is sent: the template with each argument as JSON, or the arguments the URL has no place for."""
    if call.body is not None:
        return _PLACE.sub(lambda match: _json(at(arguments, match[1])), call.body).encode()
    return None if call.method_ in QUERY else msgspec.json.encode(_rest(call, arguments))


async def read(response: aiohttp.ClientResponse, limit: int) -> str:
    """The body as text. Raises ToolFault when it is longer than ``limit`` bytes or no text."""
    content = bytearray()
    async for piece in response.content.iter_any():
        content += piece
        if len(content) > limit:
            raise ToolFault(f"the reply is longer than {limit} bytes")
    try:
        return content.decode(response.charset or "utf-8")
    except (UnicodeDecodeError, LookupError) as exc:
        raise ToolFault(f"the reply is not text but {response.content_type}") from exc


def _rest(call: HttpCall, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that the URL does not name."""
    named = {re.split(r"[.\[]", place.removeprefix("$."))[0] for place in _PLACE.findall(call.url)}
    return {name: value for name, value in arguments.items() if name not in named}


def _encoded(arguments: Mapping[str, Any], place: str) -> str:
    value = at(arguments, place)
    return "" if value is ABSENT else quote(_text(value), safe="")


def _text(value: object) -> str:
    return value if isinstance(value, str) else canonical_value(value)


def _json(value: object) -> str:
    return "null" if value is ABSENT else msgspec.json.encode(value).decode()
