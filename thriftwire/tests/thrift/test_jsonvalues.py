from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from everything_handler import SCALARS
from thriftwire.errors import EncodeError
from thriftwire.thrift.jsonvalues import (
    RequestReader,
    exception_from,
    request_skeleton,
    response_from,
    response_skeleton,
    to_json,
    to_value,
)
from thriftwire.thrift.runtime import load
from thriftwire.thrift.types import DeclaredException

CONTRACT = load(Path(__file__).parent.parent / "contract/everything.thrift")
METHODS = CONTRACT.services["Everything"].methods


def reader(name: str) -> RequestReader:
    return RequestReader(*CONTRACT.find(name))


def test_one_argument_is_its_value_and_several_are_an_object() -> None:
    (scalars,) = reader("Whole").value(SCALARS)
    assert to_value(scalars) == SCALARS
    assert reader("Class").text('"x"') == ("x",)
    assert reader("Add").text(b'{"left": 1, "right": 2}') == (1, 2)
    assert reader("Add").value({"left": 1}) == (1, 5)
    assert reader("Pick").value({"shape": {"circle": {"radius": 1}}})[1] is None
    assert reader("Ping").value({}) == ()
    assert to_value(reader("Watch").value({"name": "a"})) == {"name": "a", "children": [], "named": {}}


MISFITS: list[tuple[str, Any, str]] = [
    ("Whole", {**SCALARS, "medium": "3"}, "Scalars.medium: Expected int, got str"),
    ("Whole", {**SCALARS, "medium": 2**31}, "Scalars.medium: Expected int <= 2147483647"),
    ("Whole", {**SCALARS, "medium": 1.5}, "Scalars.medium: Expected int, got float"),
    ("Whole", {**SCALARS, "size": "huge"}, "Scalars.size: Invalid enum value 'huge'"),
    ("Whole", {**SCALARS, "raw": "*"}, "Scalars.raw: Invalid base64 encoded string"),
    ("Whole", {**SCALARS, "extra": 1}, "Scalars: Object contains unknown field extra"),
    ("Whole", {}, "Scalars: Object missing required field yes"),
    ("Add", {"left": "1"}, "Add.left: Expected int, got str"),
    ("Add", {"left": 1, "up": 2}, "Add: Object contains unknown field up"),
    ("Pick", {"shape": {}}, "Pick.shape: expected exactly one field of Shape, not none"),
    ("List", {"points": [{}, {"x": []}], "colors": {}}, "List.points[1].x: Expected int, got array"),
    ("Watch", {"name": "a", "named": {"b": {"name": 1}}}, "Node.named[...].name: Expected str, got int"),
    ("Class", 1, "string: Expected str, got int"),
]


@pytest.mark.parametrize(("method", "value", "message"), MISFITS)
def test_what_does_not_fit_is_refused_with_the_path(method: str, value: Any, message: str) -> None:
    for read in (lambda: reader(method).value(value), lambda: reader(method).text(json.dumps(value))):
        with pytest.raises(EncodeError) as caught:
            read()
        assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "{", '{"left": 1} x', "\ud800", b"\xff", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(EncodeError, match=r"^Add"):
        reader("Add").text(text)


def test_values_json_cannot_write_are_refused() -> None:
    with pytest.raises(EncodeError, match=r"^Add: Encoding objects of type object is unsupported"):
        reader("Add").value({"left": object()})


def declared(position: int) -> type[DeclaredException]:
    cls = METHODS["Whole"].throws[position]
    assert issubclass(cls, DeclaredException)
    return cls


def test_declared_exceptions_go_both_ways() -> None:
    error = exception_from(declared(0), {"code": 3, "args": ["a"]})
    assert to_json(error) == b'{"code":3,"message":"broken","args":["a"]}'
    assert to_value(exception_from(declared(1), {"reason": "no"})) == {"reason": "no"}
    for values, message in (
        ({}, "Broken: missing required argument 'code'"),
        ({"cod": 1}, "Broken: unknown field 'cod'"),
        ({"code": "x"}, r"Broken\.code: Expected int, got str"),
    ):
        with pytest.raises(EncodeError, match=message):
            exception_from(declared(0), values)


def test_responses_are_made_from_json() -> None:
    assert response_from(METHODS["Add"], 3) == 3
    assert response_from(METHODS["Nothing"], None) is None
    assert to_value(response_from(METHODS["Watch"], {"circle": {"radius": 1}})) == {"circle": {"radius": 1.0}}
    with pytest.raises(EncodeError, match=r"Shape\.circle: Object missing required field radius"):
        response_from(METHODS["Watch"], {"circle": {}})


def test_skeletons_have_every_field_and_fit_their_types() -> None:
    assert request_skeleton(METHODS["Add"]) == {"left": 0, "right": 0}
    assert request_skeleton(METHODS["Nothing"]) == {}
    assert response_skeleton(METHODS["Nothing"]) is None
    assert request_skeleton(METHODS["Whole"]).keys() == SCALARS.keys()
    assert request_skeleton(METHODS["Watch"]) == {"name": "", "children": [], "named": {}}
    for name, method in METHODS.items():
        reader(name).value(request_skeleton(method))
        response_from(method, response_skeleton(method))
