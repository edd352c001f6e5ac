"""A request is bound whole or refused with the place of what is wrong."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.test_routes import Asked, made, only
from promptwire.api.llm import ChatRequest
from promptwire.api.prompt import RunRequest
from promptwire.errors import Failure
from promptwire.gateway.binding import binder, json_reader
from thriftwire.thrift.types import Field, Struct


def scope(query: str = "", headers: dict[str, str] | None = None, **path: str) -> dict[str, Any]:
    named = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    return {"query_string": query.encode(), "headers": named, "path_params": path}


def refused(*arguments: Any, bind: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        bind(*arguments)
    assert caught.value.class_ == "invalid_request"
    return caught.value


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty; JSON is expected"),
        (b" \n", "the body is empty; JSON is expected"),
        (b"{", "the body is not JSON: it ends too early at line 1, column 2"),
        (b'{"model":"m",\n "messages": [}', "the body is not JSON: invalid character at line 2, column 15"),
        (b'{"model" "m"}', "the body is not JSON: expected ':' at line 1, column 10"),
        (b'{"model":"\xff"}', "the body is not JSON: invalid UTF-8 at line 1, column 11"),
        (b"[]", "$: expected `object`, got `array`"),
        (b'{"messages":[]}', "$.model: it is missing"),
        (b'{"model":1,"messages":[]}', "$.model: expected `str`, got `int`"),
        (b'{"model":"m","messages":[],"temprature":1}', "$.temprature: there is no such field"),
        (
            b'{"model":"m","messages":[{"role":"wizard"}]}',
            "$.messages[0].role: invalid enum value 'wizard'",
        ),
        (
            b'{"model":"m","messages":[{"role":"user","parts":[{"txt":1}]}]}',
            "$.messages[0].parts[0].txt: there is no such field",
        ),
        (b'{"model":"m","messages":[],"tool_choice":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None),
        (b'{"model":"m","messages":[],"tool_choice":NaN}', None),
        (b'{"model":"\\ud800","messages":[]}', None),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_the_place(body: bytes, message: str | None) -> None:
    failure = refused(body, bind=json_reader(ChatRequest))
    assert message is None or failure.message == message


def test_the_place_is_also_there_for_programs() -> None:
    read = json_reader(ChatRequest)
    assert refused(b'{"model":1,"messages":[]}', bind=read).details == {"path": "$.model"}
    assert refused(b'{"model"\n ;', bind=read).details == {"byte": "10", "line": "2", "column": "2"}


def test_bytes_inside_what_is_kept_as_it_stands_must_be_text_too() -> None:
    read = json_reader(RunRequest)
    failure = refused(b'{"key":"k","variables":{"x":"\xfe"}}', bind=read)
    assert failure.message == "the body is not JSON: invalid UTF-8 at line 1, column 30"


class Free(Struct, kw_only=True):
    text: Annotated[str | None, Field(1)] = None


def test_no_body_is_an_empty_one_where_nothing_is_needed() -> None:
    assert json_reader(Free)(b"") == Free()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_a_refusal(body: bytes) -> None:
    with suppress(Failure):  # and nothing else
        assert isinstance(json_reader(ChatRequest)(body), ChatRequest)


def test_a_request_is_put_together_from_every_place() -> None:
    bind = binder(only(made(api_post="/things/:id")))
    found = bind(scope("after=3", {"last-event-id": "9"}, id="a"), b'{"names":["x"],"class":"y"}')
    assert found == Asked(id="a", after=3, last="9", names=["x"], class_="y")


def test_what_is_not_given_has_its_default() -> None:
    bind = binder(only(made(api_post="/things/:id")))
    assert bind(scope(id="a"), b"") == Asked(id="a")


def test_a_query_may_repeat_what_is_a_list() -> None:
    bind = binder(only(made(api_get="/things/:id")))
    assert bind(scope("names=x&names=%C3%A9&class=", id="a"), b"").names == ["x", "é"]
    assert bind(scope("class=", id="a"), b"").class_ == ""


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("afer=1&b=2", "no such query parameter: afer, b"),
        ("after=one", "the query parameter 'after': expected `int | null`, got `str`"),
    ],
)
def test_a_query_that_does_not_fit_is_refused(query: str, message: str) -> None:
    bind = binder(only(made(api_get="/things/:id")))
    assert refused(scope(query, id="a"), b"", bind=bind).message == message


class Needing(Struct, kw_only=True):
    token: Annotated[str, Field(1, required=True, annotations={"api.header": "x-token"})]


def test_a_missing_parameter_is_named() -> None:
    bind = binder(only(made(request=Needing, api_post="/things")))
    assert refused(scope(), b"", bind=bind).message == "the header parameter 'x-token' is missing"
    assert bind(scope(headers={"x-token": "t"}), b"") == Needing(token="t")
