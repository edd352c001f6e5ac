"""What a model cannot read is refused before its vendor is asked; what it may be able to read is not."""

from __future__ import annotations

import asyncio

import pytest

from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import Capabilities, ChatRequest, Parameters
from promptwire.api.message import Message, Tool
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue, always
from promptwire.llm.provider import Endpoint, Target
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService
from promptwire.llm.tokens import Count, Tokens
from promptwire.llm.window import check_window

WORD = "hello "


def target(model: str, context_tokens: int | None) -> Target:
    endpoint = Endpoint(name="v", kind="openai")
    return Target(id="v/m", model=model, endpoint=endpoint, capabilities=Capabilities(context_tokens=context_tokens))


def request(words: int, max_tokens: int | None = None) -> ChatRequest:
    parameters = None if max_tokens is None else Parameters(max_tokens=max_tokens)
    return ChatRequest(model="v/m", messages=[Message(role="user", content=WORD * words)], parameters=parameters)


@pytest.fixture(scope="module")
def exact() -> Tokens:
    """Counts that are exact for OpenAI's models."""
    pytest.importorskip("bpe_openai")

    async def read() -> Tokens:
        tokens = Tokens()
        tokens.count("gpt-4o", "")
        await asyncio.gather(*tokens._reading)
        return tokens

    tokens = asyncio.run(read())
    assert tokens.count("gpt-4o", WORD).exact
    return tokens


def test_an_exact_count_decides(exact: Tokens) -> None:
    check_window(request(90), target("gpt-4o", 100), exact)
    with pytest.raises(Failure, match=r"the request is \d+ tokens, v/m can read 100") as refused:
        check_window(request(110), target("gpt-4o", 100), exact)
    said = refused.value
    assert (said.class_, said.phase, said.retryable) == ("invalid_request", "connect", False)
    assert (said.details["exact"], said.details["context_tokens"]) == ("true", "100")


def test_the_answer_needs_its_room_too(exact: Tokens) -> None:
    check_window(request(50, max_tokens=40), target("gpt-4o", 100), exact)
    with pytest.raises(Failure, match=r"tokens and max_tokens is 60, v/m can read 100"):
        check_window(request(50, max_tokens=60), target("gpt-4o", 100), exact)


@pytest.mark.parametrize("script", ["hello ", "здравствуйте ", "สวัสดี", "你好", "مرحبا "])
def test_an_estimate_refuses_nothing_that_would_fit(exact: Tokens, script: str) -> None:
    text = script * 500
    room = exact.count("gpt-4o", text).tokens + 10
    check_window(
        ChatRequest(model="v/m", messages=[Message(role="user", content=text)]), target("claude", room), Tokens()
    )


def test_an_estimate_refuses_what_cannot_fit() -> None:
    with pytest.raises(Failure, match=r"about \d+ tokens, v/m can read 100") as refused:
        check_window(request(1000, max_tokens=1), target("claude", 100), Tokens())
    assert refused.value.details["exact"] == "false"


def test_tools_count(exact: Tokens) -> None:
    asked = request(10)
    asked.tools = [Tool(name="look", description=WORD * 100)]
    with pytest.raises(Failure, match="can read 100"):
        check_window(asked, target("gpt-4o", 100), exact)


@pytest.mark.parametrize("room", [None, 0])
def test_a_model_of_which_nothing_is_known_is_asked(room: int | None) -> None:
    check_window(request(1000), target("m", room), Tokens())


class Counting(Tokens):
    """Says whether anything was counted."""

    asked = 0

    def count(self, model: str, text: str) -> Count:
        self.asked += 1
        return super().count(model, text)


def test_what_fits_by_far_is_not_even_counted() -> None:
    tokens = Counting()
    check_window(request(10), target("m", 1000), tokens)
    assert tokens.asked == 0
    check_window(request(100), target("m", 1000), tokens)
    assert tokens.asked


async def test_the_vendor_is_not_asked() -> None:
    row = ModelRow(id="small", provider="simulated", model="echo", capabilities=Capabilities(context_tokens=10))
    here = Simulated()
    service = LLMService(always(Catalogue([], [row])), {"simulated": here})
    with pytest.raises(Failure, match="small can read 10"):
        await service.chat(ChatRequest(model="small", messages=request(100).messages))
    assert (here.meter.active, here.meter.finished) == (0, 0)
    assert (await service.chat(ChatRequest(model="small", messages=request(1).messages))).message.content == WORD
