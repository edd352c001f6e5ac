"""A question about JSON values that has the answer yes or no, as written in a suite.

    count == 3 and messages[0].start.model == "m"
    join(messages, "delta.text") == "hello"
    all(gap < 0.5 for gap in gaps)

Python's own expression syntax, with nothing that acts: comparisons, ``and``/``or``/``not``/``in``, arithmetic,
members, indices, lists, generator expressions, and the functions below. A member that is absent is None.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

MAX_LENGTH: Final = 2_000


class ExpressionError(ValueError):
    """The expression is not one, or cannot be answered."""


def _join(messages: Sequence[Any], path: str) -> str:
    return "".join(str(value) for message in messages if (value := _walk(message, path)) is not None)


def _pluck(messages: Sequence[Any], path: str) -> list[Any]:
    return [value for message in messages if (value := _walk(message, path)) is not None]


def _walk(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = _member(value, name)
    return value


def _member(value: Any, name: str) -> Any:
    return cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None


def _matches(text: Any, pattern: str) -> bool:
    return isinstance(text, str) and re.search(pattern, text) is not None


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "all": all, "any": any, "len": len, "max": max, "min": min, "sum": sum, "sorted": sorted, "str": str,
    "join": _join, "pluck": _pluck, "matches": _matches,
}  # fmt: skip

_BINARY: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda one, other: one / other,
    ast.Mod: operator.mod,
}
_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda one, other: one in other, ast.NotIn: lambda one, other: one not in other,
    ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of ``text`` where ``names`` are known. Raises ExpressionError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters")
    try:
        return _value(ast.parse(text.strip(), mode="eval").body, names)
    except SyntaxError as error:
        raise ExpressionError(f"{text!r} is no expression: {error.msg}") from error
    except (TypeError, KeyError, IndexError, ValueError, ZeroDivisionError, RecursionError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(f"{text!r} has no value: {error}") from error


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return _named(node.id, names)
        case ast.Attribute():
            return _member(_value(node.value, names), node.attr)
        case ast.Subscript():
            return _item(node, names)
        case ast.List() | ast.Tuple():
            return [_value(element, names) for element in node.elts]
        case ast.BoolOp() | ast.UnaryOp() | ast.BinOp() | ast.Compare():
            return _operation(node, names)
        case ast.GeneratorExp() | ast.ListComp():
            return _each(node, names)
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS and not node.keywords:
            return FUNCTIONS[name](*(_value(argument, names) for argument in node.args))
        case _:
            raise ExpressionError(f"{ast.unparse(node)!r} is not for an expression")


def _operation(node: ast.BoolOp | ast.UnaryOp | ast.BinOp | ast.Compare, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.BoolOp():
            return _logic(node, names)
        case ast.UnaryOp():
            return _unary(node, names)
        case ast.Compare():
            return _compared(node, names)
        case ast.BinOp():
            if (calculate := _BINARY.get(type(node.op))) is None:
                raise ExpressionError(f"{ast.unparse(node)!r} is not for an expression")
            return calculate(_value(node.left, names), _value(node.right, names))


def _named(name: str, names: Mapping[str, Any]) -> Any:
    known = {"true": True, "false": False, "null": None, **names}
    if name not in known:
        raise ExpressionError(f"nothing is called {name!r}; there are {', '.join(names)}")
    return known[name]


def _item(node: ast.Subscript, names: Mapping[str, Any]) -> Any:
    value, index = _value(node.value, names), _value(node.slice, names)
    return _member(value, index) if isinstance(value, Mapping) else value[index]


def _logic(node: ast.BoolOp, names: Mapping[str, Any]) -> bool:
    values = (bool(_value(value, names)) for value in node.values)
    return all(values) if isinstance(node.op, ast.And) else any(values)


def _unary(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    value = _value(node.operand, names)
    match node.op:
        case ast.Not():
            return not value
        case ast.USub():
            return -value
        case _:
            raise ExpressionError(f"{ast.unparse(node)!r} is not for an expression")


def _compared(node: ast.Compare, names: Mapping[str, Any]) -> bool:
    left = _value(node.left, names)
    for comparison, other in zip(node.ops, node.comparators, strict=True):
        right = _value(other, names)
        if not _COMPARE[type(comparison)](left, right):
            return False
        left = right
    return True


def _each(node: ast.GeneratorExp | ast.ListComp, names: Mapping[str, Any]) -> list[Any]:
    if len(node.generators) != 1 or not isinstance(node.generators[0].target, ast.Name):
        raise ExpressionError(f"{ast.unparse(node)!r}: one name over one list")
    loop = node.generators[0]
    found: list[Any] = []
    for item in _value(loop.iter, names):
        inside = {**names, node.generators[0].target.id: item}
        if all(_value(condition, inside) for condition in loop.ifs):
            found.append(_value(node.elt, inside))
    return found
