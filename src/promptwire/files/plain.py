"""The place where a struct of the contract becomes plain JSON values with everything left out that says nothing.

Generic over the fields: what the contract gains is carried without a line here. A field at its default is left out,
and so is a value that is null, which means the same as none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final, TypeGuard, TypeVar, cast

import msgspec

from promptwire.files.fault import FileError

S = TypeVar("S", bound=msgspec.Struct)

_STRANGER: Final = re.compile(r"Object contains unknown field `(?P<name>.*?)`(?: - at `\$\.?(?P<where>.*)`)?")


def is_mapping(value: object) -> TypeGuard[dict[str, Any]]:
    """A mapping of a JSON value; its names are text."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """A list of a JSON value."""
    return isinstance(value, list)


def plain(value: Any) -> Any:
    """JSON values of a struct, sparse; of anything else, itself."""
    match value:
        case msgspec.Struct():
            return dict(_members(value))
        case msgspec.Raw():
            return msgspec.json.decode(value)
        case list():
            return [plain(member) for member in cast("list[Any]", value)]
        case dict():
            return {name: plain(member) for name, member in cast("dict[str, Any]", value).items()}
        case _:
            return value


def struct(value: Any, kind: type[S], what: str) -> S:
    """The struct that plain values stand for. Raises FileError, also for a field there is not."""
    try:
        return msgspec.json.decode(msgspec.json.encode(value), type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, OverflowError) as error:
        said = str(error)
        if (stranger := _STRANGER.match(said)) is not None:
            path = ".".join(filter(None, (stranger["where"], stranger["name"])))
            said = f"there is no field {path!r}"
        raise FileError(f"{what}: {said}") from error


def fingerprint(value: Any) -> str:
    """A hash of what a struct says; fields at their defaults do not count."""
    return f"sha256:{hashlib.sha256(msgspec.json.encode(plain(value))).hexdigest()}"


def _members(value: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(type(value)):
        member = getattr(value, field.name)
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if member is None or (not field.required and type(member) is type(default) and member == default):
            continue
        if isinstance(member, msgspec.Raw) and bytes(member).strip() == b"null":
            continue
        yield field.encode_name, plain(member)
