"""The examples run as their README says; they are not part of the installed package."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from thriftwire.commands.gen import sources

TYPEWRITER = Path(__file__).parents[2] / "examples/typewriter"

pytestmark = pytest.mark.skipif(not TYPEWRITER.exists(), reason="the examples are not beside this package")


async def run(*command: str) -> tuple[int | None, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=pipe, stderr=pipe, cwd=TYPEWRITER)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def test_what_is_generated_is_what_the_contract_says() -> None:
    files = sources([TYPEWRITER / "typewriter.thrift"], package_name="api")
    assert {name: (TYPEWRITER / "api" / name).read_text() for name in files} == files


async def test_the_client_calls_the_server_and_so_does_the_command_line() -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "server.py", "0", stdout=asyncio.subprocess.PIPE, cwd=TYPEWRITER
    )
    try:
        async with asyncio.timeout(60):
            assert server.stdout is not None
            address = (await server.stdout.readline()).decode().removeprefix("serving on ").strip()
            assert await run("client.py", address, "Hello") == (0, "Hello  (5 letters)\n", "")
            call = ("-m", "thriftwire.cli", "call", "-p", "typewriter.thrift", "-e", address, "-q")
            typed = await run(*call, "-m", "Type", "-d", '{"text": "Hi", "interval_ms": 0}', "-o", "typewriter")
            assert typed == (0, "Hi\n", "")
            measured = await run(*call, "-m", "Measure", "-d", '{"text": "Hi"}', "-o", "jsonl")
            assert measured == (0, '{"letters":2}\n', "")
            code, _, told = await run(*call, "-m", "Measure", "-d", '{"text": ""}')
            assert (code, told) == (4, "[Status]: business status 40000: there is nothing to measure\n")
    finally:
        server.kill()
        await server.wait()


@pytest.mark.needs("kitex")
async def test_go_calls_python_and_python_calls_go() -> None:
    pipe = asyncio.subprocess.PIPE
    async with asyncio.timeout(100):
        build = await asyncio.create_subprocess_exec("make", "-C", "go", cwd=TYPEWRITER, stdout=pipe, stderr=pipe)
        assert await build.wait() == 0
        python = await asyncio.create_subprocess_exec(sys.executable, "server.py", "0", stdout=pipe, cwd=TYPEWRITER)
        go = await asyncio.create_subprocess_exec(
            "go/build/typewriter", "serve", "127.0.0.1:0", stdout=pipe, stderr=pipe, cwd=TYPEWRITER
        )
        try:
            assert python.stdout is not None and go.stdout is not None
            address = (await python.stdout.readline()).decode().removeprefix("serving on ").strip()
            call = await asyncio.create_subprocess_exec(
                "go/build/typewriter", "call", address, "Hello", stdout=pipe, stderr=pipe, cwd=TYPEWRITER
            )
            assert await call.communicate() == (b"Hello  (5 letters)\n", b"")
            address = (await go.stdout.readline()).decode().removeprefix("serving on ").strip()
            assert await run("client.py", address, "Hello") == (0, "Hello  (5 letters)\n", "")
        finally:
            for server in (python, go):
                server.kill()
                await server.wait()
