from __future__ import annotations

import pytest

from thriftwire.thrift.names import constant_case, safe, snake_case


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("ChatStream", "chat_stream"),
        ("LLMService", "llm_service"),
        ("already_snake", "already_snake"),
        ("EchoV2Bidi", "echo_v2_bidi"),
        ("HTTPServer2Go", "http_server2_go"),
        ("Ping", "ping"),
        ("A", "a"),
    ],
)
def test_words_are_found_in_names(name: str, snake: str) -> None:
    assert snake_case(name) == snake
    assert constant_case(name) == snake.upper()


def test_words_that_are_needed_get_an_underscore() -> None:
    assert safe("class") == "class_"
    assert safe("None") == "None_"
    assert safe("list") == "list"
    assert safe("list", frozenset({"list"})) == "list_"
    assert safe("__init__") == "__init___"
