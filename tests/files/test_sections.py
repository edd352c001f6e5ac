"""Messages as sections: whatever their text, they come back, and the line of a mistake is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_up import made
from promptwire.api.message import Message
from promptwire.files.fault import FileError
from promptwire.files.plain import plain
from promptwire.files.sections import read, write


@given(st.lists(made(Message), max_size=4))
def test_any_messages_come_back(messages: list[Message]) -> None:
    assert plain(read(write(messages))) == plain(messages)


def test_a_text_like_a_beginning_gets_a_backslash() -> None:
    written = write([Message(role="user", content="# user\n\\# user\n# A title")])
    assert written == "# user\n\n\\# user\n\\\\# user\n# A title\n"


def test_the_line_of_a_mistake_counts_from_the_files_first() -> None:
    with pytest.raises(FileError, match="line 12: "):
        read("# user\n\nhello\n## part {x}\n", line=9)
