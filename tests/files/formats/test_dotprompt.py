"""Files of dotprompt: roles, history, media, Picoschema, and Handlebars as far as Mustache goes."""

from promptwire.files.formats.dotprompt import read
from promptwire.files.plain import plain

WRITTEN = """\
---
model: googleai/gemini
variant: formal
config:
  temperature: 0.7
  topK: 20
  stopSequences: [STOP]
tools: [timeOfDay]
input:
  default:
    name: Guest
  schema:
    name: string, whom to greet
    language?: string
    tags(array, what about): string
    mood(enum): [calm, gay]
    deep:
      inner: string
output:
  format: json
  schema: {type: object}
---
{{role "system"}}
Greet {{name}}{{#if language}} in {{language}}{{/if}}.
{{#each tags}}- {{this}}
{{/each}}
{{history}}
{{role "user"}}
Look: {{media url="https://example.com/a.png"}} and {{upper name}}
{{role "model"}}
Fine.
"""


def test_a_file_with_everything() -> None:
    (found,) = read(WRITTEN, "greet.prompt")
    content = plain(found.content)
    assert content["messages"] == [
        {
            "role": "system",
            "content": "Greet {{name}}{{#language}} in {{language}}{{/language}}.\n{{#tags}}- {{.}}\n{{/tags}}",
        },
        {"role": "placeholder", "content": "history"},
        {
            "role": "user",
            "parts": [
                {"text": "Look:"},
                {"image_url": "https://example.com/a.png"},
                {"text": "and {{upper name}}"},
            ],
        },
        {"role": "assistant", "content": "Fine."},
    ]
    assert (found.key, content["model"], content["engine"]) == ("greet", "googleai/gemini", "mustache")
    assert content["parameters"] == {"temperature": 0.7, "stop": ["STOP"]}
    assert content["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert content["variables"] == [
        {"name": "name", "description": "whom to greet", "default": "Guest"},
        {"name": "language", "needed": False},
        {"name": "tags", "type": "strings", "description": "what about"},
        {"name": "mood", "choices": ["calm", "gay"]},
    ]
    assert {loss.path for loss in found.losses} == {
        "variant",
        "config.topK",
        "tools",
        "input.schema.deep",
        "messages[2]",
    }


def test_a_file_may_be_a_template_alone() -> None:
    (found,) = read("Hello {{name}}", "hello.prompt")
    assert plain(found.content) == {"messages": [{"role": "user", "content": "Hello {{name}}"}]}
    assert found.losses == []
