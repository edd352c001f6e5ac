"""What folders and tags may be called."""

from __future__ import annotations

import pytest

from promptwire.errors import Failure
from promptwire.prompt.filing import DEEPEST, LONGEST, MOST_TAGS, folder, tags


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("/", ""),
        ("support", "support"),
        (" support / refunds/ ", "support/refunds"),
        ("客服//退款", "客服/退款"),
    ],
)
def test_a_folder_is_written_in_one_way(given: str, kept: str) -> None:
    assert folder(given) == folder(kept) == kept


@pytest.mark.parametrize("given", ["a" * (LONGEST + 1), "a/" * (DEEPEST + 1), "a\nb", "a/b\x00"])
def test_a_path_that_cannot_be_shown_is_refused(given: str) -> None:
    with pytest.raises(Failure, match="a folder is a path") as caught:
        folder(given)
    assert caught.value.class_ == "invalid_request"


def test_tags_are_kept_once_and_in_their_order() -> None:
    assert tags([" b ", "a", "b"]) == ["b", "a"]


@pytest.mark.parametrize("given", [[""], [" "], ["a,b"], ["a" * (LONGEST + 1)], ["a\n"[:1], "b\tc"]])
def test_a_tag_that_cannot_be_shown_is_refused(given: list[str]) -> None:
    with pytest.raises(Failure, match="a tag is") as caught:
        tags(given)
    assert caught.value.class_ == "invalid_request"


def test_tags_are_not_without_number() -> None:
    with pytest.raises(Failure, match="up to 30 tags, not 31"):
        tags(str(number) for number in range(MOST_TAGS + 1))
