"""Files are found, read with what is wrong with them, and lie where key and folder say."""

from pathlib import Path

import pytest

from promptwire.checkout.folder import Folder, path_of
from promptwire.files.prompt_file import Document

GOOD = "---\nkey: a\n---\n"


def test_files_are_found_in_order_and_hidden_folders_passed_by(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for path in ("b.prompt.md", "a/a.prompt.md", ".git/x.prompt.md", "node_modules/y.prompt.md", "a/notes.md"):
        folder.write(path, GOOD)
    assert [here.path for here in folder.files()] == ["a/a.prompt.md", "b.prompt.md"]
    assert folder.exists("a/notes.md") and not folder.exists("c")


@pytest.mark.parametrize(
    ("data", "fault", "marked"),
    [
        (b"---\nkye: a\n---\n", "has a key", False),
        (b"\xff", "UTF-8", False),
        (b"---\n<<<<<<< here\na: 1\n=======\n>>>>>>> server, version 2\n---\n", "two edits", True),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, data: bytes, fault: str, marked: bool) -> None:
    (tmp_path / "a.prompt.md").write_bytes(data)
    (here,) = Folder(tmp_path).files()
    assert (here.document, fault in here.fault, here.marked) == (None, True, marked)


@pytest.mark.parametrize(
    ("folder", "path"),
    [("", "k.prompt.md"), ("a/b", "a/b/k.prompt.md"), ("..", "k.prompt.md"), (".git/x", "k.prompt.md")],
)
def test_a_file_lies_in_its_folder_and_never_outside(folder: str, path: str) -> None:
    assert path_of(Document(key="k", folder=folder)) == path
