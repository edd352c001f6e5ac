"""A model's settings in the words of others; a value that is none is lost, not guessed."""

from promptwire.api.files import Loss
from promptwire.files.formats.settings import GOOGLE, OPENAI, parameters, read, said, tools, written
from promptwire.files.found import Members


def test_settings_come_back_in_their_own_words() -> None:
    ours = {"temperature": 0.5, "max_tokens": 10, "stop": ["a"], "seed": 1}
    for words in (OPENAI, GOOGLE):
        assert parameters(Members(said(ours, words), "", []), words) == ours


def test_a_value_that_does_not_fit_is_lost() -> None:
    losses: list[Loss] = []
    given = {"temperature": True, "max_tokens": 1.5, "stop": [1], "reasoning_effort": "huge", "top_p": 1, "seed": 2**70}
    assert parameters(Members(given, "config", losses), OPENAI) == {"top_p": 1}
    assert {loss.path for loss in losses} == {f"config.{name}" for name in given if name != "top_p"}


def test_tools_are_functions_in_an_envelope_or_flat() -> None:
    losses: list[Loss] = []
    given = [{"type": "function", "function": {"name": "f"}}, {"type": "function", "name": "g"}, {"type": "web"}, 5]
    assert tools(Members({"tools": given}, "", losses)) == [{"name": "f"}, {"name": "g"}]
    assert [loss.path for loss in losses] == ["tools[2]", "tools[3]"]


def test_a_content_comes_back_from_flat_settings() -> None:
    content = {
        "parameters": {"top_p": 0.5},
        "tools": [{"name": "f", "description": "d", "strict": True}],
        "tool_choice": "auto",
    }
    assert read(Members(written(content), "", [])) == content
