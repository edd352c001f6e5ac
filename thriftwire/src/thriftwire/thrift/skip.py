"""Passing over Thrift Binary values that nobody asked for, without trusting a size in them."""

from __future__ import annotations

from struct import Struct
from typing import Final

from thriftwire.thrift.table import LIST, MAP, SET, STRING, STRUCT

MAX_DEPTH: Final = 64
"""How deep structs and containers may be nested."""

FIXED: Final = {2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8}
"""Bytes of the types of fixed size, by type code."""

SMALLEST: Final = {**FIXED, STRING: 4, STRUCT: 1, MAP: 6, SET: 5, LIST: 5}
"""The fewest bytes that a value of each type takes."""

size_at: Final = Struct(">I").unpack_from
_map_head: Final = Struct(">BBI").unpack_from
_list_head: Final = Struct(">BI").unpack_from


def skip(data: bytes, position: int, end: int, code: int, depth: int) -> int:
    """The position after the value of type ``code`` that starts at ``position``.

    Raises ValueError, IndexError or struct.error when there is no such value before ``end``.
    """
    if (size := FIXED.get(code)) is not None:
        position += size
    elif code == STRING:
        position += 4 + size_at(data, position)[0]
    elif depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    elif code == STRUCT:
        while (inner := data[position]) != 0:
            position = skip(data, position + 3, end, inner, depth + 1)
        position += 1
    elif code == MAP:
        key, value, count = _map_head(data, position)
        position = _skip_items(data, position + 6, end, (key, value), count, depth)
    elif code in (SET, LIST):
        element, count = _list_head(data, position)
        position = _skip_items(data, position + 5, end, (element,), count, depth)
    else:
        raise ValueError(f"{code} is no Thrift type")
    if position > end:
        raise ValueError("truncated")
    return position


def _skip_items(data: bytes, position: int, end: int, codes: tuple[int, ...], count: int, depth: int) -> int:
    if count == 0:
        return position
    for code in codes:
        if code not in SMALLEST:
            raise ValueError(f"{code} is no Thrift type")
    if count * sum(SMALLEST[code] for code in codes) > end - position:
        raise ValueError(f"{count} elements in {end - position} bytes")
    if all(code in FIXED for code in codes):
        return position + count * sum(FIXED[code] for code in codes)
    for _ in range(count):
        for code in codes:
            position = skip(data, position, end, code, depth + 1)
    return position
