"""The place for whether a request fits what its model can read, before its vendor is asked.

A vendor says so too, after it was sent megabytes, in words of its own. An exact count decides by itself. An estimate is
made for other scripts than a request may be in, and refuses only what would not fit at an eighth of it: the vendor
has the last word on the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from promptwire.api.llm import ChatRequest
from promptwire.api.message import Message
from promptwire.errors import Failure
from promptwire.llm.provider import Target
from promptwire.llm.tokens import PER_MESSAGE, Tokens

TOO_HIGH: Final = 8  # so many times an estimate may be above the count
PER_CHARACTER: Final = 4  # tokens, at most: a vocabulary of bytes has one for each byte of UTF-8


def check_window(request: ChatRequest, target: Target, tokens: Tokens) -> None:
    """Refuse a request that is too long for ``target``. Raises Failure (invalid_request)."""
    room = target.capabilities.context_tokens
    if not room or _may_be_short(request, room):
        return
    counted = tokens.count_request(target.model, request.messages, request.tools or ())
    answer = request.parameters.max_tokens if counted.exact and request.parameters is not None else None
    needed = counted.tokens + (answer or 0)
    if needed <= (room if counted.exact else room * TOO_HIGH):
        return
    beside = f" and max_tokens is {answer}" if answer else ""
    raise Failure(
        "invalid_request",
        f"the request is {'' if counted.exact else 'about '}{counted.tokens} tokens{beside},"
        f" {target.id} can read {room} (its context_tokens)",
        details={
            "tokens": str(counted.tokens),
            "exact": "true" if counted.exact else "false",
            "context_tokens": str(room),
        },
    )


def _may_be_short(request: ChatRequest, room: int) -> bool:
    """So short that nothing has to be counted: most requests are."""
    if request.tools or any(message.parts for message in request.messages):
        return False
    answer = request.parameters.max_tokens if request.parameters is not None else None
    most = sum(PER_CHARACTER * len(text) + PER_MESSAGE for text in _texts(request.messages))
    return most + (answer or 0) <= room


def _texts(messages: list[Message]) -> Iterator[str]:
    for message in messages:
        yield message.content
        for call in message.tool_calls or ():
            yield call.name
            yield call.arguments
