"""``thriftwire record``: stand between clients and a server and write down every byte that crosses."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

from thriftwire.commands import target
from thriftwire.commands.capture import Chunk
from thriftwire.commands.outcome import Exit

HELP = "listen, pass everything on to a server, and write what crosses to a capture"

READ_SIZE = 64 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    parser.add_argument("-e", "-endpoint", "--endpoint", required=True, metavar="HOST:PORT", help="the server")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT", help="where clients connect")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="the capture, a line of JSON a piece")
    parser.add_argument("--connections", type=int, metavar="N", help="stop after so many connections have ended")


def run(arguments: argparse.Namespace) -> int:
    """Record until interrupted."""
    with arguments.out.open("w", encoding="utf-8") as file:
        recorder = Recorder(target.host_and_port(arguments.endpoint), file)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_record(recorder, target.host_and_port(arguments.listen), arguments.connections))
    return Exit.OK


async def _record(recorder: Recorder, listen: tuple[str, int], connections: int | None) -> None:
    async with recorder.listening(listen) as address:
        print(f"recording on {address}", file=sys.stderr, flush=True)
        await recorder.ended(connections)


class Recorder:
    """Passes bytes between clients and ``server``, both ways, and writes them to ``file`` before they go on."""

    def __init__(self, server: tuple[str, int], file: TextIO) -> None:
        self._server = server
        self._file = file
        self._begun = time.monotonic()
        self._numbers = itertools.count(1)
        self._ended = 0
        self._change = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self, listen: tuple[str, int]) -> AsyncIterator[str]:
        """Accept inside the block; the value is the address that clients connect to."""
        async with await asyncio.start_server(self._accept, *listen) as server:
            host, port = server.sockets[0].getsockname()[:2]
            yield f"{host}:{port}"

    async def ended(self, connections: int | None) -> None:
        """Wait until so many connections have ended; None: for ever."""
        while connections is None or self._ended < connections:
            self._change.clear()
            await self._change.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = next(self._numbers)
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self._server)
        except OSError as error:
            print(f"connection {number}: {error}", file=sys.stderr)
            writer.close()
        else:
            with contextlib.suppress(ConnectionError):
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pass(reader, upstream_writer, number, Chunk.CLIENT))
                    both.create_task(self._pass(upstream_reader, writer, number, Chunk.SERVER))
        self._ended += 1
        self._change.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, side: str) -> None:
        try:
            while data := await self._read(reader):
                self._write(number, side, data)
                writer.write(data)
                await writer.drain()
        finally:
            self._write(number, side, b"")
            writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(READ_SIZE)
        except ConnectionError:
            return b""

    def _write(self, number: int, side: str, data: bytes) -> None:
        chunk = Chunk(at=time.monotonic() - self._begun, connection=number, side=side, data=data)
        self._file.write(chunk.line() + "\n")
        self._file.flush()
