"""HTTP/2 header fields and what they mean to a call: path, metadata, caller, deadline, business status.

A metainfo key travels as ``rpc-transit-…`` or ``rpc-persist-…`` in lower case with ``_`` as ``-``, and is read back in
upper case (kitex-wire 3.6): ``Hello`` arrives as ``HELLO``, as it does in Kitex. Names of headers and trailers are
lower case on this wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from thriftwire import biz
from thriftwire.errors import LocalProtocolError
from thriftwire.events import BizStatus, End, Failure, Open
from thriftwire.grpc import status
from thriftwire.grpc.status import Status

Fields: TypeAlias = list[tuple[bytes, bytes]]

CONTENT_TYPE: Final = "application/grpc+thrift"  # exactly this: Kitex takes anything else for protobuf
_SERVED_TYPES: Final = frozenset({CONTENT_TYPE, "application/grpc"})  # grpcio clients can send only the second
TRANSIT: Final = "rpc-transit-"
UPSTREAM: Final = "rpc-transit-upstream-"
PERSIST: Final = "rpc-persist-"

_CALLER: Final = "source-service"
_TIMEOUT: Final = "grpc-timeout"
_STATUS: Final = "grpc-status"
_MESSAGE: Final = "grpc-message"
_REASON: Final = "x-reason"
_CODE: Final = "thriftwire-code"
_OURS: Final = biz.KEYS | {"content-length", "content-type", "te", "user-agent", _CALLER, _CODE}
_CONNECTION: Final = frozenset({"connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"})
_NAME: Final = re.compile(r"[0-9a-z_.\-]+")
_VALUE: Final = re.compile(r"[^\x00-\x1f\x7f]*")
_UNITS: Final = {"H": 3_600_000_000_000, "M": 60_000_000_000, "S": 1_000_000_000, "m": 1_000_000, "u": 1_000, "n": 1}
_MAX_TIMEOUT_MS: Final = 2**53


# Fields


def field(name: str, value: str) -> tuple[bytes, bytes]:
    """One field of the application's. Raises LocalProtocolError when HTTP/2 or gRPC would not carry it."""
    name = name.lower()
    if not _NAME.fullmatch(name) or name.startswith("grpc-") or name in _OURS or name in _CONNECTION:
        raise LocalProtocolError(f"gRPC carries no header called {name!r}")
    if not _VALUE.fullmatch(value) or value != value.strip():
        raise LocalProtocolError(f"gRPC carries no such value in {name!r}: {value!r}")
    return name.encode(), _encode(value)


