from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import thriftwire
from contract import everything as api
from everything_handler import SCALARS, Handler
from thriftwire.commands.outcome import Exit

IDL = str(Path(__file__).parent.parent / "contract/everything.thrift")


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
async def handler() -> Handler:
    return Handler()


@pytest.fixture
async def server(handler: Handler) -> AsyncIterator[thriftwire.Server]:
    async with thriftwire.Server({api.EVERYTHING: handler}, name="test.everything") as server:
        yield server


async def started(address: str, name: str, *flags: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "thriftwire.cli", "call", "-p", IDL, "-m", name, "-e", address, *flags]
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)


async def call(address: str, name: str, *flags: str, stdin: str = "") -> Done:
    process = await started(address, name, *flags)
    out, err = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("transport", ["auto", "framed", "buffered", "TTHeader", "TTHeaderFramed", "gRPC"])
async def test_a_call_on_each_wire(server: thriftwire.Server, transport: str) -> None:
    done = await call(server.address, "Whole", "-d", json.dumps(SCALARS), "-transport", transport, "-o", "jsonl")
    assert (done.code, done.rows) == (Exit.OK, [SCALARS])
    assert done.err.startswith("[Status]: Success\n")


@pytest.mark.parametrize("transport", ["auto", "ttstream", "grpc"])
async def test_a_stream_on_each_wire_with_headers_trailers_and_times(server: thriftwire.Server, transport: str) -> None:
    node = {"name": "a", "children": [{"name": "b"}, {"name": "c"}]}
    flags = ("--transport", transport, "--timing", "--meta-backward", "-o", "jsonl")
    done = await call(server.address, "Everything/Watch", "-d", json.dumps(node), *flags)
    assert done.code == Exit.OK
    assert done.rows == [{"square": {"side": 1.0, "note": name}} for name in "bc"]
    for line in ("[Status]: Success", '"seen-by":"handler"', '"gone-from":"handler"', '[Backward]: {"answer":"back"}'):
        assert line in done.err
    assert "[Timing]: 2 messages, first " in done.err
    assert ", gaps p50 " in done.err


async def test_metadata_travels(server: thriftwire.Server, handler: Handler) -> None:
    flags = ("-meta", "a=1", "-meta-persistent", "b=2", "-d", json.dumps(SCALARS), "-q")
    done = await call(server.address, "Whole", *flags)
    assert (done.code, done.err) == (Exit.OK, "")
    assert {"a": "1", "b": "2"}.items() <= handler.metadata[0].items()


async def test_streams_of_requests_come_from_data_a_file_or_standard_input(
    server: thriftwire.Server, tmp_path: Path
) -> None:
    path = tmp_path / "points.jsonl"
    path.write_text('{"x": 1}\n{"x": 2}\n{"x": 3}\n')
    done = await call(server.address, "Gather", "-f", str(path), "--half-close-after", "2", "-o", "jsonl")
    assert [child["name"] for child in done.rows[0]["children"]] == ["1", "2"]
    talk = await call(server.address, "Talk", "-o", "jsonl", stdin='{"circle": {"radius": 1}}\n{"class": {}}\n')
    assert talk.rows == [{"text": "Circle"}, {"text": "Point"}]
    add = await call(server.address, "Add", "-o", "jsonl", stdin='{"left": 1}')
    assert add.rows == [6]


async def test_whoever_types_sees_an_answer_before_typing_on(server: thriftwire.Server) -> None:
    process = await started(server.address, "Talk", "-o", "typewriter", "-q")
    assert process.stdin is not None
    assert process.stdout is not None
    async with asyncio.timeout(20):
        process.stdin.write(b'{"circle": {"radius": 1}}\n')
        assert await process.stdout.readexactly(6) == b"Circle"
        process.stdin.write(b'{"square": {"side": 1}}\n')
        assert await process.stdout.readexactly(6) == b"Square"
        process.stdin.close()
        assert await process.wait() == Exit.OK


async def test_outputs(server: thriftwire.Server) -> None:
    node = json.dumps({"name": "a", "children": [{"name": "b"}, {"name": "c"}]})
    hexed = await call(server.address, "Watch", "-d", node, "-o", "hex")
    assert hexed.out.splitlines()[0] == "0c0002" + "0400013ff0000000000000" + "0b00020000000162" + "0000"
    typed = await call(server.address, "Watch", "-d", node, "-o", "typewriter", "--text", "square.note")
    assert typed.out == "bc\n"
    pretty = await call(server.address, "Add", "-d", '{"left": 1}')
    assert pretty.out == "6\n"


async def test_leaving_after_some_messages_is_no_failure(server: thriftwire.Server) -> None:
    node = json.dumps({"name": "a", "children": [{"name": str(n)} for n in range(50)]})
    done = await call(server.address, "Watch", "-d", node, "--max-messages", "3", "-o", "jsonl")
    assert (done.code, len(done.rows)) == (Exit.OK, 3)


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("denied", Exit.BUSINESS, '[Status]: threw Denied {"reason":"no","code":3}'),
        ("biz", Exit.BUSINESS, '[Status]: business status 40400: no such thing {"class":"not_found"}'),
        ("error", Exit.RPC, "[Status]: exception 6: biz error: broken handler"),
    ],
)
async def test_failures_have_their_exit_codes(server: thriftwire.Server, text: str, code: Exit, told: str) -> None:
    done = await call(server.address, "Whole", "-d", json.dumps({**SCALARS, "text": text}), "-biz-error")
    assert (done.code, done.out) == (code, "")
    assert told in done.err


async def test_a_business_status_in_a_stream_keeps_its_parts(server: thriftwire.Server) -> None:
    node = json.dumps({"name": "a", "children": [{"name": "b"}, {"name": "biz"}]})
    done = await call(server.address, "Watch", "-d", node, "-streaming", "-o", "jsonl")
    assert (done.code, len(done.rows)) == (Exit.BUSINESS, 1)
    assert 'business status 42901: too many {"retry":"1"}' in done.err


async def test_wrong_data_is_refused_before_connecting() -> None:
    for name, flags, told in (
        ("Add", ("-d", '{"left": "1"}'), "Add.left: Expected int, got str"),
        ("Add", ("-d", "{"), "Add: Input data was truncated"),
        ("Nope", ("-d", "{}"), "there is no method 'Nope'"),
        ("Watch", ("-d", '{"name": "a"}', "-transport", "framed"), "Watch streams, which framed cannot"),
    ):
        done = await call("127.0.0.1:1", name, *flags)
        assert done.code == Exit.USAGE
        assert told in done.err


async def test_nobody_there_is_a_transport_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        done = await call(address, "Ping")
    assert done.code == Exit.TRANSPORT
    assert "ConnectError" in done.err


@pytest.mark.parametrize("flag", ["--recv-timeout", "--stream-timeout"])
async def test_time_runs_out(server: thriftwire.Server, flag: str) -> None:
    process = await started(server.address, "Gather", flag, "0.2")  # whose requests never end
    async with asyncio.timeout(20):
        assert await process.wait() == Exit.TIMEOUT
        assert process.stderr is not None
        assert b"timed out" in await process.stderr.read()
    assert process.stdin is not None
    process.stdin.close()
