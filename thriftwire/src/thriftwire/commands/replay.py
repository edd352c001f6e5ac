"""``thriftwire replay``: send a capture's client side to a server again, and compare what comes back."""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from pathlib import Path

from thriftwire.commands import target
from thriftwire.commands.capture import Chunk, read_capture
from thriftwire.commands.decode import lines
from thriftwire.commands.outcome import Exit, Usage
from thriftwire.errors import RemoteProtocolError

HELP = "send a capture's client side to a server again"

READ_SIZE = 64 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    parser.add_argument("capture", type=Path, help="a file that thriftwire record wrote")
    parser.add_argument("-e", "-endpoint", "--endpoint", required=True, metavar="HOST:PORT", help="the server")
    parser.add_argument(
        "--speed", type=float, default=0.0, metavar="X", help="1 at the recorded pace, 2 twice that; 0 at once"
    )
    parser.add_argument(
        "--wait", type=target.positive, default=5.0, metavar="S", help="how long to wait for the answer"
    )
    parser.add_argument("--frames", action="store_true", help="print the frames that came back")


def run(arguments: argparse.Namespace) -> int:
    """Replay each connection; exit code 3 when an answer is not the recorded one, 2 without a server."""
    try:
        chunks = list(read_capture(arguments.capture.read_text(encoding="utf-8").splitlines()))
    except (KeyError, TypeError, ValueError) as error:
        raise Usage(f"{arguments.capture} is not a capture of thriftwire record: {error}") from error
    connections: dict[int, list[Chunk]] = defaultdict(list)
    for chunk in chunks:
        connections[chunk.connection].append(chunk)
    try:
        return asyncio.run(_replay(connections, arguments))
    except ConnectionError as error:
        print(f"no server answers at {arguments.endpoint}: {error}")
        return Exit.TRANSPORT


async def _replay(connections: dict[int, list[Chunk]], arguments: argparse.Namespace) -> int:
    host, port = target.host_and_port(arguments.endpoint)
    code = Exit.OK
    for number, chunks in sorted(connections.items()):
        recorded = b"".join(chunk.data for chunk in chunks if chunk.side == Chunk.SERVER)
        answer = await _play(host, port, chunks, arguments, len(recorded))
        same = answer == recorded
        print(f"connection {number}: {len(answer)} bytes came back, {'as recorded' if same else 'not as recorded'}")
        if not same:
            code = Exit.RPC
        if arguments.frames or not same:
            _show(answer)
    return code


async def _play(host: str, port: int, chunks: list[Chunk], arguments: argparse.Namespace, expected: int) -> bytes:
    """Send the client's chunks; what came back, until as much as was recorded, the end, or the wait is over."""
    reader, writer = await asyncio.open_connection(host, port)
    answer = bytearray()

    async def send() -> None:
        before = chunks[0].at
        for chunk in chunks:
            if chunk.side == Chunk.CLIENT and chunk.data:
                if arguments.speed:
                    await asyncio.sleep(max(chunk.at - before, 0) / arguments.speed)
                    before = chunk.at
                writer.write(chunk.data)
                await writer.drain()

    async def receive() -> None:
        while len(answer) < expected and (data := await reader.read(READ_SIZE)):
            answer.extend(data)

    try:
        async with asyncio.timeout(arguments.wait), asyncio.TaskGroup() as both:
            both.create_task(send())
            both.create_task(receive())
    except TimeoutError:
        pass  # what came so far is what there is to compare
    finally:
        writer.close()
    return bytes(answer)


def _show(answer: bytes) -> None:
    try:
        for line in lines(answer):
            print(f"  {line}")
    except RemoteProtocolError as error:
        print(f"  !! {error}")