def _encode(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise LocalProtocolError(f"not text: {value!r}") from error


def fields(entries: Mapping[str, str]) -> Fields:
    """The application's entries as fields."""
    return [field(name, value) for name, value in entries.items()]


def read_fields(received: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Fields by name; those that repeat are joined, as HTTP has it."""
    entries: dict[str, str] = {}
    for raw_name, raw_value in received:
        name, value = raw_name.decode(errors="backslashreplace"), raw_value.decode(errors="backslashreplace")
        entries[name] = f"{entries[name]},{value}" if name in entries else value
    return entries


def application_entries(entries: Mapping[str, str]) -> dict[str, str]:
    """What the peer's application said, without what HTTP/2 and gRPC said."""
    return {name: value for name, value in entries.items() if not name.startswith((":", "grpc-")) and name not in _OURS}


# Opening


def open_fields(event: Open, *, package: str, authority: str, scheme: str) -> Fields:
    """A request's fields, in the order Kitex writes them."""
    service = f"{package}.{event.service}" if package else event.service
    known = {
        ":method": "POST",
        ":scheme": scheme,
        ":path": f"/{service}/{event.method}",
        ":authority": authority or event.service,
        "content-type": CONTENT_TYPE,
        "user-agent": "thriftwire",
        "te": "trailers",
    }
    if event.timeout_ms is not None:
        known[_TIMEOUT] = encode_timeout(event.timeout_ms)
    for value in (known[":path"], known[":authority"]):
        if not value.isascii() or not value.isprintable() or " " in value:
            raise LocalProtocolError(f"gRPC carries no such name: {value!r}")
    made = [(name.encode(), value.encode()) for name, value in known.items()]
    for prefix, entries in ((TRANSIT, event.transient), (UPSTREAM, event.upstream), (PERSIST, event.persistent)):
        made += [field(prefix + key.replace("_", "-"), value) for key, value in entries.items() if key and value]
    made += fields(event.headers)
    if event.caller:
        made.append((_CALLER.encode(), field("caller", event.caller)[1]))
    return made


def read_path(path: str) -> tuple[str, str] | None:
    """The unqualified service and the method of a path, whatever its package; None when it has no such shape."""
    service, _, method = path.removeprefix("/").rpartition("/")
    if not path.startswith("/") or not service or not method:
        return None
    return service.rpartition(".")[2], method


def refused_request(entries: Mapping[str, str]) -> tuple[int, str] | None:
    """The HTTP status and the reason for what is not a gRPC request with a Thrift payload; None for what is."""
    if entries.get(":method") != "POST":
        return 405, "gRPC calls are POST"
    kind = entries.get("content-type", "")
    if kind not in _SERVED_TYPES:
        return 415, f"the content type must be {CONTENT_TYPE}"
    return None


def http_fields(code: int, reason: str) -> Fields:
    """The answer to what is not gRPC."""
    return [(b":status", str(code).encode()), (_REASON.encode(), reason.encode())]


def refused_response(entries: Mapping[str, str]) -> str | None:
    """Why a response is not gRPC; None when it is."""
    if (code := entries.get(":status", "")) != "200":
        return f"HTTP status {code} {entries.get(_REASON, '')}".rstrip()
    if not (kind := entries.get("content-type", "")).startswith("application/grpc"):
        return f"a response of type {kind!r}"
    return None


def is_end(entries: Mapping[str, str]) -> bool:
    """A response's first fields are its trailers already."""
    return _STATUS in entries


def read_open(call_id: int, entries: Mapping[str, str], service: str, method: str) -> Open:
    """What a request's fields say. Whether the method streams they do not."""
    transient: dict[str, str] = {}
    upstream: dict[str, str] = {}
    persistent: dict[str, str] = {}
    headers: dict[str, str] = {}
    for name, value in application_entries(entries).items():
        if name.startswith(UPSTREAM):  # before the shorter prefix it begins with
            upstream[_metainfo_key(name, UPSTREAM)] = value
        elif name.startswith(TRANSIT):
            transient[_metainfo_key(name, TRANSIT)] = value
        elif name.startswith(PERSIST):
            persistent[_metainfo_key(name, PERSIST)] = value
        else:
            headers[name] = value
    return Open(
        call_id=call_id,
        service=service,
        method=method,
        streaming=None,
        transient=_named(transient),
        upstream=_named(upstream),
        persistent=_named(persistent),
        headers=headers,
        caller=entries.get(_CALLER, ""),
        timeout_ms=read_timeout(entries.get(_TIMEOUT, "")),
    )


def _metainfo_key(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).replace("-", "_").upper()


def _named(entries: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in entries.items() if key and value}


def encode_timeout(timeout_ms: int) -> str:
    """``grpc-timeout``: up to eight digits in the finest unit that fits, rounded up."""
    nanoseconds = max(0, timeout_ms) * _UNITS["m"]
    for unit in "numSMH":
        amount = -(-nanoseconds // _UNITS[unit])
        if amount < 10**8:
            return f"{amount}{unit}"
    return "99999999H"


def read_timeout(text: str) -> int | None:
    """A deadline in milliseconds, rounded up; None when there is none that makes sense."""
    digits, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not (digits.isascii() and digits.isdigit()) or len(digits) > 8:
        return None
    return min(-(-int(digits) * _UNITS[unit] // _UNITS["m"]), _MAX_TIMEOUT_MS)


# Ending


def end_fields(event: End) -> Fields:
    """A server's trailers. Raises LocalProtocolError when the business status or an entry cannot travel."""
    code, text = Status.OK, ""
    extra: Fields = []
    if event.failure is not None:
        code, text = status.status_of(event.failure.code), event.failure.message
        if not status.comes_back(*event.failure):
            extra.append((_CODE.encode(), str(event.failure.code).encode()))
    elif event.biz is not None:
        code, text = Status.INTERNAL, event.biz.message
        extra = _biz_fields(event.biz)
    made = [
        (_STATUS.encode(), str(int(code)).encode()),
        (_MESSAGE.encode(), status.encode_message(text).encode()),
    ]
    return made + extra + fields(event.trailers)


def refusal_fields(code: Status, failure: Failure) -> Fields:
    """The trailers of a call this side refuses with a status of its choice."""
    return [
        (_STATUS.encode(), str(int(code)).encode()),
        (_MESSAGE.encode(), status.encode_message(failure.message).encode()),
        (_CODE.encode(), str(failure.code).encode()),
    ]


def _biz_fields(outcome: BizStatus) -> Fields:
    made = biz.entries(outcome)
    del made[biz.MESSAGE]  # grpc-message says it
    return [(name.encode(), value.encode()) for name, value in made.items()]


def read_end(call_id: int, entries: Mapping[str, str]) -> End:
    """What a server's trailers say. Without a status they are not an end but a loss."""
    trailers = application_entries(entries)
    text = status.decode_message(entries.get(_MESSAGE, ""))
    code = status.read_status(entries.get(_STATUS, ""))
    if code is None:
        failure = Failure(status.LOST, f"the stream ended without a {_STATUS}")
        return End(call_id=call_id, trailers=trailers, failure=failure)
    if code == Status.OK:
        return End(call_id=call_id, trailers=trailers)
    match biz.read(entries, text):
        case BizStatus() as outcome:
            return End(call_id=call_id, trailers=trailers, biz=outcome)
        case Failure() as failure:
            return End(call_id=call_id, trailers=trailers, failure=failure)
        case None:
            known = biz.read_int32(entries.get(_CODE, ""))
            failure = status.failure_of(code, text) if known is None else Failure(known, text)
            return End(call_id=call_id, trailers=trailers, failure=failure)
