"""The place where a prompt is shown as it would be sent, also while values are still missing.

A variable without a value stands as it is written. That is a value like any other, and values are never rendered.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from promptwire.api.message import Message
from promptwire.api.prompt import Content, Variable
from promptwire.template.languages import Languages
from promptwire.template.rendering import asked, outlines, poured, render
from promptwire.template.values import Values, given

NOTHING = msgspec.Raw(b"[]")


class Preview(NamedTuple):
    """Rendered messages, and the names of the variables that have no value."""

    messages: list[Message]
    missing: list[str]


def preview(content: Content, values: Values, languages: Languages) -> Preview:
    """``content``, with its snippets in place, rendered as far as there are values. Raises Failure."""
    declared = {variable.name: variable for variable in content.variables}
    blank = {name for name in declared if declared[name].needed and not _has_value(declared[name], values)}
    missing: list[str] = []
    for name, certain in asked(content.messages, outlines(content, languages)):
        # Jinja cannot say beforehand what it can do without, so every name in it stands for itself.
        wanted = name not in declared and given(values.get(name)) is None and (certain or content.engine == "jinja2")
        if wanted or name in blank:
            missing.append(name)
    lists = poured(content.messages)
    standing = {name: NOTHING if name in lists else _itself(name) for name in missing}
    shown = msgspec.structs.replace(content, variables=[one for one in content.variables if one.name not in blank])
    return Preview(render(shown, {**values, **standing}, languages), missing)


def _has_value(variable: Variable, values: Values) -> bool:
    return given(values.get(variable.name)) is not None or given(variable.default_) is not None


def _itself(name: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode("{{" + name + "}}"))
