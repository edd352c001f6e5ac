"""A file, its lock and its server held against one another."""

from __future__ import annotations

from typing import Any

import pytest

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.checkout.folder import Here
from promptwire.checkout.remote import There
from promptwire.checkout.sides import entry, folder_of, has_moved, is_edited, is_named, merged_about, same, unified
from promptwire.files.prompt_file import Document


def document(text: str = "a", **about: Any) -> Document:
    return Document(key="k", content=Content(messages=[Message(role="user", content=text)]), **about)


def test_what_was_edited_and_what_has_moved() -> None:
    there = There(document(name="N"), "1")
    locked = entry("k.prompt.md", there)
    assert not is_edited(document(name="N"), locked) and not has_moved(there, locked)
    assert is_edited(document("b", name="N"), locked) and is_edited(document(name="M"), locked)
    assert has_moved(There(document(name="N"), "2"), locked) and has_moved(There(document(), "1"), locked)
    assert same(document(name="N"), there) and not same(document(), there)


@pytest.mark.parametrize(
    ("ours", "theirs", "base", "name", "conflicts"),
    [
        ("mine", "was", "was", "mine", []),
        ("was", "yours", "was", "yours", []),
        ("same", "same", "was", "same", []),
        ("mine", "yours", "was", "mine", ["name"]),
        ("", "was", "was", "", []),
    ],
)
def test_what_is_said_beside_is_merged_by_name(
    ours: str, theirs: str, base: str, name: str, conflicts: list[str]
) -> None:
    locked = entry("", There(document(name=base), "1"))
    mine, yours, found = merged_about(document(name=ours), There(document(name=theirs), "2"), locked)
    assert (mine.name, found) == (name, conflicts)
    assert yours.name == (theirs if conflicts else name)


def test_names_are_keys_patterns_and_folders() -> None:
    assert is_named([], "k", "")
    assert is_named(["k"], "k", "") and is_named(["ref*"], "refund", "") and not is_named(["k"], "kk", "")
    assert is_named(["shop/"], "k", "shop/eu") and not is_named(["shop/"], "k", "shopping")


def test_a_folder_is_what_the_file_says_or_where_it_lies() -> None:
    assert folder_of(Here("x/a.prompt.md", "", document(folder="f")), None) == "f"
    assert folder_of(Here("x/a.prompt.md", "", None), None) == "x"
    assert folder_of(None, entry("a.prompt.md", There(document(), ""))) == ""


def test_a_diff_names_both_sides() -> None:
    text = unified(Here("k.prompt.md", "---\nkey: k\n---\n\n# user\n\nb", document("b")), There(document(), "3"))
    assert text.startswith("--- k version 3\n+++ k.prompt.md\n")
    assert text.endswith("-a\n+b\n\\ No newline at end of file\n")
    assert unified(Here("k", "new\n", document()), None).startswith("--- /dev/null\n+++ k\n")
