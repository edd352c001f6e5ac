from __future__ import annotations

import subprocess
import sys

import pytest

from thriftwire.cli import COMMANDS, main


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    top = capsys.readouterr().out
    for name in COMMANDS:
        assert name in top
        with pytest.raises(SystemExit) as caught:
            main([name, "--help"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: thriftwire {name}")


def test_wrong_usage_is_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["nothing"], ["gen"], ["gen", "a.thrift", "--out"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 1
        assert "usage: thriftwire" in capsys.readouterr().err


def test_it_is_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "thriftwire.cli", "--help"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Kitex-compatible Thrift RPC from the command line" in done.stdout
