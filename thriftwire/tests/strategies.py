"""Hypothesis strategies for Thrift values, made from the codec's own tables."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from thriftwire.thrift.table import Kind, Mapped, Member, Presence, Scalar, Sequence, Shape, Table

_BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)


def values(shape: Shape, depth: int = 2) -> st.SearchStrategy[Any]:
    """Values of the shape; what contains itself ends at the depth."""
    match shape:
        case Scalar():
            return _scalars(shape)
        case Sequence() if depth <= 0:
            return st.builds(shape.python)
        case Sequence():
            inner = values(shape.element, depth - 1)
            return st.sets(inner, max_size=3) if shape.python is set else st.lists(inner, max_size=3)
        case Mapped() if depth <= 0:
            empty: Any = [] if shape.pairs else {}
            return st.builds(empty.copy)
        case Mapped():
            key, value = values(shape.key, depth - 1), values(shape.value, depth - 1)
            pairs = st.lists(st.tuples(key, value), max_size=2)
            return pairs if shape.pairs else st.dictionaries(key, value, max_size=2)
        case Table():
            return st.deferred(lambda: _structs(shape, depth))


def _scalars(shape: Scalar) -> st.SearchStrategy[Any]:
    match shape.name:
        case "bool":
            return st.booleans()
        case "double":
            return st.floats(allow_nan=False)
        case "string":
            return st.text(max_size=5)
        case "binary":
            return st.binary(max_size=5)
        case "enum":
            return st.sampled_from([*shape.values.values(), shape.python(-7)])
        case "literal":
            return st.sampled_from(list(shape.values.values()))
        case "json":
            return JSON.map(lambda value: msgspec.Raw(msgspec.json.encode(value)))
        case name:
            half = 1 << (_BITS[name] - 1)
            return st.integers(-half, half - 1)


def _structs(table: Table, depth: int) -> st.SearchStrategy[Any]:
    def member(item: Member) -> st.SearchStrategy[Any]:
        given = values(item.shape, depth - 1)
        if item.presence is not Presence.OPTIONAL:
            return given
        return st.none() | given if depth > 0 else st.none()

    match table.kind:
        case Kind.VARIANTS:
            return st.one_of([values(item.shape, depth) for item in table.members])
        case Kind.TUPLE:
            return st.tuples(*(member(item) for item in table.members))
        case Kind.UNION:
            wide = [item for item in table.members if depth > 0 or isinstance(item.shape, Scalar)]
            assert table.python is not None
            return st.one_of(
                [st.builds(table.python, **{item.attribute: values(item.shape, depth - 1)}) for item in wide]
            )
        case Kind.STRUCT:
            assert table.python is not None
            return st.builds(table.python, **{item.attribute: member(item) for item in table.members})
