"""What is wrong with a file has a place."""

from promptwire.files.fault import FileError


def test_a_fault_says_its_line_when_it_has_one() -> None:
    assert str(FileError("no key", 3)) == "line 3: no key"
    assert str(FileError("no key")) == "no key"
