"""Configurations of promptfoo: prompts, the first provider, variables; tests are said to be left behind."""

import pytest

from promptwire.files.fault import FileError
from promptwire.files.formats.promptfoo import read
from promptwire.files.plain import plain

CONFIG = """\
description: Two greetings
prompts:
  - 'Greet {{name}}'
  - id: formal
    label: Formal
    raw: '[{"role": "system", "content": "Be formal"}, {"role": "user", "content": "{{name}}"}]'
  - file://other.txt
providers:
  - id: openai:chat:gpt-4o
    config: {temperature: 0.1, organization: x}
  - openai:chat:gpt-4o-mini
defaultTest:
  vars: {name: you, count: 3}
  assert: [{type: is-json}]
tests:
  - vars: {name: me}
sharing: true
"""


def test_a_configuration() -> None:
    first, formal = read(CONFIG, "promptfooconfig.yaml")
    assert (first.key, formal.key, formal.name) == ("promptfooconfig-1", "formal", "Formal")
    assert plain(first.content) == {
        "messages": [{"role": "user", "content": "Greet {{name}}"}],
        "model": "openai:chat:gpt-4o",
        "parameters": {"temperature": 0.1},
        "variables": [{"name": "name", "default": "you"}, {"name": "count", "type": "integer", "default": 3}],
        "engine": "jinja2",
    }
    assert [message.role for message in formal.content.messages] == ["system", "user"]
    lost = {loss.path for loss in first.losses}
    assert lost == {
        "prompts[2].raw",
        "providers[1]",
        "providers[0].config.organization",
        "defaultTest.assert",
        "tests",
        "sharing",
    }


@pytest.mark.parametrize("text", ["tests: []", "prompts: [file://a.txt]", "- a"])
def test_without_a_prompt_in_it_it_is_refused(text: str) -> None:
    with pytest.raises(FileError):
        read(text, "promptfooconfig.yaml")
