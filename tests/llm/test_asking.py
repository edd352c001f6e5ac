"""A model is asked again only while nothing was shown, and only when that may help."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from promptwire.api.base import ErrorClass
from promptwire.api.catalogue import ModelRow
from promptwire.api.llm import ChatRequest, Timeouts
from promptwire.api.message import Delta, Message, Usage
from promptwire.errors import Failure
from promptwire.llm import asking
from promptwire.llm.breaker import Breakers
from promptwire.llm.catalogue import Catalogue, always
from promptwire.llm.provider import Chunk, Endpoint, Finish, Target
from promptwire.llm.service import LLMService

REQUEST = ChatRequest(model="a", messages=[Message(role="user", content="hi")])
ANSWER: list[Chunk | Failure] = [Delta(text="hello"), Finish("stop")]
CUT = Failure("upstream_cut", "cut", phase="first_packet", vendor="acme")


def busy(class_: ErrorClass = "overloaded", **fields: Any) -> Failure:
    return Failure(class_, "busy", vendor="acme", **fields)


class Scripted:
    """A vendor that answers each model's requests from its list, the last one for ever."""

    def __init__(self, **models: list[list[Chunk | Failure]]) -> None:
        self._models = models
        self.asked: list[str] = []

    async def stream(self, target: Target, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        self.asked.append(target.id)
        answers = self._models[target.id]
        for chunk in answers.pop(0) if len(answers) > 1 else answers[0]:
            if isinstance(chunk, Failure):
                raise chunk
            yield chunk


def serving(vendor: Scripted, *, attempts: int = 2, failures: int = 0, fallbacks: tuple[str, ...] = ()) -> LLMService:
    first = ModelRow(
        id="a", provider="acme", model="a", attempts=attempts, breaker_failures=failures, fallbacks=list(fallbacks)
    )
    others = [ModelRow(id=name, provider="acme", model=name, attempts=1, breaker_failures=0) for name in "bc"]
    catalogue = Catalogue([Endpoint(name="acme", kind="openai")], [first, *others])
    return LLMService(always(catalogue), {"openai": vendor}, breakers=Breakers())


async def test_a_failure_before_the_first_token_is_tried_again_and_told() -> None:
    vendor = Scripted(a=[[busy()], [Usage(input_tokens=3), CUT], ANSWER])
    reply = await serving(vendor, attempts=3).chat(REQUEST)
    assert reply.message.content == "hello"
    attempts = reply.start.attempts or []
    assert [(one.model, one.class_) for one in attempts] == [("a", "overloaded"), ("a", "upstream_cut")]
    assert vendor.asked == ["a", "a", "a"]


async def test_attempts_end() -> None:
    vendor = Scripted(a=[[busy()]])
    with pytest.raises(Failure, match="busy") as failed:
        await serving(vendor).chat(REQUEST)
    assert vendor.asked == ["a", "a"]
    assert failed.value.details["attempts"] == "a: overloaded; a: overloaded"


async def test_after_the_first_token_nothing_is_tried_again() -> None:
    vendor = Scripted(a=[[Delta(text="hel"), CUT], ANSWER], b=[ANSWER])
    with pytest.raises(Failure) as failed:
        await serving(vendor, fallbacks=("b",)).chat(REQUEST)
    assert (failed.value.class_, failed.value.phase, vendor.asked) == ("upstream_cut", "mid_stream", ["a"])


@pytest.mark.parametrize(
    "failure",
    [
        busy("invalid_request"),
        busy("moderation_input"),
        busy("rate_limited", retry_after_s=asking.LONGEST_PAUSE_S + 1),
        busy("upstream_error", retryable=False),
    ],
    ids=["wrong", "refused", "too long a wait", "not retryable"],
)
async def test_what_trying_again_does_not_help_is_not_tried_again(failure: Failure) -> None:
    vendor = Scripted(a=[[failure], ANSWER])
    with pytest.raises(Failure):
        await serving(vendor).chat(REQUEST)
    assert vendor.asked == ["a"]


async def test_a_wait_longer_than_the_answers_time_is_not_waited() -> None:
    vendor = Scripted(a=[[busy("rate_limited", retry_after_s=2)], ANSWER])
    with pytest.raises(Failure) as failed:
        await serving(vendor).chat(msgspec.structs.replace(REQUEST, timeouts=Timeouts(total_s=1)))
    assert (failed.value.class_, vendor.asked) == ("rate_limited", ["a"])


async def test_the_vendors_wait_is_kept() -> None:
    vendor = Scripted(a=[[busy("rate_limited", retry_after_s=0.3)], ANSWER])
    reply = await serving(vendor).chat(REQUEST)
    assert reply.done.ttft_ms is not None and reply.done.ttft_ms >= 300


@pytest.mark.parametrize(
    "class_", ["overloaded", "permission_denied", "not_found", "budget_exhausted", "timeout_first_token"]
)
async def test_another_model_is_asked_when_one_fails(class_: ErrorClass) -> None:
    vendor = Scripted(a=[[busy(class_)]], b=[[busy()]], c=[ANSWER])
    reply = await serving(vendor, attempts=1, fallbacks=("b", "c")).chat(REQUEST)
    assert (reply.start.model, vendor.asked) == ("c", ["a", "b", "c"])
    assert [one.model for one in reply.start.attempts or []] == ["a", "b"]


async def test_no_other_model_is_asked_what_is_wrong_everywhere() -> None:
    vendor = Scripted(a=[[busy("invalid_request")]], b=[ANSWER])
    with pytest.raises(Failure):
        await serving(vendor, fallbacks=("b",)).chat(REQUEST)
    assert vendor.asked == ["a"]


async def test_a_model_that_fails_is_left_alone_and_the_other_asked() -> None:
    vendor = Scripted(a=[[CUT]], b=[ANSWER])
    service = serving(vendor, attempts=1, failures=2, fallbacks=("b",))
    for _ in range(4):
        assert (await service.chat(REQUEST)).start.model == "b"
    assert vendor.asked.count("a") == 2


async def test_a_model_that_is_left_alone_says_for_how_long() -> None:
    vendor = Scripted(a=[[CUT]])
    service = serving(vendor, attempts=1, failures=1)
    with pytest.raises(Failure, match="cut"):
        await service.chat(REQUEST)
    with pytest.raises(Failure, match="left alone for 5 s, last: cut") as failed:
        await service.chat(REQUEST)
    assert (failed.value.class_, failed.value.vendor) == ("overloaded", "acme")
    assert 0 < (failed.value.retry_after_s or 0) <= 5
    assert vendor.asked == ["a"]


async def test_an_answer_without_a_token_was_cut() -> None:
    with pytest.raises(Failure) as failed:
        await serving(Scripted(a=[[Usage()]]), attempts=1).chat(REQUEST)
    assert (failed.value.class_, failed.value.phase) == ("upstream_cut", "first_packet")


async def test_early_counts_of_a_failed_attempt_do_not_stay() -> None:
    vendor = Scripted(a=[[Usage(input_tokens=3), CUT], ANSWER])
    assert (await serving(vendor).chat(REQUEST)).done.usage == Usage()
