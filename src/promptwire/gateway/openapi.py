"""The place where the contract is described for others: ``/openapi.json``, and the same text from the command line.

``python -m promptwire.gateway.openapi`` writes it to standard output; the console's types are made from it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import Any, Final, cast, get_args

import msgspec
from starlette.types import Receive, Scope, Send

import promptwire.api
from promptwire.api.base import Error
from promptwire.api.llm import ChatReply
from promptwire.gateway.answers import JSON, say
from promptwire.gateway.caller import Caller
from promptwire.gateway.endpoint import Endpoint
from promptwire.gateway.routes import Parameter, Route, event_names, folds, plain, routes
from thriftwire.service import Service
from thriftwire.thrift.types import Variants

REF: Final = "#/components/schemas/{name}"

_PLAIN_JSON: Final = "application/json"
_STREAM: Final = (
    "Server-sent events. `x-events` says what each carries; `error` or the last of them ends the stream, exactly once. "
    "Each has a number (`id`). Lines that begin with a colon are heartbeats."
)
_WHOLE: Final = (
    "Who accepts `application/json` and no event stream gets the whole answer. With `Prefer: respond-async` and"
    " `resumable_s` the answer is 202 with the `run_id` to read it by."
)
_FORMATS: Final = {(-(2**31), 2**31 - 1): "int32", (-(2**63), 2**63 - 1): "int64"}


def endpoint(services: Iterable[Service[Any]]) -> Endpoint:
    """``/openapi.json``."""
    text = write(services)

    async def answer(scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        await say(send, 200, text, (JSON, (b"cache-control", b"no-cache")))

    return Endpoint("GET", "/openapi.json", answer)


def contract() -> Iterator[Service[Any]]:
    """Every service of the contract."""
    for module in pkgutil.iter_modules(promptwire.api.__path__):
        values = vars(importlib.import_module(f"promptwire.api.{module.name}")).values()
        yield from (value for value in values if isinstance(value, Service))


def write(services: Iterable[Service[Any]]) -> bytes:
    """The description as JSON, laid out to be read and compared."""
    return msgspec.json.format(msgspec.json.encode(describe(services)), indent=2) + b"\n"


def describe(services: Iterable[Service[Any]]) -> dict[str, Any]:
    """The description of every route of the services, as OpenAPI 3.1."""
    found = routes(services)
    schemas = _Schemas(found)
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(found, key=lambda route: route.path):
        paths.setdefault(route.path, {})[route.verb.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Promptwire", "version": version("promptwire"), "description": "A prompt platform."},
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"key": []}],
    }


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": route.method.name, "tags": [route.service.name]}
    if route.method.doc:
        made["summary"] = route.method.doc.strip().partition("\n")[0]
    if route.parameters:
        made["parameters"] = [_parameter(parameter, schemas) for parameter in route.parameters]
    if route.body is not None:
        needed = any(field.required for field in msgspec.structs.fields(route.body))
        made["requestBody"] = {"required": needed, "content": _content(schemas.of(route.body))}
    answer = _events(route, schemas) if route.streams else _answer(route, schemas)
    failure = {"description": "What went wrong.", "content": _content(_error(schemas))}
    return made | {"responses": {"200": answer, "default": failure}}


def _parameter(parameter: Parameter, schemas: _Schemas) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.field.required,
        "schema": schemas.of(plain(parameter.field.type)),
    }


def _answer(route: Route, schemas: _Schemas) -> dict[str, Any]:
    return {"description": "Done.", "content": _content(schemas.of(route.method.response_type))}


def _events(route: Route, schemas: _Schemas) -> dict[str, Any]:
    names = event_names(route.method.response_type)
    carried = {name: schemas.of(type_) for type_, name in names.items()} | {"error": schemas.of(Error)}
    stream = {"text/event-stream": {"schema": {"type": "string"}, "x-events": carried}}
    if not _is_asked_whole(route):
        return {"description": _STREAM, "content": stream}
    return {"description": f"{_STREAM} {_WHOLE}", "content": stream | _content(schemas.of(ChatReply))}


def _is_asked_whole(route: Route) -> bool:
    """A run may be had whole; one that is read a second time may not."""
    return route.verb == "POST" and folds(event_names(route.method.response_type))


def _error(schemas: _Schemas) -> dict[str, Any]:
    return {"type": "object", "properties": {"error": schemas.of(Error)}, "required": ["error"]}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {_PLAIN_JSON: {"schema": schema}}


class _Schemas:
    """The schemas of everything the routes carry."""

    def __init__(self, found: list[Route]) -> None:
        answered = [Error, *(type_ for route in found for type_ in _answered(route))]
        asked = [route.body for route in found if route.body is not None]
        places = [plain(parameter.field.type) for route in found for parameter in route.parameters]
        types = list(dict.fromkeys([*answered, *asked, *places, *_structs(answered)]))
        schemas, components = msgspec.json.schema_components(types, ref_template=REF)
        self._schema = {type_: _tidy(schema) for type_, schema in zip(types, schemas, strict=True)}
        self.components = {name: _tidy(schema) for name, schema in components.items()}
        for class_ in _structs(answered):
            name: str = self.of(class_)["$ref"].rpartition("/")[2]
            _say_defaults(self.components[name], class_)
        self._name_unions(found)

    def of(self, type_: Any) -> dict[str, Any]:
        """The schema of ``type_``, by reference when it has a name."""
        return self._schema[type_]

    def _name_unions(self, found: list[Route]) -> None:
        """Give a stream's union of events the name the contract gives it."""
        for route in found:
            for mark in getattr(route.method.response_type, "__metadata__", ()):
                if isinstance(mark, Variants):
                    members = event_names(route.method.response_type)
                    self.components[mark.name] = {"oneOf": [self.of(type_) for type_ in members]}


