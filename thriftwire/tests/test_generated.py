"""Generated files are what their IDL says, as checkers and formatters want them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from thriftwire.commands.gen import sources

TESTS = Path(__file__).parent
GENERATED = [TESTS / "contract"]


@pytest.mark.parametrize("folder", GENERATED, ids=lambda folder: folder.name)
def test_regenerating_changes_nothing(folder: Path) -> None:
    files = sources(sorted(folder.glob("*.thrift")), package_name=folder.name)
    assert {name: (folder / name).read_text() for name in files} == files


@pytest.mark.parametrize("folder", GENERATED, ids=lambda folder: folder.name)
def test_the_formatter_leaves_generated_files_alone(folder: Path) -> None:
    pytest.importorskip("ruff", reason="ruff is not installed")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "--diff", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
