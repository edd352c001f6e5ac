"""GOAWAY, kept from h2: to h2 one ends the connection at once, while a graceful one only announces its end.

`GoawayFilter` cuts these frames out of what arrives, and refuses by their first nine bytes frames larger than this
side allows, which h2 would gather whole first. `encode_goaway` makes the frames to send.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from thriftwire.errors import RemoteProtocolError

ALL_STREAMS: Final = 2**31 - 1
MAX_FRAME: Final = 16_384  # HTTP/2's smallest, which this side never raises
PREFACE_SIZE: Final = 24

_FRAME_HEAD = 9
_GOAWAY = 0x07
_BODY = struct.Struct(">II")


class Goaway(NamedTuple):
    """No streams after ``last_stream_id`` are served."""

    last_stream_id: int
    error_code: int
    text: bytes = b""


def encode_goaway(goaway: Goaway) -> bytes:
    """The frame."""
    body = _BODY.pack(goaway.last_stream_id, goaway.error_code) + goaway.text
    return len(body).to_bytes(3, "big") + bytes((_GOAWAY, 0, 0, 0, 0, 0)) + body


class GoawayFilter:
    """Splits what arrives into `Goaway` frames and the bytes of all others. ``skip`` bytes stand before any frame."""

    def __init__(self, *, skip: int = 0) -> None:
        self._skip = skip  # bytes until the next frame begins
        self._held: bytes = b""  # the beginning of a frame, or a GOAWAY that is not whole

    @property
    def inside_frame(self) -> bool:
        """What has arrived ends inside a frame."""
        return bool(self._skip or self._held)

    def feed(self, data: bytes) -> list[bytes | Goaway]:
        """What ``data`` holds, in order. Raises RemoteProtocolError."""
        if self._held:
            data, self._held = self._held + data, b""
        pieces: list[bytes | Goaway] = []
        start, at, size = 0, self._skip, len(data)
        while at + _FRAME_HEAD <= size:
            length = int.from_bytes(data[at : at + 3], "big")
            if length > MAX_FRAME:
                raise RemoteProtocolError(f"an HTTP/2 frame of {length} bytes exceeds {MAX_FRAME}")
            end = at + _FRAME_HEAD + length
            if data[at + 3] != _GOAWAY:
                at = end
                continue
            if end > size:
                break
            pieces += [data[start:at], _read_goaway(data[at + _FRAME_HEAD : end])]
            at = start = end
        if at < size:
            self._held, data = data[at:], data[:at]
        self._skip = max(0, at - size)
        pieces.append(data[start:])
        return [piece for piece in pieces if piece]


def _read_goaway(body: bytes) -> Goaway:
    if len(body) < _BODY.size:
        raise RemoteProtocolError(f"a GOAWAY of {len(body)} bytes")
    last_stream_id, error_code = _BODY.unpack_from(body)
    return Goaway(last_stream_id & ALL_STREAMS, error_code, body[_BODY.size :])
