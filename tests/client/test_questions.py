"""Arguments of the SDK become bodies of the contract."""

from typing import Any

import msgspec
import pytest

from promptwire.api.llm import Parameters
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.client.errors import InvalidRequest
from promptwire.client.questions import FALLBACK, chat, raws, rendered, run, stand_in


def test_a_run_says_what_is_given_and_no_more() -> None:
    question = run("a b", resumable_s=60.0, timeout_s=5, label="production", version=None, variables={})
    assert question.path == "/api/prompts/a%20b/run"
    assert question.body == {"label": "production", "variables": {}, "resumable_s": 60.0}
    assert question.headers == {"x-promptwire-timeout-s": "5"}


def test_a_text_is_what_the_user_says() -> None:
    question = chat("hi", resumable_s=0, timeout_s=None, model="m")
    assert question == ("/api/chat", {"messages": [Message(role="user", content="hi")], "model": "m"}, {})


def test_what_is_rendered_here_is_run_with_the_settings_of_its_content() -> None:
    question = rendered(Content(model="m", tool_choice=msgspec.Raw(b'"auto"')), [], resumable_s=0)
    assert question.body == {"messages": [], "model": "m", "tool_choice": msgspec.Raw(b'"auto"')}


def test_what_is_rendered_here_takes_another_model_and_the_parameters_that_are_given() -> None:
    content = Content(model="m", parameters=Parameters(temperature=0.5, max_tokens=9))
    question = rendered(content, [], model="n", parameters={"max_tokens": 1}, resumable_s=0)
    assert question.body == {"messages": [], "model": "n", "parameters": {"temperature": 0.5, "max_tokens": 1}}
    question = rendered(content, [], parameters=Parameters(temperature=1), resumable_s=0)
    assert question.body["parameters"] == {"temperature": 1, "max_tokens": 9}


def test_values_are_json() -> None:
    values = raws({"a": Message(role="user"), "b": [1]})
    assert msgspec.json.decode(values["a"])["role"] == "user"
    with pytest.raises(InvalidRequest, match="no JSON"):
        raws({"a": object()})


@pytest.mark.parametrize(
    "fallback",
    [
        "hi",
        [{"role": "user", "content": "hi"}],
        [Message(role="user", content="hi")],
        Content(messages=[Message(role="user", content="hi")]),
    ],
)
def test_a_fallback_is_a_version_of_its_own(fallback: Any) -> None:
    commit = stand_in("a", fallback)
    assert commit is not None
    assert (commit.key, commit.version.version) == ("a", FALLBACK)
    assert commit.content.messages == [Message(role="user", content="hi")]


def test_a_fallback_that_is_none_of_it_is_refused() -> None:
    assert stand_in("a", None) is None
    with pytest.raises(InvalidRequest, match="no list of messages"):
        stand_in("a", [{"role": "nobody"}])
