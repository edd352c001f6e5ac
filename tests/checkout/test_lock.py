"""The lockfile: written one way, read strictly, never leading out of its folder."""

from pathlib import Path

import pytest

from promptwire.checkout.lock import HEAD, NAME, Lock, Locked, put, read, write
from promptwire.files.fault import FileError


def test_a_lock_comes_back_and_is_sorted(tmp_path: Path) -> None:
    lock = Lock(
        server="http://x",
        prompts={"b": Locked(path="b.prompt.md", hash="h"), "a": Locked(path="f/a", version="1", hash="h")},
    )
    write(tmp_path, lock)
    assert read(tmp_path) == lock
    text = (tmp_path / NAME).read_text()
    assert text == HEAD + (
        "server: http://x\nprompts:\n  a:\n    path: f/a\n    version: '1'\n    hash: h\n"
        "  b:\n    path: b.prompt.md\n    hash: h\n"
    )


def test_without_a_lock_nothing_was_pulled(tmp_path: Path) -> None:
    assert read(tmp_path) == Lock()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompts: {a: {path: ../a, hash: h}}", "leads out of the folder"),
        ("prompts: {a: {path: /etc/a, hash: h}}", "leads out of the folder"),
        ("prompts: {a: {path: a}}", "hash"),
        ("serve: x", "there is no field 'serve'"),
        ("\xff", "UTF-8"),
    ],
)
def test_what_is_no_lock_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / NAME).write_bytes(text.encode("latin-1"))
    with pytest.raises(FileError, match=said):
        read(tmp_path)


def test_a_file_is_written_whole_with_its_line_ends(tmp_path: Path) -> None:
    put(tmp_path / "a/b", "x\r\ny\n")
    assert (tmp_path / "a/b").read_bytes() == b"x\r\ny\n"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
