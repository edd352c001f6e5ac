"""The place for YAML as prompts are written in it: JSON values with comments, read within bounds, written one way.

Scalars are read as YAML 1.2 does, so that ``no``, ``on`` and ``1:30`` are text, and written so that a reader of YAML
1.1 reads the same. Only JSON's types are made; names of mappings are text and stand once. Anchors are followed as long
as what they unfold to is small, so that a few lines cannot become gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import yaml

from promptwire.files.fault import FileError

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 100
MAX_VALUES: Final = 200_000  # with every alias unfolded
MAX_DIGITS: Final = 400

_YAML: Final = cast("Any", yaml)  # its stubs leave these functions untyped
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_TAG: Final = "tag:yaml.org,2002:"
_TAGS: Final = frozenset(
    _TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)  # what YAML 1.1 takes plain scalars for
_OPENING: Final = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSING: Final = (yaml.MappingEndEvent, yaml.SequenceEndEvent)

_CONSTANTS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


class _Dumper(_DUMPER):
    """Writes texts of several lines as blocks, and nothing twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Everything is written out."""
        return True


def _text(dumper: Any, text: str) -> Any:
    return dumper.represent_scalar(f"{_TAG}str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
_Dumper.add_implicit_resolver(f"{_TAG}float", re.compile(f"^(?:{_NUMBER.pattern})$"), list("-+.0123456789"))


def load(text: str) -> Any:
    """The JSON value a text holds. Raises FileError."""
    if len(text.encode()) > MAX_BYTES:
        raise FileError(f"a file is at most {MAX_BYTES} bytes")
    try:
        _check_depth(text)
        node = _YAML.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _fault(error) from error
    return None if node is None else _Unfolding().value(node)


def dump(value: Any) -> str:
    """A JSON value as text, the same for the same value."""
    text = _dump(value)
    if load(text) != value:  # a block of lines cannot hold every text
        text = _dump(value, default_style='"')
    return text


def _dump(value: Any, **how: Any) -> str:
    written: str = _YAML.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**31 - 1, **how)
    return f"{written[:-5]}\n" if written.endswith("\n...\n") else written


def _check_depth(text: str) -> None:
    depth = 0
    for event in _YAML.parse(text, Loader=_LOADER):
        depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
        if depth > MAX_DEPTH:
            raise FileError(f"nested deeper than {MAX_DEPTH}", event.start_mark.line + 1)


class _Unfolding:
    """Makes values of nodes, and counts them."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def value(self, node: yaml.Node, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise FileError("its anchors unfold to too much", _line(node))
        match node:
            case yaml.ScalarNode():
                return _scalar(node)
            case yaml.SequenceNode() if node.tag == f"{_TAG}seq":
                return [self.value(member, depth + 1) for member in node.value]
            case yaml.MappingNode() if node.tag == f"{_TAG}map":
                return self._mapping(node, depth + 1)
            case _:
                raise FileError(f"a value of the kind {node.tag!r} is none of JSON's", _line(node))

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for name, value in _pairs(node):
            if name == "<<":
                merged = {**self._merged(value, depth), **merged}
            elif name in own:
                raise FileError(f"{name!r} stands twice", _line(value))
            else:
                own[name] = self.value(value, depth)
        return {**merged, **own}

    def _merged(self, node: yaml.Node, depth: int) -> dict[str, Any]:
        """What ``<<`` puts in: of several mappings the first has the say."""
        merged: dict[str, Any] = {}
        for mapping in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            made = self.value(mapping, depth)
            if not isinstance(made, dict):
                raise FileError("only a mapping can be merged with <<", _line(node))
            merged = {**made, **merged}
        return merged


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise FileError("a name is text", _line(name))
        yield name.value, value


def _scalar(node: yaml.ScalarNode) -> Any:
    """A scalar by its looks; in quotes it is text."""
    text: str = node.value
    if node.tag not in _TAGS or (node.style and node.tag != f"{_TAG}str"):
        raise FileError(f"a value of the kind {node.tag!r} is none of JSON's", _line(node))
    if node.style:  # None or empty when it is plain, by parser
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) <= MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text) and any(mark in text for mark in ".eE"):
            return _finite(node, float(text))
    return text


def _finite(node: yaml.ScalarNode, number: float) -> float:
    if number in (float("inf"), float("-inf")):
        raise FileError(f"{node.value} is more than a number can be", _line(node))
    return number


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _fault(error: yaml.YAMLError) -> FileError:
    mark = getattr(error, "problem_mark", None)
    said = " ".join(filter(None, (getattr(error, "context", None), getattr(error, "problem", None)))) or str(error)
    return FileError(f"this is not YAML: {said}", None if mark is None else mark.line + 1)
