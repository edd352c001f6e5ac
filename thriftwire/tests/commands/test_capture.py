from __future__ import annotations

import pytest

from thriftwire.commands.capture import Chunk, read_capture


def test_a_chunk_reads_back_as_it_was_written() -> None:
    chunks = [
        Chunk(at=0.25, connection=1, side=Chunk.CLIENT, data=b"\x00\xff"),
        Chunk(at=1.0, connection=2, side=Chunk.SERVER, data=b""),
    ]
    assert list(read_capture([chunk.line() for chunk in chunks] + [""])) == chunks


@pytest.mark.parametrize("line", ["x", "{}", '{"at": 0, "connection": 1, "side": "z", "data": ""}'])
def test_what_is_no_chunk_is_refused(line: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        list(read_capture([line]))