def _answered(route: Route) -> Iterator[Any]:
    if route.streams:
        yield from event_names(route.method.response_type)
        if _is_asked_whole(route):
            yield ChatReply
    else:
        yield route.method.response_type


def _structs(types: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """Every struct inside ``types``."""
    found: set[type[msgspec.Struct]] = set()
    waiting = list(types)
    while waiting:
        type_ = plain(waiting.pop())
        waiting += get_args(type_)
        if isinstance(type_, type) and issubclass(type_, msgspec.Struct) and type_ not in found:
            found.add(type_)
            waiting += [field.type for field in msgspec.structs.fields(type_)]
    return found


def _say_defaults(schema: dict[str, Any], class_: type[msgspec.Struct]) -> None:
    """Say the defaults of a struct that is in answers, where such fields are always present.

    Only there, since that is what generators take a default to mean: in what is asked they may be left out.
    """
    for field in msgspec.structs.fields(class_):
        if field.default_factory is not msgspec.NODEFAULT:
            made = field.default_factory()
            value = msgspec.json.decode(made) if isinstance(made, msgspec.Raw) else msgspec.to_builtins(made)
            schema["properties"][field.encode_name]["default"] = value


def _tidy(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema as its readers need it: a field that may be absent is left out, never null; integers say their size."""
    made = {key: value for key, value in schema.items() if key not in ("title", "default") and value != []}
    if "description" in made:
        made["description"] = inspect.cleandoc(made["description"])
    if "properties" in made:
        made["properties"] = {name: _tidy(value) for name, value in made["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(value := made.get(key), dict):
            made[key] = _tidy(cast("dict[str, Any]", value))
    if (form := _FORMATS.get((made.get("minimum", 0), made.get("maximum", 0)))) is not None:
        made = {key: value for key, value in made.items() if key not in ("minimum", "maximum")} | {"format": form}
    options = [_tidy(option) for option in made.pop("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return options[0] | made
    return made | ({"anyOf": options} if options else {})


if __name__ == "__main__":
    sys.stdout.buffer.write(write(contract()))
