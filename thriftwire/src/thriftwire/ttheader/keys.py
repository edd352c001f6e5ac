"""The entries of a TTHeader and what they mean to a call: metadata, caller, deadline, business status.

String keys carry the IDL service (``isn``), metainfo (``RPC_TRANSIT_…``), a reset's path (``ttscp``) and business
status; integer keys the method, the caller and the deadline (kitex-wire 1.3, 1.4). The ACL token is the transient
entry ``gdpr-token``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from thriftwire import biz
from thriftwire.events import BizStatus, End, Failure, Open
from thriftwire.ttheader.frames import Header

TRANSPORT_TYPE: Final = 1
FROM_SERVICE: Final = 3
TO_SERVICE: Final = 6
TO_METHOD: Final = 9
TIMEOUT_MS: Final = 12
FROM_METHOD: Final = 20
MESSAGE_TYPE: Final = 22
FRAME_TYPE: Final = 27

SERVICE: Final = "isn"
CANCEL_PATH: Final = "ttscp"
CONNECTION_RESET: Final = "crrst"
ACL_ENTRY: Final = "gdpr-token"

TRANSIT: Final = "RPC_TRANSIT_"
UPSTREAM: Final = "RPC_TRANSIT_UPSTREAM_"
PERSIST: Final = "RPC_PERSIST_"

_MAX_TIMEOUT_MS = 2**53


def open_strings(event: Open) -> dict[str, str]:
    """The string entries of an opening header. Empty metadata keys and values do not travel."""
    strings = dict(event.headers)
    if event.service:
        strings[SERVICE] = event.service
    for prefix, entries in (
        (TRANSIT, event.transient),
        (UPSTREAM, event.upstream),
        (PERSIST, event.persistent),
    ):
        for key, value in entries.items():
            if key and value and not (key == ACL_ENTRY and prefix == TRANSIT):
                strings[prefix + key] = value
    return strings


def open_ints(event: Open) -> dict[int, str]:
    """The integer entries of an opening header, the method first; the wire adds its own."""
    ints = {TO_METHOD: event.method}
    if event.caller:
        ints[FROM_SERVICE] = event.caller
    if event.timeout_ms is not None:
        ints[TIMEOUT_MS] = str(max(0, event.timeout_ms))
    return ints


def open_header(protocol_id: int, strings: dict[str, str], ints: dict[int, str], event: Open) -> Header:
    """An opening header; the transient entry ``gdpr-token`` becomes its ACL token."""
    return Header(protocol_id, strings, ints, event.transient.get(ACL_ENTRY) or None)


def read_open(call_id: int, header: Header, method: str, *, streaming: bool, oneway: bool = False) -> Open:
    """What an opening header says."""
    transient: dict[str, str] = {}
    upstream: dict[str, str] = {}
    persistent: dict[str, str] = {}
    headers: dict[str, str] = {}
    for key, value in header.strings.items():
        if key.startswith(UPSTREAM):  # before the shorter prefix it begins with
            upstream[key.removeprefix(UPSTREAM)] = value
        elif key.startswith(TRANSIT):
            transient[key.removeprefix(TRANSIT)] = value
        elif key.startswith(PERSIST):
            persistent[key.removeprefix(PERSIST)] = value
        elif key != SERVICE:
            headers[key] = value
    if header.acl:
        transient[ACL_ENTRY] = header.acl
    return Open(
        call_id=call_id,
        service=header.strings.get(SERVICE, ""),
        method=method,
        streaming=streaming,
        oneway=oneway,
        transient=_named(transient),
        upstream=_named(upstream),
        persistent=_named(persistent),
        headers=headers,
        caller=header.ints.get(FROM_SERVICE, ""),
        timeout_ms=read_timeout(header.ints.get(TIMEOUT_MS, "")),
    )


def _named(entries: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in entries.items() if key and value}


def read_timeout(text: str) -> int | None:
    """A deadline in milliseconds; None when there is none that makes sense."""
    if not (text.isascii() and text.isdigit()) or len(text) > 16:
        return None
    return min(int(text), _MAX_TIMEOUT_MS)


def read_end(call_id: int, strings: Mapping[str, str], failure: Failure | None) -> End:
    """What a trailer says: a failure first, then a business status, then the application's own entries."""
    trailers = {key: value for key, value in strings.items() if key not in biz.KEYS}
    if failure is not None:
        return End(call_id=call_id, trailers=trailers, failure=failure)
    match biz.read(strings, strings.get(biz.MESSAGE, "")):
        case BizStatus() as status:
            return End(call_id=call_id, trailers=trailers, biz=status)
        case outcome:
            return End(call_id=call_id, trailers=trailers, failure=outcome)
