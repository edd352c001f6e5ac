"""Whoever a call is made for is known anywhere below it, by a name that can be shown and kept."""

import pytest

from promptwire.errors import Failure
from promptwire.person import LONGEST, named, person
from thriftwire.call import Call, Metadata, serving


def test_a_person_is_an_entry_of_the_call() -> None:
    assert person() == ""
    with serving(Call()):
        assert person() == ""
    with serving(Call(metadata=Metadata(persistent={"user": "王小明"}))):
        assert person() == "王小明"


@pytest.mark.parametrize("name", ["x" * (LONGEST + 1), "a\nb", "a\x00", "\x7f"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with serving(Call(metadata=Metadata(persistent={"user": name}))), pytest.raises(Failure) as caught:
        person()
    assert caught.value.class_ == "invalid_request"


def test_spaces_around_a_name_are_not_part_of_it() -> None:
    assert named(" Ann Lee ") == "Ann Lee"
