"""The values a caller gives are held against what a prompt declares, and everything wrong is said at once."""

import json
from typing import Any

import msgspec
import pytest

from promptwire.api.message import Message, Part
from promptwire.api.prompt import Variable, VariableType
from promptwire.errors import Failure
from promptwire.template.values import bind, mistakes


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(value).encode())


def bound(variable: Variable, value: Any) -> Any:
    return bind([variable], {variable.name: raw(value)})[variable.name]


TYPED: list[tuple[VariableType, list[Any], list[Any]]] = [
    ("string", ["", "1"], [1, True, [], {}]),
    ("integer", [0, -(2**53)], [1.5, "1", True, []]),
    ("number", [0, 1.5], ["1", True, []]),
    ("boolean", [True, False], [0, "true"]),
    ("object", [{}, {"a": [1]}], [[], "x"]),
    ("strings", [[], ["a"]], ["a", [1], ["a", None]]),
    ("integers", [[1]], [[1.5], 1]),
    ("numbers", [[1, 1.5]], [["1"]]),
    ("booleans", [[True]], [[1]]),
    ("objects", [[{}]], [{}, [1]]),
]


@pytest.mark.parametrize(("kind", "fits", "misfits"), TYPED)
def test_a_type_takes_what_fits_and_nothing_else(kind: VariableType, fits: list[Any], misfits: list[Any]) -> None:
    variable = Variable(name="v", type=kind)
    for value in fits:
        assert bound(variable, value) == value
        assert type(bound(variable, value)) is type(value)
    for value in misfits:
        with pytest.raises(Failure, match="the variable 'v' takes") as caught:
            bound(variable, value)
        assert caught.value.class_ == "invalid_request"


def test_messages_and_parts_become_themselves() -> None:
    assert bound(Variable(name="v", type="messages"), [{"role": "user", "content": "x"}]) == [
        Message(role="user", content="x")
    ]
    assert bound(Variable(name="v", type="parts"), [{"text": "x"}]) == [Part(text="x")]
    with pytest.raises(Failure, match="a list of messages"):
        bound(Variable(name="v", type="messages"), [{"role": "wizard"}])


def test_a_default_stands_in_for_what_is_absent_or_null() -> None:
    variable = Variable(name="v", default_=raw("d"))
    assert bind([variable], {}) == {"v": "d"}
    assert bound(variable, None) == "d"
    assert bound(variable, "given") == "given"


def test_what_is_not_needed_may_be_absent() -> None:
    assert bind([Variable(name="v", needed=False)], {}) == {"v": None}
    assert bind([Variable(name="v", needed=False, default_=raw("d"))], {}) == {"v": "d"}


def test_a_name_nobody_declared_takes_anything() -> None:
    assert bind([], {"a": raw({"x": 1}), "b": raw(None)}) == {"a": {"x": 1}}


def test_only_choices_are_taken() -> None:
    variable = Variable(name="v", choices=[raw("a"), raw("b")])
    assert bound(variable, "b") == "b"
    with pytest.raises(Failure, match='the variable \'v\' takes one of "a", "b"'):
        bound(variable, "c")


def test_a_schema_is_satisfied_or_the_place_is_named() -> None:
    schema = {
        "type": "object",
        "required": ["n"],
        "properties": {"n": {"minimum": 1}, "l": {"items": {"type": "string"}}},
    }
    variable = Variable(name="v", type="object", schema=raw(schema))
    assert bound(variable, {"n": 1}) == {"n": 1}
    with pytest.raises(Failure, match=r"'v' does not satisfy its schema: .*n.*; l\[1\]: "):
        bound(variable, {"n": 0, "l": ["a", 1]})


def test_a_hostile_schema_neither_calls_nor_runs_away() -> None:
    remote = Variable(name="v", type="object", schema=raw({"$ref": "http://127.0.0.1:9/schema.json"}))
    with pytest.raises(Failure, match="not a JSON Schema"):
        bound(remote, {})
    slow = Variable(name="v", schema=raw({"pattern": "^(a+)+$"}))
    with pytest.raises(Failure, match="does not satisfy"):
        bound(slow, "a" * 100_000 + "!")


def test_everything_wrong_is_said_at_once() -> None:
    variables = [Variable(name="a"), Variable(name="b", type="integer"), Variable(name="c")]
    with pytest.raises(Failure) as caught:
        bind(variables, {"b": raw("x")})
    assert (
        caught.value.message == "the variable 'b' takes an integer: Expected `int`, got `str`; missing variables: a, c"
    )


@pytest.mark.parametrize("value", [b"{", b"", b"[" * 100_000, b'"\xff"'])
def test_what_is_not_json_is_refused_by_name(value: bytes) -> None:
    with pytest.raises(Failure, match="the variable 'v' is not JSON"):
        bind([], {"v": msgspec.Raw(value)})


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (Variable(name="v", type="integer", default_=raw("x")), "its default does not fit: it takes an integer"),
        (Variable(name="v", example=raw(1)), "its example does not fit"),
        (Variable(name="v", choices=[raw("a"), raw(2)]), "its choice 2 does not fit"),
        (Variable(name="v", default_=raw("c"), choices=[raw("a")]), "its default does not fit: it takes one of"),
        (Variable(name="v", schema=raw({"type": "nonsense"})), "its schema is not a JSON Schema"),
        (Variable(name="v", schema=raw({"minLength": 3}), example=raw("ab")), "its example does not fit"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_told(variable: Variable, said: str) -> None:
    [mistake] = mistakes(variable)
    assert said in mistake


def test_a_sound_declaration_has_no_mistakes() -> None:
    assert list(mistakes(Variable(name="v", type="integer", default_=raw(1), choices=[raw(1), raw(2)]))) == []
