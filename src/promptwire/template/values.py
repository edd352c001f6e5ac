"""The place where the values a caller gives are held against the variables a prompt declares, before any call.

Values are JSON. A declared variable takes its type, its choices and its schema, and no others; a name that is used
but not declared takes anything. What is wrong is said all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from promptwire.api.message import Message, Part
from promptwire.api.prompt import Variable, VariableType
from promptwire.errors import Failure
from promptwire.template.schema import SchemaError, validator, violations

Values = Mapping[str, msgspec.Raw]

TYPES: Final[Mapping[VariableType, tuple[Any, str]]] = {
    "string": (str, "a string"),
    "integer": (int, "an integer"),
    "number": (int | float, "a number"),
    "boolean": (bool, "true or false"),
    "object": (dict[str, Any], "an object"),
    "strings": (list[str], "a list of strings"),
    "integers": (list[int], "a list of integers"),
    "numbers": (list[int | float], "a list of numbers"),
    "booleans": (list[bool], "a list of booleans"),
    "objects": (list[dict[str, Any]], "a list of objects"),
    "messages": (list[Message], "a list of messages"),
    "parts": (list[Part], "a list of parts"),
}

NULL: Final = b"null"


class Misfit(Exception):
    """A value is not what its variable takes; the text says what it takes."""


def bind(variables: Iterable[Variable], values: Values) -> dict[str, Any]:
    """Every value by name, decoded; a declared variable that is absent and not needed is None.

    Raises Failure (invalid_request) that names every variable that is missing or does not fit.
    """
    declared = {variable.name: variable for variable in variables}
    bound: dict[str, Any] = {}
    missing: list[str] = []
    wrong: list[str] = []
    for name in (*declared, *(name for name in values if name not in declared)):
        variable = declared.get(name)
        raw = given(values.get(name))
        if raw is None and variable is not None:
            raw = given(variable.default_)
        if raw is not None:
            try:
                bound[name] = decoded(raw) if variable is None else checked(variable, raw)
            except Misfit as misfit:
                wrong.append(f"the variable {name!r} {misfit}")
        elif variable is not None and variable.needed:
            missing.append(name)
        elif variable is not None:
            bound[name] = None
    if missing:
        wrong.append(sentence(missing))
    if wrong:
        raise Failure("invalid_request", "; ".join(wrong))
    return bound


def mistakes(variable: Variable) -> Iterator[str]:
    """What is wrong with a declaration itself: a schema that is none, a default or example or choice that misfits."""
    try:
        if variable.schema is not None:
            validator(decoded(variable.schema))
    except (Misfit, SchemaError) as error:
        yield f"its schema is not a JSON Schema: {error}"
        return
    named = [("default", given(variable.default_)), ("example", given(variable.example))]
    named += [(f"choice {number}", raw) for number, raw in enumerate(variable.choices or (), start=1)]
    for what, raw in named:
        try:
            if raw is not None:
                checked(variable, raw)
        except Misfit as misfit:
            yield f"its {what} does not fit: it {misfit}"


def checked(variable: Variable, raw: msgspec.Raw) -> Any:
    """The value ``raw`` holds, decoded. Raises Misfit."""
    kind, words = TYPES[variable.type]
    value = decoded(raw)
    try:
        typed = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Misfit(f"takes {words}: {error}") from error
    if variable.choices is not None and value not in [decoded(choice) for choice in variable.choices]:
        allowed = ", ".join(bytes(choice).decode() for choice in variable.choices)
        raise Misfit(f"takes one of {allowed}")
    if variable.schema is not None:
        try:
            found = violations(decoded(variable.schema), value)
        except SchemaError as error:
            raise Misfit(f"has a schema that is not a JSON Schema: {error}") from error
        if found:
            raise Misfit(f"does not satisfy its schema: {'; '.join(found)}")
    return typed


def decoded(raw: msgspec.Raw) -> Any:
    """The JSON value ``raw`` holds. Raises Misfit."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Misfit(f"is not JSON: {error}") from error


def given(raw: msgspec.Raw | None) -> msgspec.Raw | None:
    """A value, unless it is absent or null, which are the same."""
    return None if raw is None or bytes(raw).strip() == NULL else raw


def missing_variables(names: Iterable[str]) -> Failure:
    """The failure of a call that leaves variables without a value."""
    return Failure("invalid_request", sentence(names))


def sentence(names: Iterable[str]) -> str:
    """What is said of variables without a value."""
    return f"missing variables: {', '.join(names)}"
