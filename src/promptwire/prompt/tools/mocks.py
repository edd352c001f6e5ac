"""The place for replies in place of calls: fixed, by rule, or recorded."""

from __future__ import annotations

from typing import Final, cast

import msgspec
import regex

from promptwire.api.tool import Condition, Mock, MockRule, Recording, ToolReply
from promptwire.prompt.tools.arguments import ABSENT, ToolFault, at, canonical, canonical_value, read

PATTERN_S: Final = 0.05  # a pattern that needs longer is a mistake; everybody waits while it is tried


def mocked(mock: Mock, arguments: str) -> ToolReply | None:
    """The reply to a call with these arguments; None when the mock has none. Raises ToolFault: the mock is wrong."""
    match mock.kind:
        case "rule":
            given = read(arguments)
            found = next((rule for rule in mock.rules or () if _holds(rule, given)), None)
        case "recorded":
            wanted = canonical(arguments)
            found = next((one for one in mock.recordings or () if canonical(one.arguments) == wanted), None)
        case _:
            found = None
    return _reply(found, mock.reply)


def _reply(found: MockRule | Recording | None, otherwise: str | None) -> ToolReply | None:
    if found is not None:
        return ToolReply(content=found.reply, source="mock", is_error=found.is_error)
    return None if otherwise is None else ToolReply(content=otherwise, source="mock")


def _holds(rule: MockRule, given: object) -> bool:
    return all(_fulfilled(condition, at(given, condition.path)) for condition in rule.conditions)


def _fulfilled(condition: Condition, value: object) -> bool:
    if value is ABSENT:
        return False
    wanted: object = None if condition.value is None else msgspec.json.decode(condition.value)
    match condition.test:
        case "exists":
            return True
        case "equals":
            return canonical_value(value) == canonical_value(wanted)
        case "contains":
            return _contains(value, wanted)
        case "matches":
            return _matches(_text(wanted), _text(value))


def _contains(value: object, wanted: object) -> bool:
    """A text contains a text, a list a member, an object a name."""
    if isinstance(value, list):
        return any(canonical_value(member) == canonical_value(wanted) for member in cast("list[object]", value))
    if isinstance(value, dict):
        return wanted in value
    return _text(wanted) in _text(value)


def _matches(pattern: str, text: str) -> bool:
    try:
        return regex.search(pattern, text, timeout=PATTERN_S) is not None
    except regex.error as exc:
        raise ToolFault(f"the mock's pattern {pattern!r} is not a regular expression: {exc}") from exc
    except TimeoutError as exc:
        raise ToolFault(f"the mock's pattern {pattern!r} takes too long") from exc


def _text(value: object) -> str:
    return value if isinstance(value, str) else canonical_value(value)
