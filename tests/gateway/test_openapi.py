"""The description of the contract is valid, whole, and says what generators need."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import validate

from gateway.typist import Host
from promptwire.api.llm import LLM_SERVICE
from promptwire.api.prompt import PROMPT_SERVICE
from promptwire.api.run import RUN_SERVICE
from promptwire.gateway.openapi import contract, describe
from promptwire.gateway.routes import routes


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return describe(contract())


@pytest.fixture
def schemas(described: dict[str, Any]) -> dict[str, Any]:
    return described["components"]["schemas"]


def test_it_is_valid(described: dict[str, Any]) -> None:
    validate(described)


def test_every_route_is_in_it(described: dict[str, Any]) -> None:
    found = {(verb.upper(), path) for path, verbs in described["paths"].items() for verb in verbs}
    assert found == {(route.verb, route.path) for route in routes(contract())}
    names = [operation["operationId"] for verbs in described["paths"].values() for operation in verbs.values()]
    assert len(names) == len(set(names))


def test_a_field_that_may_be_absent_is_never_null(described: dict[str, Any]) -> None:
    assert "'null'" not in str(described)
    assert "None" not in str(described)


def test_what_is_always_in_an_answer_says_its_default(schemas: dict[str, Any]) -> None:
    assert schemas["Message"]["properties"]["content"] == {"type": "string", "default": ""}
    assert schemas["Content"]["properties"]["messages"]["default"] == []
    assert schemas["Content"]["properties"]["model"]["default"] == ""
    assert "default" not in schemas["Prompt"]["properties"]["key"]


def test_what_may_be_left_out_of_a_request_does_not(schemas: dict[str, Any]) -> None:
    assert schemas["CreatePromptRequest"]["required"] == ["key"]
    assert "default" not in schemas["CreatePromptRequest"]["properties"]["name"]
    assert "required" not in schemas["RunRequest"]


def test_a_field_called_default_is_a_field(schemas: dict[str, Any]) -> None:
    assert "default" in schemas["Variable"]["properties"]


def test_what_is_in_the_path_is_not_in_the_body(described: dict[str, Any], schemas: dict[str, Any]) -> None:
    run = described["paths"]["/api/prompts/{key}/run"]["post"]
    assert [(one["name"], one["in"], one["required"]) for one in run["parameters"]] == [("key", "path", True)]
    assert "key" not in schemas["RunRequest"]["properties"]


def test_what_a_stream_carries_is_described(described: dict[str, Any], schemas: dict[str, Any]) -> None:
    answer = described["paths"]["/api/chat"]["post"]["responses"]["200"]["content"]["text/event-stream"]
    events = answer["x-events"]
    assert list(events) == ["delta", "reasoning", "tool_call", "usage", "start", "done", "tool_result", "error"]
    assert events["tool_call"] == {"$ref": "#/components/schemas/ToolCallDelta"}
    assert events["error"] == {"$ref": "#/components/schemas/Error"}
    assert schemas["Event"]["oneOf"] == [schema for name, schema in events.items() if name != "error"]


def test_every_failure_is_described(described: dict[str, Any]) -> None:
    for verbs in described["paths"].values():
        for operation in verbs.values():
            schema = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert schema["properties"]["error"] == {"$ref": "#/components/schemas/Error"}


def test_integers_say_their_size(schemas: dict[str, Any]) -> None:
    assert schemas["Usage"]["properties"]["input_tokens"] == {"type": "integer", "format": "int64", "default": 0}
    assert schemas["Error"]["properties"]["code"] == {"type": "integer", "format": "int32"}


def test_descriptions_are_those_of_the_contract(described: dict[str, Any], schemas: dict[str, Any]) -> None:
    assert described["paths"]["/api/chat"]["post"]["summary"] == "Stream an answer."
    assert schemas["Delta"]["description"] == "Text of the answer."
    assert "\n    " not in schemas["Variable"]["description"]


async def test_the_server_describes_what_it_serves(host: Host) -> None:
    answer = await host.ask("GET", "/openapi.json")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == describe([LLM_SERVICE, PROMPT_SERVICE, RUN_SERVICE])


def test_it_can_be_written_to_a_file(described: dict[str, Any]) -> None:
    import json

    written = subprocess.run([sys.executable, "-m", "promptwire.gateway.openapi"], check=True, capture_output=True)
    assert json.loads(written.stdout) == described
    assert written.stdout.endswith(b"}\n")
    assert written.stderr == b""
