"""The place for the HTTP face of the contract as values: each method's routes, and where its fields come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin

import msgspec

from thriftwire.service import Method, Service
from thriftwire.thrift.types import Field, Variants

Verb: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Place: TypeAlias = Literal["path", "query", "header"]

VERBS: Final[Mapping[str, Verb]] = {
    "api.get": "GET",
    "api.post": "POST",
    "api.put": "PUT",
    "api.patch": "PATCH",
    "api.delete": "DELETE",
}
PLACES: Final[Mapping[str, Place]] = {"api.path": "path", "api.query": "query", "api.header": "header"}

_PARAMETER: Final = re.compile(r":(\w+)")


class ContractError(TypeError):
    """The annotations of a method do not make a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A field of a request that comes from outside the body."""

    place: Place
    name: str  # in HTTP
    field: msgspec.structs.FieldInfo

    @property
    def many(self) -> bool:
        """It may be given several times."""
        return get_origin(plain(self.field.type)) is list


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to call a method over HTTP. ``body`` is what the JSON body holds; None when there is none."""

    verb: Verb
    path: str  # as Starlette and OpenAPI write it: /api/prompts/{key}
    service: Service[Any]
    method: Method
    request: type[msgspec.Struct]
    parameters: tuple[Parameter, ...]
    body: type[msgspec.Struct] | None

    @property
    def streams(self) -> bool:
        """It answers with a stream of events."""
        return self.method.mode.server_streams


def routes(services: Iterable[Service[Any]]) -> list[Route]:
    """Every route the services' methods are annotated with. Raises ContractError."""
    found = [route for service in services for method in service.methods.values() for route in _of(service, method)]
    seen: set[tuple[str, str]] = set()
    for route in found:
        if (key := (route.verb, route.path)) in seen:
            raise ContractError(f"{route.verb} {route.path} is the route of two methods")
        seen.add(key)
    return found


def event_names(type_: Any) -> dict[type, str]:
    """What the events of a stream of ``type_`` are called: a union's members by their names in it."""
    marks = getattr(type_, "__metadata__", ())
    for mark in marks:
        if isinstance(mark, Variants):
            return dict(zip(get_args(get_args(type_)[0]), mark.members, strict=True))
    return {plain(type_): "message"}


def folds(names: Mapping[type, str]) -> bool:
    """Whether events of these names are a run's, so that they fold into one answer."""
    return {"start", "delta", "done"} <= set(names.values())


def plain(type_: Any) -> Any:
    """A type without what is annotated on it and without ``None``."""
    if get_origin(type_) is Annotated:
        return plain(get_args(type_)[0])
    members = [member for member in get_args(type_) if member is not type(None)]
    if type(None) in get_args(type_) and len(members) == 1:
        return plain(members[0])
    return type_


def _of(service: Service[Any], method: Method) -> Iterator[Route]:
    for annotation, verb in VERBS.items():
        if (written := method.annotations.get(annotation)) is not None:
            yield _route(service, method, verb, written)


def _route(service: Service[Any], method: Method, verb: Verb, written: str) -> Route:
    where = f"{service.name}.{method.name}"
    if method.mode.client_streams or len(method.request_types) != 1:
        raise ContractError(f"{where}: an HTTP route needs one request")
    request = method.request_types[0][1]
    if not (isinstance(request, type) and issubclass(request, msgspec.Struct)):
        raise ContractError(f"{where}: the request is not a struct")
    in_path = _PARAMETER.findall(written)
    fields = msgspec.structs.fields(request)
    bare: Place | None = "query" if verb in ("GET", "DELETE") else None
    placed = [(field, _parameter(field, bare)) for field in fields]
    parameters = tuple(parameter for _, parameter in placed if parameter is not None)
    if sorted(in_path) != sorted(parameter.name for parameter in parameters if parameter.place == "path"):
        raise ContractError(f"{where}: the path {written} and the api.path fields do not match")
    return Route(
        verb=verb,
        path=_PARAMETER.sub(r"{\1}", written),
        service=service,
        method=method,
        request=request,
        parameters=parameters,
        body=_body(request, [field for field, parameter in placed if parameter is None]),
    )


def _parameter(field: msgspec.structs.FieldInfo, bare: Place | None) -> Parameter | None:
    annotations = _annotations(field)
    for annotation, place in PLACES.items():
        if (name := annotations.get(annotation)) is not None:
            return Parameter(place=place, name=name or field.encode_name, field=field)
    if bare is None or "api.body" in annotations:
        return None
    return Parameter(place=bare, name=field.encode_name, field=field)


def _annotations(field: msgspec.structs.FieldInfo) -> Mapping[str, str]:
    for mark in getattr(field.type, "__metadata__", ()):
        if isinstance(mark, Field):
            return mark.annotations
    return {}


def _body(request: type[msgspec.Struct], fields: list[msgspec.structs.FieldInfo]) -> type[msgspec.Struct] | None:
    if not fields:
        return None
    if len(fields) == len(request.__struct_fields__):
        return request
    made = [(field.name, field.type, msgspec.field(name=field.encode_name, **_default(field))) for field in fields]
    name = request.__name__ if request.__name__.endswith("Request") else f"{request.__name__}Body"
    doc = {"__doc__": request.__doc__}
    return msgspec.defstruct(name, made, namespace=doc, kw_only=True, forbid_unknown_fields=True)


def _default(field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    if field.default is not msgspec.NODEFAULT:
        return {"default": field.default}
    if field.default_factory is not msgspec.NODEFAULT:
        return {"default_factory": field.default_factory}
    return {}
