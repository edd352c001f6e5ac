"""The prompt a newcomer finds says what it uses, and needs nothing to run."""

from __future__ import annotations

from promptwire.llm.script import MODELS
from promptwire.prompt.demo import DEMO
from promptwire.template.engines.plain import outline


def uses(text: str) -> set[str]:
    return {use.name for use in outline(text).uses}


def test_every_variable_is_described_and_has_a_value() -> None:
    assert DEMO.draft is not None
    used = {name for message in DEMO.draft.messages for name in uses(str(message.content))}
    described = {variable.name: variable for variable in DEMO.draft.variables}
    assert used == described.keys()
    assert all(variable.default_ and variable.description for variable in described.values())


def test_its_model_needs_no_key() -> None:
    assert DEMO.draft is not None
    assert DEMO.draft.model.removeprefix("simulated/") in MODELS
