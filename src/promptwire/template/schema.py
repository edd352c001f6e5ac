"""The place for JSON Schema: schemas checked, values validated, without calling anywhere or running away.

Patterns are matched in linear time and a ``$ref`` reaches only the schema it stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NoReturn

import jsonschema_rs

MAX_VIOLATIONS: Final = 5


class SchemaError(ValueError):
    """It is not a JSON Schema."""


def validator(schema: Any) -> jsonschema_rs.Validator:
    """What validates values against ``schema``. Raises SchemaError."""
    try:
        return jsonschema_rs.validator_for(schema, pattern_options=jsonschema_rs.RegexOptions(), retriever=_refuse)
    except (ValueError, RecursionError) as error:  # its ValidationError and ReferencingError are ValueErrors
        raise SchemaError(str(error).split("\n", 1)[0]) from error


def violations(schema: Any, value: Any) -> list[str]:
    """What of ``value`` does not fit, at most `MAX_VIOLATIONS`, each with its place. Raises SchemaError."""
    return list(islice(_violations(schema, value), MAX_VIOLATIONS))


def _violations(schema: Any, value: Any) -> Iterator[str]:
    for error in validator(schema).iter_errors(value):
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        yield f"{place.removeprefix('.')}: {error.message}" if place else error.message


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"a schema may not refer to {uri}")
