from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import thriftwire
from everything_handler import SCALARS
from thriftwire import generic
from thriftwire.cli import main
from thriftwire.commands import script
from thriftwire.commands.serve import Mock

IDL = Path(__file__).parent.parent / "contract/everything.thrift"
CONTRACT = generic.load(IDL)


def mock(folder: Path, text: str) -> Mock:
    path = folder / "script.yaml"
    path.write_text(text)
    return Mock(CONTRACT, script.read(path, CONTRACT))


async def values(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


async def test_without_a_script_every_method_answers() -> None:
    async with Mock(CONTRACT) as server, generic.connect(CONTRACT, server.address, transport="ttheader") as client:
        assert await client.call("Add", {"left": 1, "right": 2}) == 0
        assert await client.call("Nothing") is None
        assert await client.call("Fire", {"x": 1}) is None
        assert [item async for item in client.stream("Watch", {"name": "a"})] == [{"circle": {"radius": 0.0}}]
        assert (await client.call("Gather", values({"x": 1}, {"x": 2})))["name"] == ""
        talked = [item async for item in client.stream("Talk", values({"class": {}}, {"class": {}}))]
        assert talked == [{"text": ""}] * 2


async def test_a_stream_is_paced_filled_and_ended_with_a_business_status(tmp_path: Path) -> None:
    server = mock(
        tmp_path,
        """
        Watch:
          - {headers: {a: "1"}, trailers: {b: "2"}, backward: {c: "3"}}
          - {send: {square: {side: 1, note: $request.name}}, times: 3, every_s: 0.02}
          - {biz: {code: 42901, message: too many, extra: {k: v}}}
        """,
    )
    seen: list[Any] = []
    async with server, generic.connect(CONTRACT, server.address) as client:
        began = time.perf_counter()
        with thriftwire.calling() as call, pytest.raises(thriftwire.BizStatusError) as biz:
            stream = client.stream("Watch", {"name": "here"})
            while True:
                seen.append(await anext(stream))
    assert seen == [{"square": {"side": 1.0, "note": "here"}}] * 3
    assert time.perf_counter() - began >= 0.04
    assert (biz.value.code, biz.value.message, biz.value.extra) == (42901, "too many", {"k": "v"})
    assert call.headers["a"] == "1"
    assert call.trailers["b"] == "2"
    assert call.metadata.backward["c"] == "3"


async def test_cases_are_chosen_by_the_request(tmp_path: Path) -> None:
    server = mock(
        tmp_path,
        """
        Whole:
          - {when: {text: denied}, steps: [{throws: {Denied: {reason: scripted}}}]}
          - {when: {text: bad}, steps: [{exception: {type: 7, message: scripted}}]}
          - {when: {text: x}, steps: [{send: $request}]}
        Add:
          - {when: {left: 1, right: 5}, steps: [{send: 7}]}
        """,
    )
    async with server, generic.connect(CONTRACT, server.address, transport="ttheader") as client:
        with pytest.raises(Exception, match="reason='scripted'"):
            await client.call("Whole", {**SCALARS, "text": "denied"})
        with pytest.raises(thriftwire.ApplicationError, match="scripted") as error:
            await client.call("Whole", {**SCALARS, "text": "bad"})
        assert error.value.type == 7
        assert await client.call("Whole", SCALARS) == SCALARS
        assert await client.call("Add", {"left": 1}) == 7
        with pytest.raises(thriftwire.ApplicationError, match="the script has no case for this request"):
            await client.call("Add", {"left": 2})


async def test_requests_of_a_stream_are_received_as_told(tmp_path: Path) -> None:
    server = mock(
        tmp_path,
        """
        Talk:
          - {receive: 2, send: {text: after two}}
          - {each: true, send: {many: [{number: 1}]}}
        """,
    )
    async with server, generic.connect(CONTRACT, server.address) as client:
        talked = [item async for item in client.stream("Talk", values(*[{"class": {}}] * 4))]
    assert talked == [{"text": "after two"}, {"many": [{"number": 1}]}, {"many": [{"number": 1}]}]


async def test_it_can_stall_and_cut(tmp_path: Path) -> None:
    server = mock(
        tmp_path,
        "Watch:\n"
        "  - {when: {name: stall}, steps: [{send: {circle: {radius: 1}}}, {stall: true}]}\n"
        "  - {when: {name: cut}, steps: [{send: {circle: {radius: 1}}}, {after_s: 0.05, cut: true}]}\n",
    )
    async with server, generic.connect(CONTRACT, server.address) as client:
        with thriftwire.calling(recv_timeout_s=0.2):
            stalling = client.stream("Watch", {"name": "stall"})
        with pytest.raises(thriftwire.RecvTimeout):
            while True:
                await anext(stalling)
        cut = client.stream("Watch", {"name": "cut"})
        assert await anext(cut) == {"circle": {"radius": 1.0}}
        with pytest.raises(thriftwire.TransportError):
            await anext(cut)


async def test_the_command_says_where_it_serves_and_stops_when_told() -> None:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "thriftwire.cli", "serve", "-p", str(IDL)]
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(30):
        assert process.stdout is not None
        address = (await process.stdout.readline()).decode().removeprefix("serving on ").strip()
        async with generic.connect(CONTRACT, address, transport="framed") as client:
            assert await client.call("Add", {"left": 1}) == 0
        process.terminate()
        _, err = await process.communicate()
    assert process.returncode == 0
    assert err.decode() == 'Add {"left":1,"right":5}\n'


def test_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["serve", "-p", str(IDL), "-l", "nowhere"]) == 1
    assert "expected HOST:PORT, not 'nowhere'" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text('{"Nope": []}')
    assert main(["serve", "-p", str(IDL), "-s", str(tmp_path / "bad.json")]) == 1
    assert "there is no method 'Nope'" in capsys.readouterr().err
