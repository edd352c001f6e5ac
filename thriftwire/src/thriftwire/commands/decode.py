"""``thriftwire decode``: bytes from a wire, as hex or as a capture of ``thriftwire record``, made readable.

One line a frame: where it begins, what it is, its stream, its method, its header entries and its payload. With the IDL
the payloads of streams are shown as JSON.
"""

from __future__ import annotations

import argparse
import binascii
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from thriftwire.commands.capture import Chunk, read_capture
from thriftwire.commands.outcome import Exit, Usage
from thriftwire.errors import DecodeError, RemoteProtocolError
from thriftwire.sniff import SNIFF_SIZE, Wire, sniff
from thriftwire.thrift.jsonvalues import to_json
from thriftwire.thrift.runtime import Contract, load
from thriftwire.ttheader.envelope import decode_envelope, decode_exception
from thriftwire.ttheader.frames import Frame, FrameBuffer
from thriftwire.ttheader.packets import PacketBuffer

HELP = "show the frames in hex bytes or in a capture"

_FRAME_TYPES: Final = {"1": "META", "2": "HEADER", "3": "DATA", "4": "TRAILER", "5": "RST"}
_MESSAGE_TYPES: Final = {1: "CALL", 2: "REPLY", 3: "EXCEPTION", 4: "ONEWAY"}
_INT_NAMES: Final = {
    1: "transport",
    3: "from",
    6: "to",
    9: "method",
    12: "timeout-ms",
    17: "connect-ms",
    20: "from-method",
    22: "message",
}
_HTTP2_TYPES: Final = (
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
)
_HEX: Final = re.compile(r"[0-9a-fA-F\s]+")
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    parser.add_argument("source", help="hex digits, a file that holds them or a capture, or - for standard input")
    parser.add_argument(
        "-p", "-idl-path", "--idl-path", metavar="FILE", help="the IDL; payloads are then shown as JSON"
    )
    parser.add_argument(
        "-include-path", "--include-path", action="append", default=[], metavar="DIR", help="where to look for includes"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the frames; an end inside a frame, or bytes that are none, are said and make the exit code 3."""
    contract = None if arguments.idl_path is None else load(arguments.idl_path, include_paths=arguments.include_path)
    code = Exit.OK
    for title, data in _sources(arguments.source):
        if title:
            print(title)
        try:
            for line in lines(data, contract):
                print(line)
        except RemoteProtocolError as error:
            print(f"!! {error}")
            code = Exit.RPC
    return code


def lines(data: bytes, contract: Contract | None = None) -> Iterator[str]:
    """A line for each frame of one direction of a connection. Raises RemoteProtocolError."""
    match sniff(data.ljust(SNIFF_SIZE, b"\0") if len(data) < SNIFF_SIZE else data):
        case Wire.TTSTREAM:
            yield from _streaming(data, contract)
        case Wire.UNARY:
            yield from _unary(data)
        case Wire.GRPC:
            yield f"{0:>6}  HTTP/2 preface"
            yield from _http2(data, len(_PREFACE))
        case _ if len(data) > 9 and data[3] < len(_HTTP2_TYPES) and int.from_bytes(data[:3], "big") < 65_536:
            yield from _http2(data, 0)
        case _:
            raise RemoteProtocolError(f"these bytes begin no wire: {data[:16].hex(' ')}")


def _streaming(data: bytes, contract: Contract | None) -> Iterator[str]:
    at = 0
    buffer = FrameBuffer()
    for frame in buffer.feed(data):
        size = 4 + int.from_bytes(data[at : at + 4], "big")
        kind = _FRAME_TYPES.get(frame.header.ints.get(27, ""), "?")
        yield f"{at:>6}  {kind:<8} stream={frame.seqid} {_entries(frame)}{_payload(frame, kind, contract)}"
        at += size
    if buffer.pending:
        raise RemoteProtocolError(f"{buffer.pending} bytes of an incomplete frame at {at}")


def _entries(frame: Frame) -> str:
    named = {_INT_NAMES.get(key, str(key)): value for key, value in sorted(frame.header.ints.items()) if key != 27}
    entries = {**named, **frame.header.strings, **({} if frame.header.acl is None else {"acl": frame.header.acl})}
    return " ".join(f"{key}={value}" for key, value in entries.items())


def _payload(frame: Frame, kind: str, contract: Contract | None) -> str:
    if not frame.payload:
        return ""
    if kind in ("TRAILER", "RST"):
        failure = decode_exception(frame.payload)
        return f" exception={failure.code} {failure.message!r}"
    return f" {_json(frame, contract) or frame.payload.hex()}"


def _json(frame: Frame, contract: Contract | None) -> str | None:
    """A data frame's payload as JSON: of the two types a method has, the one that leaves nothing unread."""
    if contract is None:
        return None
    try:
        _, method = contract.find(frame.header.ints.get(9, ""))
    except LookupError:
        return None
    for codec in (method.response, method.request):
        try:
            value = codec.decode(frame.payload)
            if codec.encode(value) == frame.payload:
                return to_json(value).decode()
        except DecodeError:
            continue
    return None


def _unary(data: bytes) -> Iterator[str]:
    buffer = PacketBuffer()
    for number, packet in enumerate(buffer.feed(data), start=1):
        envelope = decode_envelope(packet.message)
        kind = _MESSAGE_TYPES.get(envelope.type, f"type {envelope.type}")
        entries = " " + _header(packet.header)
        yield (
            f"{number:>6}  {kind:<9} {packet.variant.name.lower()} seq={envelope.seqid} method={envelope.name}{entries}"
            f" {packet.message[envelope.body :].hex()}"
        )
    if buffer.pending:
        raise RemoteProtocolError(f"{buffer.pending} bytes of an incomplete message")


def _header(header: Any) -> str:
    return _entries(Frame(flags=0, seqid=0, header=header, payload=b""))


def _http2(data: bytes, at: int) -> Iterator[str]:
    while at < len(data):
        if at + 9 > len(data):
            raise RemoteProtocolError(f"{len(data) - at} bytes of an incomplete frame at {at}")
        size, number, flags = int.from_bytes(data[at : at + 3], "big"), data[at + 3], data[at + 4]
        stream = int.from_bytes(data[at + 5 : at + 9], "big") & 0x7FFFFFFF
        kind = _HTTP2_TYPES[number] if number < len(_HTTP2_TYPES) else f"type {number}"
        end = at + 9 + size
        if end > len(data):
            raise RemoteProtocolError(f"{len(data) - at} bytes of an incomplete frame at {at}")
        yield f"{at:>6}  {kind:<13} stream={stream} flags={flags:#04x} {data[at + 9 : end].hex()}".rstrip()
        at = end


def _sources(source: str) -> Iterator[tuple[str, bytes]]:
    """(title, bytes) for each direction of each connection there is to show."""
    if source == "-":
        text = sys.stdin.read()
    elif not _HEX.fullmatch(source) and Path(source[:4096]).is_file():
        text = Path(source).read_text(encoding="utf-8")
    else:
        text = source
    if text.lstrip().startswith("{"):
        yield from _directions(text)
        return
    try:
        yield "", bytes.fromhex("".join(text.split()))
    except (ValueError, binascii.Error) as error:
        raise Usage(f"neither hex digits, a file nor a capture: {source[:40]!r}") from error


def _directions(text: str) -> Iterator[tuple[str, bytes]]:
    try:
        chunks = list(read_capture(text.splitlines()))
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise Usage(f"not a capture of thriftwire record: {error}") from error
    joined: dict[tuple[int, str], bytearray] = {}
    for chunk in chunks:
        joined.setdefault((chunk.connection, chunk.side), bytearray()).extend(chunk.data)
    for (connection, side), data in joined.items():
        yield f"connection {connection}, {_SIDES[side]}:", bytes(data)


_SIDES: Final = {Chunk.CLIENT: "client to server", Chunk.SERVER: "server to client"}
