from __future__ import annotations

import json
from pathlib import Path

import pytest

from thriftwire.cli import main

IDL = str(Path(__file__).parent.parent / "contract/everything.thrift")


def test_methods_are_listed_with_how_they_speak(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "-p", IDL]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["Everything/Ping", "ping-pong", "Is", "anybody", "there?"]
    kinds = {line.split()[0]: line.split()[1] for line in lines}
    assert kinds["Everything/Watch"] == "server"
    assert kinds["Everything/Fire"] == "oneway"
    assert kinds["Everything/Talk"] == "bidirectional"


def test_a_program_reads_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "-p", IDL, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {"method": "Everything/Ping", "mode": "ping-pong", "doc": "Is anybody there?"}


def test_a_missing_file_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "-p", "nothing.thrift"]) == 1
    assert "nothing.thrift" in capsys.readouterr().err
