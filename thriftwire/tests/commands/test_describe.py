from __future__ import annotations

import json
from pathlib import Path

import pytest

from thriftwire.cli import main

IDL = str(Path(__file__).parent.parent / "contract/everything.thrift")


def test_a_method_is_described_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "-p", IDL, "-m", "Whole"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Everything/Whole  (ping-pong)\n  Answers whole.\n")
    for part in ("\nrequest:\n{", "\nresponse:\n{", "\nthrows Broken:\n{", "\nthrows Denied:\n{"):
        assert part in text
    assert main(["describe", "-p", IDL, "-m", "Talk"]) == 0
    text = capsys.readouterr().out
    assert "each request:" in text
    assert "each response:" in text
    assert main(["describe", "-p", IDL, "-m", "Fire"]) == 0
    assert "response" not in capsys.readouterr().out


def test_a_skeleton_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "-p", IDL, "-m", "Add", "--skeleton"]) == 0
    assert json.loads(capsys.readouterr().out) == {"left": 0, "right": 0}


def test_an_unknown_method_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "-p", IDL, "-m", "Nope"]) == 1
    assert "there is no method 'Nope'" in capsys.readouterr().err
