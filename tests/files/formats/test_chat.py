"""Messages in the shape of chat completions, both ways."""

from typing import Any

import pytest

from promptwire.api.files import Loss
from promptwire.files.formats.chat import read, written
from promptwire.files.found import Members


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": "hi", "name": "ann"},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "name": "f", "arguments": "{"}]},
        {"role": "tool", "content": "4", "tool_call_id": "c"},
        {"role": "user", "parts": [{"text": "a"}, {"image_url": "u"}, {"file": {"url": "data:,x", "name": "x.txt"}}]},
    ],
)
def test_a_message_comes_back(message: dict[str, Any]) -> None:
    losses: list[Loss] = []
    assert read(Members(written(message), "m", losses)) == message
    assert losses == []


def test_what_has_no_place_is_lost() -> None:
    losses: list[Loss] = []
    given = {"role": "critic", "content": [{"type": "audio"}, 5], "refusal": "no", "tool_calls": [{"id": 1}]}
    assert read(Members(given, "m", losses)) == {"role": "user", "parts": [], "tool_calls": []}
    assert [loss.path for loss in losses] == ["m.role", "m.content[0]", "m.content[1]", "m.tool_calls[0]", "m.refusal"]
    assert written({"role": "placeholder", "content": "history"}) is None
