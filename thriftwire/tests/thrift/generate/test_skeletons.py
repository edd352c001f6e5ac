from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from thriftwire.cli import main
from thriftwire.thrift import idl
from thriftwire.thrift.generate.skeletons import client, server

ROOT = Path(__file__).parents[3]
IDL = ROOT / "tests/contract/everything.thrift"


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    flags = ["--out", str(tmp_path / "api"), "--package", "api", "--skeletons", str(tmp_path)]
    assert main(["gen", str(IDL), *flags]) == 0
    return tmp_path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=folder, env=environment
    )


def test_both_import_and_the_handler_has_every_method(begun: Path) -> None:
    done = run(
        begun,
        "-W",
        "error",
        "-c",
        "import thriftwire, everything_client, everything_server as s\n"
        "thriftwire.Server({s.EVERYTHING: s.EverythingHandler()})",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_formatter_leaves_them_alone(begun: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not installed")
    done = run(begun, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--diff", ".")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_type_checker_in_strict_mode_accepts_them(begun: Path) -> None:
    pytest.importorskip("basedpyright", reason="basedpyright is not installed")
    environment = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(ROOT / "src")]}
    (begun / "pyrightconfig.json").write_text(json.dumps(environment))
    done = run(begun, "-m", "basedpyright", "--pythonpath", sys.executable, ".")
    assert done.returncode == 0, done.stdout


def test_what_is_there_is_the_users_and_stays(begun: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (begun / "everything_server.py").write_text("mine")
    flags = ["--out", str(begun / "api"), "--package", "api", "--skeletons", str(begun)]
    assert main(["gen", str(IDL), *flags]) == 0
    assert (begun / "everything_server.py").read_text() == "mine"
    assert main(["gen", str(IDL), "--out", str(begun / "api"), "--skeletons", str(begun)]) == 1
    assert "--skeletons needs --package" in capsys.readouterr().err


def test_inherited_methods_are_begun_too() -> None:
    document = idl.load(IDL)
    for text in (server(document, "api"), client(document, "api")):
        assert "ping" in text
        assert "from api.everything import EVERYTHING" in text


def test_a_name_with_two_meanings_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "base.thrift").write_text("struct Thing {} service B { Thing Old(1: Thing thing) }")
    (tmp_path / "main.thrift").write_text(
        "include 'base.thrift' struct Thing {} service A extends base.B { Thing New(1: Thing thing) }"
    )
    text = server(idl.load(tmp_path / "main.thrift"), "api")
    compile(text, "server.py", "exec")
    assert "async def old(self, thing: Thing) -> Thing:" in text
    assert "async def new(self, thing: main_Thing) -> main_Thing:" in text
    assert "from api.main import Thing as main_Thing" in text
