"""What the documents show is so: Python runs, IDL is read, and flags exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from thriftwire.cli import COMMANDS, parser
from thriftwire.commands.gen import sources
from thriftwire.thrift import idl

PACKAGE = Path(__file__).parents[1]
DOCS = PACKAGE.parent / "docs/thriftwire"
README = PACKAGE / "README.md"
beside = pytest.mark.skipif(not DOCS.exists(), reason="the documents are not beside this package")


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


def test_the_pythons_of_the_readme_run(tmp_path: Path) -> None:
    (tmp_path / "typewriter.thrift").write_text(blocks(README, "thrift")[0])
    (tmp_path / "api").mkdir()
    for name, text in sources([tmp_path / "typewriter.thrift"]).items():
        (tmp_path / "api" / name).write_text(text)
    printed: list[str] = []
    for block in blocks(README, "python"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", block],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        assert (done.returncode, done.stderr) == (0, "")
        printed.append(done.stdout)
    assert printed == ["Hello", "", "HELLO!"]


def test_the_idl_of_the_readme_is_read() -> None:
    for block in blocks(README, "thrift"):
        assert [item.name for item in idl.parse(block).definitions] == ["Request", "Letter", "Typewriter"]


@beside
@pytest.mark.parametrize("path", [README, DOCS / "cli.md", DOCS / "kitexcall.md"], ids=lambda path: path.name)
def test_every_flag_that_is_shown_exists(path: Path) -> None:
    text = parser().format_help()
    known = {flag for name in COMMANDS for flag in re.findall(r"--[a-z][a-z-]+", help_of(name))}
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", path.read_text()))
    assert shown - known - {"--help"} == set()
    assert all(name in text for name in COMMANDS)


def help_of(name: str) -> str:
    command = [sys.executable, "-m", "thriftwire.cli", name, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
