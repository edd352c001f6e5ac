"""The place for building the console into the package: a hatch hook for distributions, a command for a clone.

A distribution is never made without its console; an editable install never needs Node. `make run` calls this file,
which builds when the sources are newer than the last build and Node is there, and otherwise says what is missing.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

OLDEST_NODE: Final = 20
OUTPUT: Final = "src/promptwire/gateway/static/index.html"
NOT_SOURCES: Final = {"node_modules", "dist", "build.py"}


def install(root: Path) -> None:
    """Install what the lock names, unless that was done. Raises CalledProcessError when npm fails.

    Not ``npm ci``: the lock has no entries for platforms that the registry it was made from did not carry.
    """
    console = root / "console"
    installed = console / "node_modules/.package-lock.json"
    newest = max((console / name).stat().st_mtime for name in ("package.json", "package-lock.json"))
    if not installed.exists() or installed.stat().st_mtime < newest:
        subprocess.run([_npm(), "install", "--no-save", "--no-audit", "--no-fund"], cwd=console, check=True)
        installed.touch()


def build(root: Path) -> None:
    """Install and build the console. Raises CalledProcessError when npm fails."""
    install(root)
    subprocess.run([_npm(), "run", "build"], cwd=root / "console", check=True)
    (root / OUTPUT).touch()


def _npm() -> str:
    return shutil.which("npm") or "npm"


def stale(root: Path) -> bool:
    """Whether a source of the console is newer than what was built from it."""
    output = root / OUTPUT
    if not output.exists():
        return True
    built = output.stat().st_mtime
    return any(source.stat().st_mtime > built for source in _sources(root / "console"))


def missing() -> str | None:
    """Why the console cannot be built here; None when it can."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return f"Node {OLDEST_NODE} or newer is not installed"
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"v(\d+)", said)
    if version is None or int(version[1]) < OLDEST_NODE:
        return f"the console needs Node {OLDEST_NODE} or newer, and this is {said.strip()}"
    return None


def _sources(console: Path) -> Iterator[Path]:
    for path in console.iterdir():
        if path.name not in NOT_SOURCES:
            yield from (found for found in path.rglob("*") if found.is_file()) if path.is_dir() else (path,)


def main(arguments: list[str]) -> int:
    """Build when stale. ``--if-possible``: without Node, say so and go on. ``--install``: only install."""
    root = Path(__file__).resolve().parent.parent
    work = install if "--install" in arguments else build
    if work is build and not stale(root):
        return 0
    if (reason := missing()) is not None:
        print(f"console: {reason}; everything but the console works", file=sys.stderr)
        return 0 if "--if-possible" in arguments else 1
    try:
        work(root)
    except subprocess.CalledProcessError as error:
        print(f"console: {error}", file=sys.stderr)
        return 1
    return 0


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # called as a command, by a Python that builds no distributions
    pass
else:

    class Console(BuildHookInterface[Any]):
        """Builds the console when a distribution is made; a checkout that is built or an sdist carries it."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Called by hatch before it packs."""
            root = Path(self.root)
            if version == "editable" or (root / OUTPUT).exists():
                return
            if (reason := missing()) is not None:
                raise RuntimeError(f"making a distribution needs the console: {reason}; see console/README.md")
            build(root)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
