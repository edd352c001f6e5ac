"""What a model cannot take is left out with a warning or refused with the reason, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from promptwire.api.llm import Capabilities, ChatRequest, Parameters
from promptwire.api.message import Message, Part, Tool
from promptwire.errors import Failure
from promptwire.llm.fitting import fit, unsupported

PLAIN = Message(role="user", content="hi")
SCHEMA = msgspec.Raw(b'{"type":"json_schema","json_schema":{"name":"n","schema":{}}}')
SEEN = Message(role="user", parts=[Part(image_url="https://x/y.png")])


def ask(**fields: Any) -> ChatRequest:
    given: dict[str, Any] = {"model": "acme/m", "messages": [PLAIN]} | fields
    return ChatRequest(**given)


def test_a_setting_an_answer_can_do_without_is_left_out_with_a_warning() -> None:
    request = ask(parameters=Parameters(seed=1, temperature=0.5, presence_penalty=1.0))
    fitted = fit(request, {"seed": "no seed", "presence_penalty": "no penalty", "tools": "no tools"})
    assert fitted.warnings == ["seed was left out: no seed", "presence_penalty was left out: no penalty"]
    assert fitted.request.parameters == Parameters(temperature=0.5)
    assert request.parameters == Parameters(seed=1, temperature=0.5, presence_penalty=1.0)


def test_a_vendor_that_does_not_hold_tools_to_their_schemas_is_asked_without_that() -> None:
    reasons = unsupported("gemini", Capabilities())
    request = ask(tools=[Tool(name="f", strict=True), Tool(name="g")], parameters=Parameters(seed=1))
    fitted = fit(request, reasons)
    assert fitted.request.tools == [Tool(name="f"), Tool(name="g")]
    assert fitted.request.parameters == Parameters(seed=1)
    assert fitted.warnings == ["strict was left out: Google's API does not hold calls to a tool's schema"]
    assert fit(ask(tools=[Tool(name="f", strict=False)]), reasons).warnings == []


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("temperature", {"parameters": Parameters(temperature=0.0)}),
        ("reasoning_effort", {"parameters": Parameters(reasoning_effort="low")}),
        ("tools", {"tools": [Tool(name="f")]}),
        ("tool_choice", {"tool_choice": msgspec.Raw(b'"auto"')}),
        ("response_format", {"response_format": msgspec.Raw(b'{"type":"json_object"}')}),
        ("json_object", {"response_format": msgspec.Raw(b'{"type":"json_object"}')}),
        ("json_schema", {"response_format": SCHEMA}),
        ("images", {"messages": [PLAIN, SEEN]}),
    ],
)
def test_anything_else_is_refused_with_the_reason(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(Failure, match=f"{name} cannot be set for 'acme/m': it cannot") as failed:
        fit(ask(**fields), {name: "it cannot"})
    assert failed.value.class_ == "invalid_request"
    assert fit(ask(), {name: "it cannot"}).warnings == []


def test_what_is_supported_passes_as_it_is() -> None:
    request = ask(parameters=Parameters(seed=1), tools=[Tool(name="f")])
    assert fit(request, {}).request is request
    assert fit(request, {"images": "none"}).request is request


@pytest.mark.parametrize("kind", ["json_object", "text"])
def test_a_model_that_follows_no_schema_may_still_be_asked_for_json(kind: str) -> None:
    reasons = unsupported("openai", Capabilities(json_schema=False))
    request = ask(response_format=msgspec.Raw(b'{"type":"%s"}' % kind.encode()))
    assert fit(request, reasons).request is request
    with pytest.raises(Failure, match="json_schema cannot be set for 'acme/m': this model follows no JSON schema"):
        fit(ask(response_format=SCHEMA), reasons)


def test_a_models_own_limits_add_to_its_vendors() -> None:
    assert unsupported("openai", Capabilities()).keys() == {"reasoning_budget"}
    assert unsupported("anthropic", Capabilities(tools=True)).keys() == {
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "json_object",
        "reasoning_budget",
    }
    assert "reasoning_budget" not in unsupported("anthropic", Capabilities(), "claude-sonnet-4-5")
    assert "reasoning_budget" not in unsupported("gemini", Capabilities(), "gemini-2.5-pro")
    assert "by a word" in unsupported("gemini", Capabilities(), "gemini-3-pro")["reasoning_budget"]
    nothing = Capabilities(tools=False, json_schema=False, images=False, reasoning="none")
    assert unsupported("openai", nothing).keys() == {
        "tools",
        "tool_choice",
        "json_schema",
        "images",
        "reasoning_effort",
        "reasoning_budget",
    }
    assert unsupported("openai", Capabilities(tools=True, reasoning="budget")) == {}
