"""The place where a run is told in OpenAI's words: chunks of a stream, a whole completion, an error.

Beside OpenAI's fields there is ``promptwire`` with our own `Start`, in the first chunk and in a whole completion; and
an error is our error object with OpenAI's ``type`` and ``param`` added.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from promptwire.api.base import ErrorClass
from promptwire.api.llm import ChatReply
from promptwire.api.message import Delta, Done, Event, Message, Reasoning, Start, ToolCallDelta, ToolResult, Usage
from promptwire.errors import Failure
from promptwire.gateway.answers import encode

DONE: Final = b"data: [DONE]\n\n"

TYPES: Final[Mapping[ErrorClass, str]] = {
    "invalid_request": "invalid_request_error",
    "unauthenticated": "authentication_error",
    "permission_denied": "permission_error",
    "not_found": "not_found_error",
    "conflict": "conflict_error",
    "rate_limited": "requests",
    "token_limited": "tokens",
    "concurrency_limited": "requests",
    "packet_limited": "packets",
    "budget_exhausted": "insufficient_quota",
    "moderation_input": "content_filter",
    "moderation_output": "content_filter",
    "cancelled": "cancelled",
    "internal": "server_error",
    "upstream_error": "server_error",
    "upstream_cut": "server_error",
    "overloaded": "overloaded_error",
    "timeout_connect": "timeout",
    "timeout_first_token": "timeout",
    "timeout_idle": "timeout",
    "timeout_total": "timeout",
}


def shape(failure: Failure) -> bytes:
    """A failure as the JSON of a body, or of the last event of a stream."""
    param = failure.details.get("param") or failure.details.get("path")
    said = msgspec.to_builtins(failure.to_error()) | {"type": TYPES[failure.class_], "param": param}
    return encode({"error": said})


class Chunks:
    """One stream (see `promptwire.gateway.sse.Dialect`).

    Calls that Promptwire answers itself are nobody's business here, or a client would answer them once more: they are
    held back until it is known that they are answered, and told after all when they are not.
    """

    __slots__ = ("_head", "_held", "_settled", "_tail", "_with_usage", "ended")

    def __init__(self, *, with_usage: bool) -> None:
        self.ended = False
        self._with_usage = with_usage
        self._head = b""
        self._tail = b""
        self._held: dict[int, list[ToolCallDelta]] = {}
        self._settled = 0  # calls that are never told; those after them count from where they began

    def event(self, event: Event) -> bytes:
        """The chunks an event becomes; none for usage, which comes with the end."""
        match event:
            case Delta():
                return self._delta(b'{"content":%b}' % encode(event.text))
            case Reasoning():
                return self._delta(b'{"reasoning_content":%b}' % encode(event.text)) if event.text else b""
            case ToolCallDelta():
                return self._call(event)
            case ToolResult():
                self._settle(event)
                return b""
            case Usage():
                return b""
            case Start():
                return self._start(event)
            case Done():
                return self._done(event)

    def error(self, failure: Failure) -> bytes:
        """The error that ends the stream; no ``[DONE]`` follows."""
        self.ended = True
        return b"data: %b\n\n" % shape(failure)

    def _start(self, start: Start) -> bytes:
        about = {
            "id": start.run_id,
            "object": "chat.completion.chunk",
            "created": _now(),
            "model": start.model,
        }
        usage = b',"usage":null' if self._with_usage else b""
        self._head = b"data: %b" % encode(about)[:-1]
        self._tail = b"%b}\n\n" % usage
        first = _choice(b'{"role":"assistant","content":""}')
        return b'%b,"choices":[%b],"promptwire":%b%b' % (self._head, first, encode(start), self._tail)

    def _call(self, event: ToolCallDelta) -> bytes:
        if event.bound or event.index in self._held:
            self._held.setdefault(event.index, []).append(event)
            return b""
        return self._fragment(event)

    def _settle(self, result: ToolResult) -> None:
        if not result.proposed and self._held.pop(result.index, None) is not None:
            self._settled += 1

    def _fragment(self, event: ToolCallDelta) -> bytes:
        return self._delta(encode({"tool_calls": [_fragment(event.index - self._settled, event)]}))

    def _delta(self, delta: bytes) -> bytes:
        return b'%b,"choices":[%b]%b' % (self._head, _choice(delta), self._tail)

    def _done(self, done: Done) -> bytes:
        self.ended = True
        last = b"".join(self._fragment(event) for held in self._held.values() for event in held)
        last += b'%b,"choices":[%b]%b' % (self._head, _choice(b"{}", done.finish_reason), self._tail)
        if not self._with_usage:
            return last + DONE
        return b'%b%b,"choices":[],"usage":%b}\n\n%b' % (last, self._head, encode(usage(done)), DONE)


def completion(reply: ChatReply) -> dict[str, Any]:
    """A whole answer."""
    choice = {
        "index": 0,
        "message": _message(reply.message),
        "logprobs": None,
        "finish_reason": reply.done.finish_reason,
    }
    return {
        "id": reply.start.run_id,
        "object": "chat.completion",
        "created": _now(),
        "model": reply.start.model,
        "choices": [choice],
        "usage": usage(reply.done),
        "promptwire": reply.start,
    }


def usage(done: Done) -> dict[str, Any]:
    """Usage as OpenAI counts: cached tokens are of the prompt, reasoning tokens of the completion."""
    used = done.usage
    prompt = used.input_tokens + used.cache_read_tokens + used.cache_write_tokens
    written = used.output_tokens + used.reasoning_tokens
    made: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
        "prompt_tokens_details": {
            "cached_tokens": used.cache_read_tokens,
            "cache_write_tokens": used.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
    }
    return made if done.cost is None else made | {"cost": done.cost}


def _choice(delta: bytes, finish_reason: str | None = None) -> bytes:
    return b'{"index":0,"delta":%b,"logprobs":null,"finish_reason":%b}' % (delta, encode(finish_reason))


def _fragment(number: int, event: ToolCallDelta) -> dict[str, Any]:
    function: dict[str, Any] = {"arguments": event.arguments}
    if event.name is not None:
        function = {"name": event.name} | function
    if event.id is None:
        return {"index": number, "function": function}
    return {"index": number, "id": event.id, "type": "function", "function": function}


def _message(message: Message) -> dict[str, Any]:
    made: dict[str, Any] = {"role": "assistant", "content": message.content, "refusal": None}
    if message.reasoning:
        made["reasoning_content"] = message.reasoning
    if message.tool_calls:
        made["content"] = message.content or None
        made["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    return made


def _now() -> int:
    return int(time.time())
