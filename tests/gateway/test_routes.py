"""The contract's annotations become routes, or are refused when they do not make one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

from promptwire.api.governance import GOVERNANCE_SERVICE, Limit
from promptwire.api.llm import LLM_SERVICE
from promptwire.api.message import Delta, Done, Event, Reasoning, Start, ToolCallDelta, ToolResult, Usage
from promptwire.api.prompt import PROMPT_SERVICE, RunRequest
from promptwire.gateway.routes import ContractError, Route, event_names, plain, routes
from thriftwire.service import Service
from thriftwire.thrift.methods import method, service
from thriftwire.thrift.types import Field, Struct, default


class Asked(Struct, kw_only=True):
    id: Annotated[str, Field(1, required=True, annotations={"api.path": "id"})]
    after: Annotated[int | None, Field(2, annotations={"api.query": "after"})] = None
    last: Annotated[str | None, Field(3, annotations={"api.header": "last-event-id"})] = None
    names: Annotated[list[str], Field(4)] = default([])
    class_: Annotated[str, Field(5)] = default("x", name="class")


class Answered(Struct, kw_only=True):
    pass


class Thing:
    """What a service made here is called after."""


def made(request: Any = Asked, **annotations: str) -> Service[Any]:
    named = {name.replace("_", "."): path for name, path in annotations.items()}
    return service(Thing, method("Do", arguments={1: ("request", request)}, returns=Answered, annotations=named))


def only(service: Service[Any]) -> Route:
    [route] = routes([service])
    return route


def test_the_contract_has_the_routes_that_were_promised() -> None:
    found = {(route.verb, route.path) for route in routes([LLM_SERVICE, PROMPT_SERVICE])}
    assert {
        ("POST", "/api/prompts"),
        ("GET", "/api/prompts"),
        ("GET", "/api/prompts/{key}"),
        ("PUT", "/api/prompts/{key}/draft"),
        ("POST", "/api/prompts/{key}/run"),
        ("POST", "/api/chat"),
        ("GET", "/api/models"),
    } <= found


def test_fields_come_from_where_they_are_annotated() -> None:
    route = only(made(api_post="/things/:id"))
    assert [(one.place, one.name, one.field.name) for one in route.parameters] == [
        ("path", "id", "id"),
        ("query", "after", "after"),
        ("header", "last-event-id", "last"),
    ]
    assert route.body is not None
    fields = msgspec.structs.fields(route.body)
    assert [(field.name, field.encode_name) for field in fields] == [("names", "names"), ("class_", "class")]
    assert msgspec.json.decode(b'{"class":"y"}', type=route.body) == route.body(names=[], class_="y")


@pytest.mark.parametrize("verb", ["get", "delete"])
def test_without_a_body_the_rest_is_the_query(verb: str) -> None:
    route = only(made(**{f"api_{verb}": "/things/:id"}))
    assert route.body is None
    assert [one.name for one in route.parameters if one.place == "query"] == ["after", "names", "class"]
    assert [one.many for one in route.parameters if one.place == "query"] == [False, True, False]


def test_a_body_that_is_the_whole_request_is_the_request_itself() -> None:
    bodies = {route.method.name: route.body for route in routes([LLM_SERVICE, PROMPT_SERVICE])}
    assert bodies["ListModels"] is None
    assert bodies["CreatePrompt"].__name__ == "CreatePromptRequest"  # type: ignore[union-attr]
    assert bodies["Run"] is not RunRequest
    assert bodies["Run"].__name__ == "RunRequest"  # type: ignore[union-attr]


def test_a_part_of_what_is_also_an_answer_has_a_name_of_its_own() -> None:
    bodies = {route.method.name: route.body for route in routes([GOVERNANCE_SERVICE])}
    assert bodies["PutLimit"].__name__ == "LimitBody"  # type: ignore[union-attr]
    assert "id" in Limit.__struct_fields__
    assert "id" not in bodies["PutLimit"].__struct_fields__  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (made(api_get="/things"), "do not match"),
        (made(api_get="/things/:other"), "do not match"),
        (made(api_get="/things/:id/:more"), "do not match"),
        (made(request=str, api_post="/things"), "not a struct"),
    ],
)
def test_what_makes_no_route_is_refused(service: Service[Any], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        routes([service])


def test_two_methods_cannot_have_one_route() -> None:
    with pytest.raises(ContractError, match="of two methods"):
        routes([made(api_get="/things/:id"), made(api_get="/things/:id")])


def test_a_method_without_a_route_has_none() -> None:
    assert routes([made()]) == []
    assert "Chat" not in {route.method.name for route in routes([LLM_SERVICE])}


def test_events_are_called_as_in_the_union() -> None:
    assert event_names(Event) == {
        Delta: "delta",
        Reasoning: "reasoning",
        ToolCallDelta: "tool_call",
        Usage: "usage",
        Start: "start",
        Done: "done",
        ToolResult: "tool_result",
    }
    assert event_names(Delta) == {Delta: "message"}


def test_a_plain_type_is_free_of_annotations_and_none() -> None:
    assert plain(Annotated[int | None, Field(1)]) is int
    assert plain(Annotated[list[str], Field(1)]) == list[str]
    assert plain(str) is str
