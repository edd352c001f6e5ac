"""Suites of calls with expectations: how they are written, and how what came is held against what was expected.

idl: llm.thrift
endpoint: 127.0.0.1:9000
cases:
  - name: the echo types back
    method: LLMService/ChatStream
    request: {model: simulated/echo, messages: [{role: user, content: hello}]}
    expect:
      end: ok
      first_message_within_s: 1
      count: {min: 3}
      messages: [{start: {model: simulated/echo}}, {delta: {text: he}}]
      expressions: ['join(messages, "delta.text") == "hello"']
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from thriftwire.commands.expression import ExpressionError, evaluate
from thriftwire.commands.outcome import Usage


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number between two, both included."""

    min: float | None = None
    max: float | None = None

    def holds(self, value: float) -> bool:
        """Whether ``value`` is between them."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call must give. ``messages`` are matched in order, each by the members it names."""

    end: Literal["ok", "rpc", "business", "timeout", "transport", "usage"] = "ok"
    code: int | None = None
    message: str | None = None  # a part of the error's text
    first_message_within_s: float | None = None
    total_within_s: float | None = None
    gap_within_s: float | None = None
    count: int | Range | None = None
    messages: list[Any] | None = None
    last: Any = None
    expressions: list[str] = []
    headers: dict[str, str] = {}
    trailers: dict[str, str] = {}
    backward: dict[str, str] = {}


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call. ``requests`` are the messages of a streaming client; ``cancel_after`` leaves after so many answers."""

    name: str
    method: str
    request: Any = None
    requests: list[Any] | None = None
    transport: str | None = None
    endpoint: str | None = None
    timeout_s: float = 30.0
    recv_timeout_s: float | None = None
    meta: dict[str, str] = {}
    meta_persistent: dict[str, str] = {}
    cancel_after: int | None = None
    expect: Expect = Expect()


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cases of one file, and what they share."""

    cases: list[Case]
    idl: str | None = None
    endpoint: str | None = None
    transport: str = "auto"


class Seen(msgspec.Struct, kw_only=True):
    """What came of a call: its messages, when they came (seconds from its begin), and how it ended."""

    messages: list[Any] = []
    times: list[float] = []
    total_s: float = 0.0
    end: str = "ok"
    code: int | None = None
    message: str = ""
    headers: dict[str, str] = {}
    trailers: dict[str, str] = {}
    backward: dict[str, str] = {}

    @property
    def gaps(self) -> list[float]:
        """Seconds between messages."""
        return [after - before for before, after in itertools.pairwise(self.times)]


def read(path: Path) -> Suite:
    """The suite in a YAML file. Raises Usage."""
    try:
        import yaml  # imported late: an extra
    except ImportError as error:
        raise Usage("suites are YAML: pip install 'thriftwire[cli]'") from error
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Suite)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise Usage(f"{path}: {error}") from error


def complaints(expect: Expect, seen: Seen) -> list[str]:
    """What is not as expected, a sentence each."""
    return [*_of_end(expect, seen), *_of_time(expect, seen), *_of_messages(expect, seen), *_of_entries(expect, seen)]


def _of_end(expect: Expect, seen: Seen) -> Iterator[str]:
    if seen.end != expect.end:
        said = f" ({seen.code}: {seen.message})" if seen.message else ""
        yield f"ended with {seen.end}{said}, not with {expect.end}"
    if expect.code is not None and seen.code != expect.code:
        yield f"ended with code {seen.code}, not {expect.code}"
    if expect.message is not None and expect.message not in seen.message:
        yield f"the error says {seen.message!r}, not {expect.message!r}"


def _of_time(expect: Expect, seen: Seen) -> Iterator[str]:
    first = seen.times[0] if seen.times else float("inf")
    for name, limit, value in (
        ("the first message came", expect.first_message_within_s, first),
        ("the call ended", expect.total_within_s, seen.total_s),
        ("a message came", expect.gap_within_s, max(seen.gaps, default=0.0)),
    ):
        if limit is not None and value > limit:
            yield f"{name} after {value:.3f} s, not within {limit:g} s"


def _of_messages(expect: Expect, seen: Seen) -> Iterator[str]:
    count = len(seen.messages)
    wanted = Range(min=expect.count, max=expect.count) if isinstance(expect.count, int) else expect.count
    if wanted is not None and not wanted.holds(count):
        yield f"{count} messages came, not {_said(wanted)}"
    for number, message in enumerate(expect.messages or []):
        if number >= count:
            yield f"message {number} did not come: {message}"
        elif wrong := _differs(message, seen.messages[number], f"messages[{number}]"):
            yield wrong
    if expect.last is not None and (wrong := _differs(expect.last, seen.messages[-1] if count else None, "last")):
        yield wrong
    names = {"messages": seen.messages, "count": count, "times": seen.times, "gaps": seen.gaps, "total": seen.total_s}
    for expression in expect.expressions:
        try:
            if not evaluate(expression, names):
                yield f"not so: {expression}"
        except ExpressionError as error:
            yield str(error)


def _of_entries(expect: Expect, seen: Seen) -> Iterator[str]:
    for what in ("headers", "trailers", "backward"):
        came: Mapping[str, str] = getattr(seen, what)
        for key, value in getattr(expect, what).items():
            if came.get(key) != value:
                yield f"{what}[{key!r}] is {came.get(key)!r}, not {value!r}"


def _said(wanted: Range) -> str:
    if wanted.min == wanted.max:
        return f"{wanted.min:g}"
    low = "" if wanted.min is None else f"at least {wanted.min:g}"
    high = "" if wanted.max is None else f"at most {wanted.max:g}"
    return " and ".join(filter(None, (low, high)))


def _differs(wanted: Any, came: Any, path: str) -> str | None:
    """Where ``came`` is not what ``wanted`` names; members that are not named may be anything."""
    if isinstance(wanted, dict) and isinstance(came, dict):
        members, given = cast("dict[str, Any]", wanted), cast("dict[str, Any]", came)
        found = (_differs(value, given.get(key), f"{path}.{key}") for key, value in members.items())
        return next(filter(None, found), None)
    if isinstance(wanted, list) and isinstance(came, list):
        items, given_items = cast("list[Any]", wanted), cast("list[Any]", came)
        if len(items) == len(given_items):
            pairs = enumerate(zip(items, given_items, strict=True))
            found = (_differs(one, other, f"{path}[{at}]") for at, (one, other) in pairs)
            return next(filter(None, found), None)
    return None if wanted == came else f"{path} is {came!r}, not {wanted!r}"
