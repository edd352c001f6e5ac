from __future__ import annotations

from pathlib import Path

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping, Pong
from served import recorded, served, thrift


@pytest.fixture
async def capture(tmp_path: Path) -> Path:
    """A recorded call of the echo service."""
    return await recorded(tmp_path)


@pytest.mark.parametrize("pace", [(), ("--speed", "10")])
async def test_the_same_server_answers_the_same(
    capture: Path, pace: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    async with served() as address:
        assert await thrift("replay", str(capture), "-e", address, "--frames", *pace) == 0
    out = capsys.readouterr().out
    assert "as recorded" in out and "DATA" in out


class Changed(Echo):
    """Another version of the service."""

    async def repeat(self, request: Ping):
        yield Pong(text="changed")


async def test_a_server_that_answers_otherwise_is_found_out(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = thriftwire.Server({ECHO_SERVICE: Changed()})
    await server.start("127.0.0.1", 0)
    assert await thrift("replay", str(capture), "-e", str(server.address), "--wait", "0.5") == 3
    assert "not as recorded" in capsys.readouterr().out
    await server.stop(grace_s=1)
    assert await thrift("replay", str(capture), "-e", str(server.address)) == 2


async def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("x")
    assert await thrift("replay", str(path), "-e", "127.0.0.1:1") == 1
