"""Files of Prompty, of each generation: what they say, and what of it is lost."""

from __future__ import annotations

import pytest

from promptwire.files.fault import FileError
from promptwire.files.formats.prompty import read
from promptwire.files.plain import plain

FIRST = """\
---
name: Basic
description: Answers questions
authors: [someone]
tags: [basic]
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: gpt-4o
    azure_endpoint: https://example.com
  parameters:
    max_tokens: 256
    temperature: 0.2
    n: 2
inputs:
  question:
    type: string
    description: What is asked
  count:
    type: integer
    is_required: false
sample:
  question: Who wrote it?
template: jinja2
---
system:
You answer questions.

user:
{{question}}
![plan](https://example.com/plan.png)
"""

OLDER = """\
---
name: A demo
inputs:
  joke: why
  loud: true
---
system:
Judge {{joke}}.
"""

SECOND = """\
---
name: greeter
displayName: The greeter
model:
  id: gpt-4o
  provider: foundry
  options:
    temperature: 0.7
    maxOutputTokens: 100
inputs:
  - name: who
    kind: string
    default: you
    required: false
outputs:
  - name: answer
    kind: string
tools:
  - name: look
    kind: function
template:
  format: {kind: mustache}
  parser: {kind: prompty}
---
system:
Greet {{who}}.
"""


def test_the_first_generation() -> None:
    (found,) = read(FIRST, "basic.prompty")
    assert (found.key, found.name, found.description, found.tags) == ("basic", "Basic", "Answers questions", ["basic"])
    assert plain(found.content) == {
        "messages": [
            {"role": "system", "content": "You answer questions."},
            {"role": "user", "parts": [{"text": "{{question}}"}, {"image_url": "https://example.com/plan.png"}]},
        ],
        "model": "gpt-4o",
        "parameters": {"temperature": 0.2, "max_tokens": 256},
        "variables": [
            {"name": "question", "description": "What is asked", "example": "Who wrote it?"},
            {"name": "count", "type": "integer", "needed": False},
        ],
        "engine": "jinja2",
    }
    assert {loss.path for loss in found.losses} == {
        "authors",
        "model.configuration.azure_endpoint",
        "model.parameters.n",
    }


def test_older_ones_give_inputs_as_values() -> None:
    (found,) = read(OLDER, "demo.prompty")
    assert plain(found.content)["variables"] == [
        {"name": "joke", "default": "why"},
        {"name": "loud", "type": "boolean", "default": True},
    ]
    assert found.losses == []


def test_the_second_generation() -> None:
    (found,) = read(SECOND, "greeter.prompty")
    assert (found.name, found.content.model, found.content.engine) == ("The greeter", "gpt-4o", "mustache")
    assert plain(found.content)["parameters"] == {"temperature": 0.7, "max_tokens": 100}
    assert plain(found.content)["variables"] == [{"name": "who", "default": "you", "needed": False}]
    assert {loss.path for loss in found.losses} == {"name", "model.provider", "outputs", "tools[0].kind"}


def test_a_file_without_front_matter_is_none() -> None:
    with pytest.raises(FileError, match="begins with names and values"):
        read("system:\nhello", "a.prompty")
