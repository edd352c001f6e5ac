from __future__ import annotations

import asyncio
from pathlib import Path

from served import recorded
from thriftwire.cli import main
from thriftwire.commands.capture import Chunk, read_capture
from thriftwire.commands.record import Recorder


async def test_a_call_through_the_recorder_is_the_same_and_all_of_it_is_written(tmp_path: Path) -> None:
    chunks = list(read_capture((await recorded(tmp_path)).read_text().splitlines()))
    assert {chunk.side for chunk in chunks} == {Chunk.CLIENT, Chunk.SERVER}
    assert b"Repeat" in b"".join(chunk.data for chunk in chunks if chunk.side == Chunk.CLIENT)
    assert sum(chunk.data == b"" for chunk in chunks) == 2  # both sides ended
    assert [chunk.at for chunk in chunks] == sorted(chunk.at for chunk in chunks)


async def test_a_server_that_is_not_there_closes_the_client(tmp_path: Path) -> None:
    with (tmp_path / "capture").open("w") as file:
        recorder = Recorder(("127.0.0.1", 1), file)
        async with asyncio.timeout(5), recorder.listening(("127.0.0.1", 0)) as address:
            host, _, port = address.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            assert await reader.read() == b""
            writer.close()
            await recorder.ended(1)


def test_an_address_is_host_and_port(tmp_path: Path) -> None:
    assert main(["record", "-e", "nowhere", "--out", str(tmp_path / "x")]) == 1
