"""The documents say what is so: the reference follows the code, links lead somewhere, the journey's files exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
SKIPPED: Final = {"node_modules", "build", "reference"}
LINK: Final = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND: Final = [sys.executable, "docs/generate.py", "--check"]
FILE: Final = re.compile(r"`((?:src|thriftwire/src|console/src|idl)/[\w./-]+\.\w+)`")


def documents() -> list[Path]:
    folders = [ROOT, *(ROOT / name for name in ("docs", "idl", "console", "thriftwire", "examples", "bench", "deploy"))]
    pages = {page for folder in folders for page in folder.glob("*.md")} | set((ROOT / "docs").rglob("*.md"))
    return sorted(page for page in pages if not SKIPPED & set(page.relative_to(ROOT).parts))


every_document = pytest.mark.parametrize("page", documents(), ids=lambda page: str(page.relative_to(ROOT)))


def test_the_reference_follows_the_code() -> None:
    done = subprocess.run(COMMAND, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@every_document
def test_links_lead_somewhere(page: Path) -> None:
    links = (link for link in LINK.findall(page.read_text()) if "://" not in link and not link.startswith("mailto:"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@every_document
def test_files_that_are_named_exist(page: Path) -> None:
    named = FILE.findall(page.read_text())
    assert [name for name in named if not (ROOT / name).exists() and not (page.parent / name).exists()] == []


def test_the_journey_is_at_most_eight_files() -> None:
    journey = (ROOT / "ARCHITECTURE.md").read_text().split("## The journey")[1].split("\n## ")[0]
    files = re.findall(r"^\d+\. `([^`]+)`", journey, re.MULTILINE)
    assert 5 <= len(files) <= 8
    assert [name for name in files if not (ROOT / name).exists()] == []
