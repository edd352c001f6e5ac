from __future__ import annotations

import pytest
from msgspec import Raw

from thriftwire.thrift.jsontext import read_json, write_json

GOOD = [b"null", b"1.5e3", b'"\xc3\xa9"', b'{"a": [1, {"b": null}]}', b" [ ] "]
BAD = [b"", b"nul", b"01", b"[1", b"[1]x", b'{"a":}', b'"\xff"', b"\xff", b"'a'", b"NaN", b"[" * 100_000]


@pytest.mark.parametrize("text", GOOD)
def test_json_passes_as_it_is(text: bytes) -> None:
    assert bytes(read_json(text)) == text
    assert write_json(Raw(text)) == text


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:8]))
def test_what_is_no_json_is_refused_on_both_sides(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):  # msgspec's and the codec's own words
        read_json(text)
    with pytest.raises(ValueError, match=r"."):
        write_json(Raw(text))


@pytest.mark.parametrize("value", [None, "{}", b"{}", {}])
def test_only_raw_values_are_written(value: object) -> None:
    with pytest.raises(TypeError, match=r"expected msgspec\.Raw"):
        write_json(value)
