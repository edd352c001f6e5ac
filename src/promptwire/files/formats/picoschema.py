"""The place for Picoschema, dotprompt's short way of saying what inputs are: ``name?: type, description``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from promptwire.files.found import Members

_NAME: Final = re.compile(r"(?P<name>[^?(]+)(?P<optional>\?)?(?:\((?P<kind>array|object|enum)(?:,(?P<said>.*))?\))?")
_LISTS: Final = {"string": "strings", "integer": "integers", "number": "numbers", "boolean": "booleans"}
_ITEMS: Final = {ours: theirs for theirs, ours in _LISTS.items()}
_SCALARS: Final = ("string", "integer", "number", "boolean")


def read(schema: Members) -> list[dict[str, Any]]:
    """Variables, as plain values, of an input's schema, be it Picoschema or JSON Schema."""
    if "properties" in schema:
        return _json_schema(schema)
    found: list[dict[str, Any]] = []
    for written, given in schema.every().items():
        match = _NAME.fullmatch(written)
        variable = None if match is None else _variable(match, given)
        if variable is None:
            schema.lose(written, given, "only scalars, lists of them, choices and objects are carried")
        else:
            found.append(variable)
    return found


def write(variables: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The Picoschema of variables; one it has no words for is left out."""
    said: dict[str, Any] = {}
    for variable in variables:
        name, kind = variable["name"] + ("?" if variable.get("needed") is False else ""), variable.get("type", "string")
        description = " ".join(str(variable.get("description", "")).split("\n"))
        inside = f", {description}" if description else ""
        choices = variable.get("choices")
        if kind == "string" and choices and all(isinstance(choice, str) for choice in choices):
            said[f"{name}(enum{inside})"] = choices
        elif kind in _SCALARS:
            said[name] = f"{kind}{inside}"
        elif kind in _ITEMS:
            said[f"{name}(array{inside})"] = _ITEMS[kind]
    return said


def _variable(match: re.Match[str], given: Any) -> dict[str, Any] | None:
    variable: dict[str, Any] = {"name": match["name"].strip(), "needed": match["optional"] is None}
    description = (match["said"] or "").strip()
    match match["kind"], given:
        case None, str():
            kind, _, description = given.partition(",")
            if kind.strip() not in (*_SCALARS, "any"):
                return None
            variable["type"] = "string" if kind.strip() == "any" else kind.strip()
        case "array", str() if given.partition(",")[0].strip() in _LISTS:
            variable["type"] = _LISTS[given.partition(",")[0].strip()]
        case "enum", list():
            variable["choices"] = given
        case (("object" | None), dict()):
            return None
        case _:
            return None
    variable["description"] = description.strip()
    return variable


def _json_schema(schema: Members) -> list[dict[str, Any]]:
    required = schema.take("required", cast("type[list[Any]]", list), [])
    found: list[dict[str, Any]] = []
    for name, given in schema.within("properties").every().items():
        members = Members(given, schema.where(f"properties.{name}"), schema.losses)
        kind = members.take("type", str, "string")
        if kind == "array":
            kind = _LISTS.get(members.within("items").take("type", str, ""), "objects")
        variable = {"name": name, "type": kind if kind in (*_SCALARS, "object", *_ITEMS, "objects") else "string"}
        variable |= {"description": members.take("description", str, ""), "needed": name in required}
        if (choices := members.any("enum")) is not None:
            variable["choices"] = choices
        members.left()
        found.append(variable)
    schema.any("type")
    schema.left()
    return found
