"""The place where an HTTP request becomes the contract's: from path, query, headers and body to one checked struct."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec.structs import asdict
from starlette.types import Scope

from promptwire.errors import Failure
from promptwire.gateway.routes import Parameter, Place, Route

_AT: Final = re.compile(r"^(?P<said>.*) - at `(?P<path>.*)`$", re.DOTALL)
_FIELD: Final = re.compile(r"^Object (?P<what>missing required|contains unknown) field `(?P<name>.*)`$", re.DOTALL)
_ABOUT_FIELD: Final = {"missing required": "it is missing", "contains unknown": "there is no such field"}
_BYTE: Final = re.compile(r"^(?P<said>.*) \(byte (?P<byte>\d+)\)$", re.DOTALL)


def json_reader(type_: type[msgspec.Struct]) -> Callable[[bytes], Any]:
    """A reader of bodies that hold ``type_``. It raises Failure with the place of what is wrong."""
    decode = msgspec.json.Decoder(type_).decode
    optional = not any(field.required for field in msgspec.structs.fields(type_))

    def read(body: bytes) -> Any:
        if not body.strip():
            if optional:
                return type_()
            raise Failure("invalid_request", "the body is empty; JSON is expected")
        try:
            if not body.isascii():
                body.decode()  # what is kept as it stands is not looked into by the decoder
            return decode(body)
        except msgspec.ValidationError as error:
            raise _misfit(str(error), "$") from error
        except msgspec.DecodeError as error:
            raise _malformed(str(error), body) from error
        except UnicodeDecodeError as error:
            raise _malformed(f"invalid UTF-8 (byte {_first_bad_byte(body)})", body) from error
        except RecursionError as error:
            raise Failure("invalid_request", "the body is not acceptable JSON: it is nested too deeply") from error

    return read


def binder(route: Route) -> Callable[[Scope, bytes], Any]:
    """What makes the request of ``route`` from a scope and a body. It raises Failure."""
    parameters = [(parameter, _converter(parameter)) for parameter in route.parameters]
    places = {place: [item for item in parameters if item[0].place == place] for place in ("path", "query", "header")}
    known = frozenset(parameter.name for parameter, _ in places["query"])
    body_of = None if route.body is None else json_reader(route.body)

    def bind(scope: Scope, body: bytes) -> Any:
        read = None if body_of is None else body_of(body)
        if read is not None and not parameters:
            return read
        given = _given(scope, known, headers=bool(places["header"]))
        values = {} if read is None else asdict(read)
        for parameter, convert in parameters:
            if (texts := given[parameter.place].get(parameter.name)) is not None:
                values[parameter.field.name] = convert(texts)
            elif parameter.field.required:
                raise Failure("invalid_request", f"the {parameter.place} parameter {parameter.name!r} is missing")
        return route.request(**values)

    return bind


def _given(scope: Scope, known: frozenset[str], *, headers: bool) -> Mapping[Place, Mapping[str, list[str]]]:
    """What is given in each place; of ``headers`` only if somebody asks."""
    query: dict[str, list[str]] = {}
    if scope["query_string"]:
        for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
            query.setdefault(name, []).append(value)
        if strangers := sorted(query.keys() - known):
            raise Failure("invalid_request", f"no such query parameter: {', '.join(strangers)}")
    said: dict[str, list[str]] = {}
    for name, value in scope["headers"] if headers else ():
        said.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    path = {name: [value] for name, value in scope.get("path_params", {}).items()}
    return {"path": path, "query": query, "header": said}


def _converter(parameter: Parameter) -> Callable[[list[str]], Any]:
    type_, place, name, many = parameter.field.type, parameter.place, parameter.name, parameter.many

    def convert(texts: list[str]) -> Any:
        try:
            return msgspec.convert(texts if many else texts[-1], type_, strict=False)
        except msgspec.ValidationError as error:
            raise _misfit(str(error), f"the {place} parameter {name!r}") from error

    return convert


def _misfit(said: str, root: str) -> Failure:
    match = _AT.match(said)
    path = match["path"] if match else "$"
    said = match["said"] if match else said
    if (field := _FIELD.match(said)) is not None:
        path, said = f"{path}.{field['name']}", _ABOUT_FIELD[field["what"]]
    where = path if root == "$" else root
    return Failure("invalid_request", f"{where}: {said[:1].lower()}{said[1:]}", details={"path": where})


def _malformed(said: str, body: bytes) -> Failure:
    match = _BYTE.match(said)
    said = (match["said"] if match else said).removeprefix("JSON is malformed: ")
    position = min(int(match["byte"]) if match else len(body), len(body))
    before = body[:position]
    line, column = before.count(b"\n") + 1, position - (before.rfind(b"\n") + 1) + 1
    said = "it ends too early" if said == "Input data was truncated" else said
    return Failure(
        "invalid_request",
        f"the body is not JSON: {said} at line {line}, column {column}",
        details={"byte": str(position), "line": str(line), "column": str(column)},
    )


def _first_bad_byte(body: bytes) -> int:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0
