from __future__ import annotations

from pathlib import Path

import pytest

from thriftwire.cli import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.thrift").write_text("struct Base {}")
    (tmp_path / "main.thrift").write_text("include 'base.thrift'\nstruct Main { 1: required base.Base base }")
    return tmp_path


def gen(folder: Path, *flags: str) -> int:
    return main(["gen", str(folder / "main.thrift"), "--out", str(folder / "api"), *flags])


def test_a_file_and_what_it_includes_become_modules(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gen(folder, "--package", "my.api") == 0
    assert sorted(path.name for path in (folder / "api").iterdir()) == ["__init__.py", "base.py", "main.py"]
    assert "The contract of my.api." in (folder / "api/__init__.py").read_text()
    assert "base: Annotated[Base, Field(1, required=True)]" in (folder / "api/main.py").read_text()
    assert capsys.readouterr().out.count("wrote ") == 3
    assert gen(folder, "--package", "my.api") == 0
    assert capsys.readouterr().out == ""  # nothing changed, nothing is written


def test_check_writes_nothing_and_fails_on_a_difference(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gen(folder, "--check") == 1
    assert not (folder / "api").exists()
    assert gen(folder) == 0
    assert gen(folder, "--check") == 0
    (folder / "api/base.py").write_text("changed")
    capsys.readouterr()
    assert gen(folder, "--check") == 1
    assert capsys.readouterr().err == f"{folder}/api/base.py is not what its IDL says; run thriftwire gen\n"


def test_mistakes_in_the_idl_are_said_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "base.thrift").write_text("struct Base {\n  1: i32\n}")
    assert gen(folder) == 1
    assert "base.thrift:3:1: expected the field's name, not '}'" in capsys.readouterr().err
    assert main(["gen", str(folder / "nothing.thrift"), "--out", str(folder)]) == 1
    assert "nothing.thrift" in capsys.readouterr().err
    assert not (folder / "api").exists()


def test_two_files_cannot_become_one_module(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x").mkdir()
    (folder / "x/base.thrift").write_text("")
    assert main(["gen", *(str(folder / name) for name in ("main.thrift", "x/base.thrift")), "--out", str(folder)]) == 1
    assert "would both be base.py" in capsys.readouterr().err


def test_include_paths_are_searched(folder: Path) -> None:
    (folder / "far").mkdir()
    (folder / "base.thrift").rename(folder / "far/base.thrift")
    assert gen(folder) == 1
    assert gen(folder, "--include-path", str(folder / "far")) == 0
