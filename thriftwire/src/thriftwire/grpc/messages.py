"""gRPC's message framing: a compression flag, a length, then the payload, cut anywhere by DATA frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from thriftwire.errors import ApplicationError, LimitExceeded, RemoteProtocolError
from thriftwire.events import Failure
from thriftwire.grpc.status import Status

PREFIX_SIZE: Final = 5
MAX_MESSAGE: Final = 16 * 1024 * 1024


class MessageRefused(RemoteProtocolError):
    """A message this side cannot take: it costs its call, not the connection."""

    def __init__(self, status: Status, failure: Failure) -> None:
        super().__init__(failure.message)
        self.status, self.failure = status, failure


def encode_prefix(size: int) -> bytes:
    """What stands before a payload of ``size`` bytes: uncompressed, for no peer has asked for more."""
    return b"\x00" + size.to_bytes(4, "big")


class MessageBuffer:
    """Bytes of one call in, whole payloads out; holds at most one incomplete message."""

    __slots__ = ("_data", "_max_message", "_need")

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._max_message = max_message
        self._data = bytearray()
        self._need = PREFIX_SIZE

    @property
    def pending(self) -> int:
        """Bytes of the incomplete message."""
        return len(self._data)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that ``data`` completes; to be consumed whole. Raises MessageRefused."""
        self._data += data
        while len(self._data) >= self._need:
            size = self._size()
            if len(self._data) < PREFIX_SIZE + size:
                self._need = PREFIX_SIZE + size
                return
            payload = bytes(self._data[PREFIX_SIZE : PREFIX_SIZE + size])
            del self._data[: PREFIX_SIZE + size]
            self._need = PREFIX_SIZE
            yield payload

    def _size(self) -> int:
        flag, size = self._data[0], int.from_bytes(self._data[1:PREFIX_SIZE], "big")
        if flag:
            text = "compressed messages are not taken" if flag == 1 else f"unknown message flag {flag:#04x}"
            raise MessageRefused(Status.UNIMPLEMENTED, Failure(ApplicationError.PROTOCOL_ERROR, text))
        if size > self._max_message:
            text = f"a message of {size} bytes exceeds the limit of {self._max_message}"
            raise MessageRefused(Status.RESOURCE_EXHAUSTED, Failure(LimitExceeded.code, text))
        return size
