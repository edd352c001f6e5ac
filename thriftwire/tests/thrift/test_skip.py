from __future__ import annotations

import struct

import pytest

from thriftwire.thrift.skip import FIXED, MAX_DEPTH, skip

VALUES = {
    2: "01",
    3: "7f",
    4: "0000000000000000",
    6: "0001",
    8: "00000001",
    10: "0000000000000001",
    11: "00000002 6162",
    12: "080001 00000001 0b0002 00000001 61 00",
    13: "08 0b 00000001 00000001 00000001 61",
    14: "02 00000003 010001",
    15: "0c 00000002 00 080001 00000001 00",
}


@pytest.mark.parametrize("code", VALUES)
def test_a_value_of_each_type_is_passed_over_exactly(code: int) -> None:
    data = b"\xaa" + bytes.fromhex(VALUES[code]) + b"\xbb"
    assert skip(data, 1, len(data), code, 0) == len(data) - 1


@pytest.mark.parametrize("code", VALUES)
def test_a_cut_value_is_no_value(code: int) -> None:
    whole = bytes.fromhex(VALUES[code])
    for size in range(len(whole)):
        with pytest.raises((ValueError, IndexError, struct.error)):
            skip(whole[:size], 0, size, code, 0)


@pytest.mark.parametrize("code", [0, 1, 5, 7, 9, 16, 255])
def test_other_codes_are_no_types(code: int) -> None:
    with pytest.raises(ValueError, match=f"{code} is no Thrift type"):
        skip(bytes(100), 0, 100, code, 0)


@pytest.mark.parametrize("head", ["0f 7fffffff", "02 ffffffff", "0c 00000003 00"])
def test_more_elements_than_bytes_are_refused_at_once(head: str) -> None:
    data = bytes.fromhex(head)
    with pytest.raises(ValueError, match="elements in"):
        skip(data, 0, len(data), 15, 0)


def test_an_empty_container_says_nothing_of_its_elements() -> None:
    assert skip(bytes.fromhex("63 00000000"), 0, 5, 15, 0) == 5
    assert skip(bytes.fromhex("0063 00000000"), 0, 6, 13, 0) == 6


def test_depth_is_bounded_for_what_can_nest() -> None:
    assert skip(b"\0", 0, 1, 12, MAX_DEPTH) == 1
    with pytest.raises(ValueError, match="nested deeper than 64"):
        skip(b"\0", 0, 1, 12, MAX_DEPTH + 1)
    assert skip(b"\1", 0, 1, 2, MAX_DEPTH + 1) == 1


def test_fixed_sizes_are_those_of_the_format() -> None:
    assert FIXED == {2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8}
