"""The place for a model and its settings in the words most tools share: OpenAI's, flat, beside one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from promptwire.files.found import Members
from promptwire.files.plain import is_list

OPENAI: Final = {
    name: name
    for name in (
        "temperature",
        "top_p",
        "max_tokens",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "reasoning_effort",
    )
}
"""Their words and ours."""

GOOGLE: Final = {
    "temperature": "temperature",
    "topP": "top_p",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}

RAW: Final = ("tool_choice", "response_format")

_INTEGERS: Final = frozenset({"max_tokens", "seed"})
_EFFORTS: Final = ("minimal", "low", "medium", "high")


def parameters(members: Members, words: Mapping[str, str]) -> dict[str, Any]:
    """Our parameters, taken from members that have their words; one that does not fit stays."""
    taken: dict[str, Any] = {}
    for theirs, ours in words.items():
        value = members.any(theirs)
        if value is None:
            continue
        if ours == "stop" and isinstance(value, str):
            value = [value]
        if not _fits(ours, value):
            members.lose(theirs, value, "it is no value of this setting")
        else:
            taken[ours] = value
    return taken


def said(ours: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Our parameters in their words; those they have no word for are left out."""
    return {theirs: ours[name] for theirs, name in words.items() if name in ours}


def tools(members: Members, name: str = "tools") -> list[dict[str, Any]]:
    """Functions, as OpenAI describes them: in an envelope or flat; another kind of tool is lost."""
    found: list[dict[str, Any]] = []
    for number, given in enumerate(members.take(name, cast("type[list[Any]]", list), [])):
        where = f"{name}[{number}]"
        outer = Members(given, members.where(where), members.losses)
        kind = outer.take("type", str, "function")
        inner = outer.within("function") if "function" in outer else outer
        called = inner.take("name", str, "")
        if kind != "function" or not called:
            members.lose(where, given, "only functions with a name are carried")
            continue
        tool: dict[str, Any] = {"name": called}
        if description := inner.take("description", str, ""):
            tool["description"] = description
        if (schema := inner.any("parameters")) is not None:
            tool["parameters"] = schema
        if (strict := inner.take("strict", cast("type[Any]", bool), None)) is not None:
            tool["strict"] = strict
        inner.left()
        if inner is not outer:
            outer.left()
        found.append(tool)
    return found


def functions(ours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our tools in OpenAI's envelope."""
    fields = ("name", "description", "parameters", "strict")
    return [{"type": "function", "function": {name: tool[name] for name in fields if name in tool}} for tool in ours]


def written(content: Mapping[str, Any], words: Mapping[str, str] = OPENAI) -> dict[str, Any]:
    """Parameters, tools and the like of a content's plain values, flat."""
    flat = said(content.get("parameters", {}), words)
    if "tools" in content:
        flat["tools"] = functions(content["tools"])
    return flat | {name: content[name] for name in RAW if name in content}


def read(members: Members, words: Mapping[str, str] = OPENAI) -> dict[str, Any]:
    """The same back: members of a content's plain values."""
    content: dict[str, Any] = {}
    if taken := parameters(members, words):
        content["parameters"] = taken
    if "tools" in members:
        content["tools"] = tools(members)
    for name in RAW:
        if (value := members.any(name)) is not None:
            content[name] = value
    return content


def _fits(name: str, value: Any) -> bool:
    if name == "stop":
        return is_list(value) and all(isinstance(each, str) for each in value)
    if name == "reasoning_effort":
        return value in _EFFORTS
    if isinstance(value, bool):
        return False
    if name in _INTEGERS:
        return isinstance(value, int) and abs(value) < (2**31 if name == "max_tokens" else 2**63)
    return isinstance(value, int | float)
