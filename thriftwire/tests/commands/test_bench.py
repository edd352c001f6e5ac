from __future__ import annotations

import json

import pytest

from served import IDL, served, thrift


async def test_streams_are_counted_and_timed(capsys: pytest.CaptureFixture[str]) -> None:
    async with served() as address:
        data = json.dumps({"text": "a", "times": 5})
        common = ("-p", IDL, "-e", address, "-m", "Repeat", "-d", data, "-n", "4", "--rounds", "2")
        assert await thrift("bench", *common, "--output", "json") == 0
        report = json.loads(capsys.readouterr().out)
        assert (report["calls"], report["messages"], report["ends"]) == (8, 40, {"ok": 8})
        assert 0 < report["first_ms"]["p50"] <= report["first_ms"]["max"] <= report["total_ms"]["max"]
        assert report["gap_ms"] is not None
        assert await thrift("bench", *common) == 0
        assert "40 messages" in capsys.readouterr().out


async def test_client_streams_and_single_calls_are_loads_too(capsys: pytest.CaptureFixture[str]) -> None:
    async with served() as address:
        common = ("-p", IDL, "-e", address, "--output", "json", "-n", "3")
        data = json.dumps({"text": "a"})
        assert await thrift("bench", *common, "-m", "Join", "-d", data, "--messages", "4", "--interval", "0.001") == 0
        assert json.loads(capsys.readouterr().out)["ends"] == {"ok": 3}
        assert await thrift("bench", *common, "-m", "Ping", "-d", data) == 0
        assert json.loads(capsys.readouterr().out)["gap_ms"] is None


async def test_the_exit_code_is_the_commonest_failures(capsys: pytest.CaptureFixture[str]) -> None:
    async with served() as address:
        data = json.dumps({"text": "a", "fault": "biz"})
        assert await thrift("bench", "-p", IDL, "-e", address, "-m", "Repeat", "-d", data) == 4
        assert "10 business" in capsys.readouterr().out
    assert await thrift("bench", "-p", IDL, "-e", address, "-m", "Repeat", "-d", data, "-n", "1") == 2
    assert await thrift("bench", "-p", IDL, "-e", address, "-m", "Nothing") == 1
    assert await thrift("bench", "-p", IDL, "-e", address, "-m", "Ping", "-d", "{") == 1
