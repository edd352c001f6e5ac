"""Finding the end of a buffered Thrift message: it announces no length, so its values must be walked.

The walk resumes where it stopped, however the bytes arrive, and never looks at a byte twice.
"""

from __future__ import annotations

from typing import Final

from thriftwire.errors import RemoteProtocolError

_FIXED_SIZES: Final = {2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8}
_STRING, _STRUCT, _MAP, _SET, _LIST = 11, 12, 13, 14, 15
_NAME_AT = 8  # version and type, then the name's length
_MAX_DEPTH = 64


class _Open:
    """A struct or container the walk is inside of. A struct has no ``kinds``; ``left`` counts a container's values."""

    __slots__ = ("kinds", "left", "turn")

    def __init__(self, kinds: tuple[int, ...] = (), left: int = 0) -> None:
        self.kinds = kinds
        self.left = left
        self.turn = 0


class MessageScanner:
    """Walks one message over a buffer that grows; ``max_message`` bounds it."""

    def __init__(self, max_message: int) -> None:
        self._max_message = max_message
        self._at = 0  # the next byte to look at; may lie beyond the buffer's end
        self._stack: list[_Open] = []

    def scan(self, data: bytearray) -> int | None:
        """Where the message ends, None while bytes are missing. Raises RemoteProtocolError."""
        if not self._at and not self._enter(data):
            return None
        while self._stack:
            self._check_size()
            if not self._step(data):
                return None
        self._check_size()
        return self._at if self._at <= len(data) else None

    def _check_size(self) -> None:
        if self._at > self._max_message:
            raise RemoteProtocolError(f"a message exceeds the limit of {self._max_message} bytes")

    def _enter(self, data: bytearray) -> bool:
        if len(data) < _NAME_AT:
            return False
        size = int.from_bytes(data[4:8], "big")
        self._at = _NAME_AT + size + 4
        self._stack.append(_Open())
        return True

    def _step(self, data: bytearray) -> bool:
        """Pass one value of the innermost struct or container; False while bytes are missing."""
        top = self._stack[-1]
        if not top.kinds:
            return self._step_struct(data)
        if not top.left:
            self._stack.pop()
            return True
        if size := self._fixed_round(top):
            self._at += size * (top.left // len(top.kinds))
            self._stack.pop()
            return True
        if not self._value(data, top.kinds[top.turn], self._at):
            return False
        top.left -= 1
        top.turn = (top.turn + 1) % len(top.kinds)
        return True

    @staticmethod
    def _fixed_round(top: _Open) -> int:
        """The size of one element (of a list) or entry (of a map) when all its kinds have fixed sizes, else 0."""
        sizes = [_FIXED_SIZES.get(kind, 0) for kind in top.kinds]
        return sum(sizes) if all(sizes) else 0

    def _step_struct(self, data: bytearray) -> bool:
        if self._at >= len(data):
            return False
        kind = data[self._at]
        if kind:
            return self._value(data, kind, self._at + 3)
        self._at += 1
        self._stack.pop()
        return True

    def _value(self, data: bytearray, kind: int, at: int) -> bool:
        """Pass a value that begins at ``at``, or enter it; False, and nothing changed, while bytes are missing."""
        if size := _FIXED_SIZES.get(kind):
            self._at = at + size
            return True
        if kind == _STRING:
            return self._string(data, at)
        if kind == _STRUCT:
            return self._push(_Open(), at)
        if kind == _MAP:
            return self._container(data, at, 2)
        if kind in (_SET, _LIST):
            return self._container(data, at, 1)
        raise RemoteProtocolError(f"{kind} is not a Thrift type")

    def _string(self, data: bytearray, at: int) -> bool:
        if len(data) < at + 4:
            return False
        size = int.from_bytes(data[at : at + 4], "big", signed=True)
        if size < 0:
            raise RemoteProtocolError(f"a string of {size} bytes")
        self._at = at + 4 + size
        return True

    def _container(self, data: bytearray, at: int, width: int) -> bool:
        if len(data) < at + width + 4:
            return False
        kinds = tuple(data[at : at + width])
        count = int.from_bytes(data[at + width : at + width + 4], "big", signed=True)
        if not 0 <= count <= self._max_message:
            raise RemoteProtocolError(f"a container of {count} elements")
        return self._push(_Open(kinds, count * width), at + width + 4)

    def _push(self, inner: _Open, at: int) -> bool:
        if len(self._stack) >= _MAX_DEPTH:
            raise RemoteProtocolError(f"values nested deeper than {_MAX_DEPTH}")
        self._stack.append(inner)
        self._at = at
        return True
