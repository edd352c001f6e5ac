"""How a role is told to start, and how its end is told; whole families of processes are in journeys/."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from promptwire.plan import Role
from promptwire.processes import ORDER, Child, NeverReady, _cause, _command, _where
from promptwire.settings import Settings


@pytest.fixture
def sockets() -> Iterator[dict[Role, socket.socket]]:
    with ExitStack() as stack:
        yield {role: stack.enter_context(socket.create_server(("127.0.0.1", 0))) for role in ORDER}


def test_a_role_is_handed_its_socket_and_told_where_the_others_are(sockets: dict[Role, socket.socket]) -> None:
    words = _command("prompt", sockets)
    assert words[3:5] == ["serve", "prompt"]
    assert words[words.index("--listen") + 1] == f"fd:{sockets['prompt'].fileno()}"
    assert words[words.index("--connect") + 1] == f"llm={_where(sockets['llm'])}"


def test_the_gateway_answers_http_on_its_socket(sockets: dict[Role, socket.socket]) -> None:
    words = _command("gateway", sockets)
    assert words[words.index("--site") + 1] == f"fd:{sockets['gateway'].fileno()}"
    assert "--listen" not in words


def test_an_end_is_told_by_its_signal_or_code() -> None:
    assert _cause(-signal.SIGKILL) == "signal SIGKILL"
    assert _cause(3) == "exit code 3"


async def test_a_child_that_never_comes_up_is_not_started_again(sockets: dict[Role, socket.socket]) -> None:
    child = Child("llm", Settings(), sockets)
    child._command = ["/bin/sh", "-c", "exit 7"]
    with pytest.raises(NeverReady) as caught:
        await asyncio.wait_for(child.keep(), 20)
    assert caught.value.code == 7


async def test_a_child_that_dies_is_started_again_and_stops_when_asked(sockets: dict[Role, socket.socket]) -> None:
    child = Child("llm", Settings(), sockets)
    child._command = ["/bin/sh", "-c", "echo ready; read line"]  # as a child does, it ends with its standard input
    keeper = asyncio.create_task(child.keep())
    await asyncio.wait_for(child.ready.wait(), 20)
    first, process = child.pid, child._process
    assert child.said == "ready"
    assert process is not None
    process.kill()
    async with asyncio.timeout(20):
        while child.pid == first:  # noqa: ASYNC110 - a process that comes up sets no event of ours
            await asyncio.sleep(0)
    await child.stop(patience_s=10)
    await asyncio.wait_for(keeper, 20)
