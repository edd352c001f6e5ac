"""What follows from idl/ is what is committed."""

from __future__ import annotations

from pathlib import Path

from thriftwire.commands.gen import sources

ROOT = Path(__file__).parent.parent
API = ROOT / "src/promptwire/api"


def test_regenerating_the_contract_changes_nothing() -> None:
    files = sources(sorted((ROOT / "idl").glob("*.thrift")), package_name="promptwire.api")
    assert {path.name: path.read_text() for path in API.glob("*.py")} == files, "run `make gen`"
