"""Counting: exact where the vocabulary is here, close where it is not, and never silent about which."""

from __future__ import annotations

import asyncio

import pytest

from promptwire.api.message import File, Message, Part, Tool
from promptwire.llm.tokens import PER_IMAGE, PER_MESSAGE, Tokens, estimate

TEXTS = {
    "english": "The quick brown fox jumps over the lazy dog, and then it does so again because nobody watched. " * 5,
    "chinese": "今天的天气很好，我们去公园散步吧。提示词平台把每一个字都当成一条流。" * 5,  # noqa: RUF001
    "python": "def fold(events):\n    for event in events:\n        if event.kind == 1:\n            yield event\n" * 5,
}


async def exact(tokens: Tokens, text: str) -> int:
    pytest.importorskip("bpe_openai")
    async with asyncio.timeout(30):
        while not (count := tokens.count("gpt-4o", text)).exact:
            await asyncio.gather(*tokens._reading)
    return count.tokens


@pytest.mark.parametrize("name", TEXTS)
async def test_an_estimate_is_close_to_the_count(name: str) -> None:
    counted = await exact(Tokens(), TEXTS[name])
    assert estimate(TEXTS[name]) == pytest.approx(counted, rel=0.4)


async def test_a_known_text_is_counted_as_its_vocabulary_has_it() -> None:
    assert await exact(Tokens(), "hello world") == 2


def test_a_model_without_a_vocabulary_here_gets_an_estimate_that_says_so() -> None:
    count = Tokens().count("claude-opus", "hello world")
    assert not count.exact and count.tokens > 0


def test_a_request_counts_text_parts_tools_and_images() -> None:
    tokens = Tokens()
    one = tokens.count_request("m", [Message(role="user", content="hello")])
    assert one.tokens == estimate("hello") + PER_MESSAGE
    more = tokens.count_request(
        "m",
        [Message(role="user", parts=[Part(text="hello"), Part(image_url="https://example.org/a.png")])],
        [Tool(name="search", description="looks things up")],
    )
    assert more.tokens == one.tokens + PER_IMAGE + estimate("searchlooks things up") + PER_MESSAGE
    assert not more.exact


def test_nothing_is_nothing() -> None:
    assert estimate("") == 0


def test_a_message_is_counted_block_by_block() -> None:
    parts = [
        Part(text="hello"),
        Part(image_url="data:image/png;base64,AA=="),
        Part(file=File(url="data:text/plain;base64,aGVsbG8=")),
        Part(file=File(url="data:text/plain,hello")),
        Part(file=File(url="data:application/pdf;base64,AA==")),
    ]
    block = Tokens().count_message("m", Message(role="user", content="hello", parts=parts))
    hello = estimate("hello")
    assert [part.tokens for part in block.parts] == [hello, PER_IMAGE, hello, hello, 0]
    assert block.whole.tokens == PER_MESSAGE + hello + sum(part.tokens for part in block.parts)
    assert not block.whole.exact
