"""What a mock server is told to do: steps for each method, in YAML, JSON or a line of JSON each.

    ChatStream:
      - when: {model: slow}                # a request that has at least these members
        steps:
          - {send: {delta: {text: Hel}}, after_s: 0.5}
          - stall: true
      - steps:                             # any other request
          - send: {delta: {text: $request.model}}
            times: 3
            every_s: 0.02
          - biz: {code: 42901, message: too many, extra: {class: rate_limited}}
    Chat:
      - send: {message: {role: assistant, content: hello}}

A method that is not named answers with a skeleton of its response.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from thriftwire.commands.outcome import Usage
from thriftwire.errors import EncodeError
from thriftwire.service import Method
from thriftwire.thrift.jsonvalues import exception_from, response_from, response_skeleton
from thriftwire.thrift.runtime import Contract
from thriftwire.thrift.types import DeclaredException

_REQUEST: Final = "$request"


class Biz(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A business status."""

    code: int
    message: str = ""
    extra: dict[str, str] = {}


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application exception."""

    type: int = 6
    message: str = ""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to do: first wait, then set metadata, then read requests, then send, then fail in one way at most."""

    after_s: float = 0.0
    headers: dict[str, str] = {}
    trailers: dict[str, str] = {}
    backward: dict[str, str] = {}
    receive: int | None = None  # requests of a client's stream to read first; 0 reads them all
    each: bool = False  # send for each request of a client's stream
    send: Any = msgspec.UNSET
    times: int = 1
    every_s: float = 0.0  # between the times
    biz: Biz | None = None
    exception: Failure | None = None
    throws: dict[str, dict[str, Any]] | None = None  # name of the declared exception and its fields
    stall: bool = False  # say nothing more
    cut: bool = False  # close the connection


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps for the requests that have at least the members of ``when``."""

    steps: list[Step]
    when: Any = None


class Line(Step, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step in a file with a line of JSON each."""

    method: str


Script = Mapping[str, list[Case]]


def read(path: Path | None, contract: Contract) -> dict[str, list[Case]]:
    """Cases by ``Service/Method``. Raises Usage when the script does not fit the contract."""
    written = {} if path is None else _load(path)
    script: dict[str, list[Case]] = {}
    for name, cases in written.items():
        try:
            service, method = contract.find(name)
        except LookupError as error:
            raise Usage(f"{path}: {error.args[0]}") from error
        for case in cases:
            for step in case.steps:
                _check(path, name, method, step)
        script[f"{service.name}/{method.name}"] = cases
    return script


def _load(path: Path) -> dict[str, list[Case]]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl":
            return _lines(text)
        written = msgspec.convert(_parse(path, text), dict[str, list[dict[str, Any]]])
        return {name: _cases(steps) for name, steps in written.items()}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Usage(f"{path}: {error}") from error


def _parse(path: Path, text: str) -> Any:
    if path.suffix == ".json":
        return msgspec.json.decode(text)
    try:
        import yaml  # imported late: an extra
    except ImportError as error:
        raise Usage("scripts in YAML need PyYAML: pip install thriftwire[cli]") from error
    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise Usage(f"{path}: {error}") from error


def _lines(text: str) -> dict[str, list[Case]]:
    steps: dict[str, list[Step]] = {}
    for line in filter(str.strip, text.splitlines()):
        step = msgspec.json.decode(line, type=Line)
        steps.setdefault(step.method, []).append(step)
    return {name: [Case(steps=found)] for name, found in steps.items()}


def _cases(written: list[dict[str, Any]]) -> list[Case]:
    """A list of cases, or of steps, which are the only case."""
    if any("steps" in item for item in written):
        return msgspec.convert(written, list[Case])
    return [Case(steps=msgspec.convert(written, list[Step]))]


def _check(path: Path | None, name: str, method: Method, step: Step) -> None:
    """Everything that is sent must fit its type, unless it waits for what the request says."""
    try:
        if step.send is not msgspec.UNSET and _REQUEST not in repr(step.send):
            response_from(method, step.send)
        declared(method, step)
    except EncodeError as error:
        raise Usage(f"{path}: {name}: {error}") from error
    if sum((step.biz is not None, step.exception is not None, bool(step.throws), step.stall, step.cut)) > 1:
        raise Usage(f"{path}: {name}: a step fails in one way: biz, exception, throws, stall or cut")
    if step.biz is not None and (step.biz.code == 0 or not -(2**31) <= step.biz.code < 2**31):
        raise Usage(f"{path}: {name}: a business status code is a non-zero int32, not {step.biz.code}")
    if (step.each or step.receive is not None) and not method.mode.client_streams:
        raise Usage(f"{path}: {name}: only a client's stream has requests to receive")


def declared(method: Method, step: Step) -> DeclaredException | None:
    """The exception that a step throws. Raises EncodeError, and Usage when the method does not declare it."""
    for name, fields in (step.throws or {}).items():
        for error in method.throws:
            if error.__name__ == name and issubclass(error, DeclaredException):
                return exception_from(error, fields)
        raise Usage(f"{method.name} does not throw {name}")
    return None


def choose(cases: list[Case], request: Any) -> list[Step] | None:
    """The steps of the first case that fits a request; None when none does."""
    return next((case.steps for case in cases if case.when is None or contains(request, case.when)), None)


def contains(value: Any, part: Any) -> bool:
    """Whether ``value`` has at least the members of ``part``."""
    if isinstance(part, dict):
        members = cast("dict[str, Any]", part)
        return isinstance(value, dict) and all(key in value and contains(value[key], members[key]) for key in members)
    return value == part


def fill(value: Any, request: Any) -> Any:
    """``value`` with every ``$request.path`` replaced by what stands there in the request."""
    match value:
        case str() if value == _REQUEST or value.startswith(f"{_REQUEST}."):
            return _at(request, value.split(".")[1:])
        case dict():
            members = cast("dict[str, Any]", value)
            return {key: fill(item, request) for key, item in members.items()}
        case list():
            return [fill(item, request) for item in cast("list[Any]", value)]
        case _:
            return value


def _at(value: Any, names: list[str]) -> Any:
    for name in names:
        if isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(name)
        elif isinstance(value, list) and name.lstrip("-").isdigit():
            items = cast("list[Any]", value)
            value = items[int(name)] if -len(items) <= int(name) < len(items) else None
        else:
            return None
    return value


def silent(method: Method) -> list[Step]:
    """What a method does that no script names: a skeleton, for each request when both sides stream."""
    both = method.mode.client_streams and method.mode.server_streams
    receive = 0 if method.mode.client_streams and not both else None
    return [Step(send=response_skeleton(method), receive=receive, each=both)]
