from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import thriftwire
from everything_handler import SCALARS, serving
from thriftwire import generic
from thriftwire.errors import EncodeError, IDLError
from thriftwire.thrift.types import DeclaredException

IDL = Path(__file__).parent / "contract/everything.thrift"


async def values(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


@pytest.mark.parametrize("transport", ["ttheader", "ttheaderframed", "framed", "buffered", "grpc"])
async def test_every_method_of_an_idl_is_called_with_json(transport: str) -> None:
    async with serving() as server, generic.connect(IDL, server.address, transport=transport) as client:
        assert await client.call("Everything/Whole", SCALARS) == SCALARS
        assert await client.call("Ping") is True
        assert await client.call("Add", {"left": 1}) == 6
        assert await client.call("Nothing") is None
        assert await client.call("Class", "x") == "x"
        assert await client.call("Pick", {"shape": {"square": {"side": 2}}}) == {"square": {"side": 2.0}}
        node = {"name": "a", "children": [{"name": "b"}, {"name": "c"}]}
        watched = [item async for item in client.stream("Watch", node)]
        assert watched == [{"square": {"side": 1.0, "note": name}} for name in "bc"]
        gathered = await client.call("Gather", values({"x": 1}, {"x": 2}))
        assert [child["name"] for child in gathered["children"]] == ["1", "2"]
        talked = [item async for item in client.stream("Talk", values({"circle": {"radius": 1}}, {"class": {}}))]
        assert talked == [{"text": "Circle"}, {"text": "Point"}]


async def test_failures_are_those_of_a_typed_call() -> None:
    async with serving() as server, generic.connect(IDL, server.address, transport="ttheader") as client:
        with pytest.raises(DeclaredException) as declared:
            await client.call("Whole", {**SCALARS, "text": "denied"})
        assert type(declared.value).__name__ == "Denied"
        assert str(declared.value) == "reason='no', code=3"
        with pytest.raises(thriftwire.BizStatusError) as biz:
            await client.call("Whole", {**SCALARS, "text": "biz"})
        assert (biz.value.code, biz.value.extra) == (40400, {"class": "not_found"})
        with pytest.raises(thriftwire.ApplicationError, match="broken handler"):
            await client.call("Whole", {**SCALARS, "text": "error"})
        seen: list[Any] = []
        with pytest.raises(thriftwire.BizStatusError, match="too many"):
            stream = client.stream("Watch", {"name": "a", "children": [{"name": "b"}, {"name": "biz"}]})
            while True:
                seen.append(await anext(stream))
        assert len(seen) == 1


async def test_what_cannot_be_asked_is_refused_before_anything_is_sent() -> None:
    async with generic.connect(generic.load(IDL), "127.0.0.1:1") as client:
        with pytest.raises(LookupError, match="there is no method 'Nope'"):
            await client.call("Nope")
        with pytest.raises(TypeError, match=r"use stream\(\)"):
            await client.call("Watch", {"name": "a"})
        with pytest.raises(TypeError, match=r"use call\(\)"):
            client.stream("Add", {"left": 1})
        with pytest.raises(EncodeError, match=r"Add\.left: Expected int, got str"):
            await client.call("Add", {"left": "1"})
        with pytest.raises(EncodeError, match="Node: Object missing required field name"):
            client.stream("Watch", {})


async def test_the_requests_of_a_stream_are_checked_as_they_come_and_closed() -> None:
    closed: list[str] = []

    async def requests() -> AsyncIterator[Any]:
        try:
            yield {"x": 1}
            yield {"x": "wrong"}
        finally:
            closed.append("requests")

    async with serving() as server, generic.connect(IDL, server.address) as client:
        with pytest.raises(EncodeError, match=r"Point\.x: Expected int, got str"):
            await client.call("Gather", requests())
    assert closed == ["requests"]


async def test_a_wrong_idl_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.thrift"
    path.write_text("struct")
    with pytest.raises(IDLError):
        async with generic.connect(path, "127.0.0.1:1"):
            pass


def test_it_is_reached_from_the_package_and_costs_nothing_until_then() -> None:
    program = "import sys, thriftwire; assert 'thriftwire.generic' not in sys.modules; thriftwire.generic.connect"
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
