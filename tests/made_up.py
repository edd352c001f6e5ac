"""Values of the contract's structs, made up from the types alone: what a field is added to is tested with it."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from promptwire.api.prompt import Content

S = TypeVar("S", bound=msgspec.Struct)

LINES = [
    "# user",
    "# user {}",
    "\\# system",
    "## text",
    "## part {",
    "---",
    "...",
    " trailing  ",
    "\ttab",
    "# Title",
    "",
]
PIECES = [
    *LINES,
    "{{name}}",
    "{% if x %}",
    '{"a": 1}',
    "\r",
    "\u2028",
    "\x85",
    "\x00",
    "\ufeff",
    "😀",
    "yes",
    "1:30",
    "中",
]

texts: st.SearchStrategy[str] = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=5).map("\n".join),
    st.lists(st.sampled_from(PIECES), max_size=4).map("".join),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def made(kind: type[S]) -> st.SearchStrategy[S]:
    """Any value of a struct; a field that has a default often is at it."""
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(kind):
        fields[field.name] = of(hints[field.name])
        if field.default is not msgspec.NODEFAULT:
            fields[field.name] |= st.just(field.default)
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type the contract uses."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = [mark for mark in arguments[1:] if isinstance(mark, msgspec.Meta) and mark.ge is not None]
        if bounds and arguments[0] is int:
            return st.integers(int(bounds[0].ge or 0), int(bounds[0].le or 0))
        return of(arguments[0])
    if origin in (Union, types.UnionType):
        return st.one_of([of(argument) for argument in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(of(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(texts, of(arguments[1]), max_size=3)
    return _simple(hint)


def _simple(hint: Any) -> st.SearchStrategy[Any]:
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: texts,
        int: st.integers(-(2**31), 2**31 - 1),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        type(None): st.none(),
        msgspec.Raw: json.map(lambda value: msgspec.Raw(msgspec.json.encode(value))),
    }
    return simple[hint] if hint in simple else made(hint)


contents = made(Content)
