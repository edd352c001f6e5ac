"""A prompt as the answers to a few questions, and back: the guided way to write a system message.

The text is Markdown with one section a question. Reading what was written gives the form back; of a text somebody
else wrote, what fits no question is kept, in its order, as the rest.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from promptwire.api.authoring import Form, FormExample

_TITLES: Final = {
    "role": ("Role", "角色"),
    "goal": ("Goal", "目标", "任务"),
    "audience": ("Audience", "受众", "读者"),
    "steps": ("Steps", "步骤"),
    "rules": ("Rules", "规则", "要求", "约束"),
    "output": ("Output", "输出", "输出格式"),
    "examples": ("Examples", "示例", "例子"),
}
ENGLISH, CHINESE = 0, 1
_IDEOGRAPH: Final = re.compile(r"[\u4e00-\u9fff]")
_FIELD_OF_TITLE: Final = {title.lower(): name for name, titles in _TITLES.items() for title in titles}
_HEADING: Final = re.compile(r"^# +(.+?)[ \t]*$", re.MULTILINE)
_STEP: Final = re.compile(r"^\d+\. ", re.MULTILINE)
_RULE: Final = re.compile(r"^- ", re.MULTILINE)
_EXAMPLE: Final = re.compile(
    r"<example>\n<input>\n(?P<input>.*?)\n</input>\n<output>\n(?P<output>.*?)\n</output>\n</example>", re.DOTALL
)


def write(form: Form) -> str:
    """``form`` as text; questions without an answer have no section, and answers in Chinese have Chinese titles."""
    return _written(form, CHINESE if _IDEOGRAPH.search(_written(form, ENGLISH)) else ENGLISH)


def _written(form: Form, language: int) -> str:
    """``form`` with the titles of one language.

    The rest stands last when it is sections of its own, and otherwise first, where it belongs to no section.
    """
    steps = "\n".join(f"{number}. {_indented(step)}" for number, step in enumerate(form.steps, start=1))
    rules = "\n".join(f"- {_indented(rule)}" for rule in form.rules)
    examples = "\n".join(_example(example) for example in form.examples)
    answers = {**msgspec.structs.asdict(form), "steps": steps, "rules": rules, "examples": examples}
    sections = [f"# {titles[language]}\n{answers[name]}" for name, titles in _TITLES.items() if answers[name]]
    rest = [form.rest] if form.rest else []
    return "\n\n".join([*sections, *rest] if _HEADING.match(form.rest) else [*rest, *sections])


def read(text: str) -> Form:
    """The form that ``text`` answers."""
    form = Form()
    rest: list[str] = []
    for title, body in _sections(text):
        name = _FIELD_OF_TITLE.get(title.lower(), "")
        if not (name and not getattr(form, name) and _fill(form, name, body)):
            rest.append(f"# {title}\n{body}" if title else body)
    form.rest = "\n\n".join(part for part in rest if part)
    same = any(_written(form, language).split() == text.split() for language in (ENGLISH, CHINESE))
    return form if same else Form(rest=text)  # nothing that was written is lost


def _sections(text: str) -> list[tuple[str, str]]:
    """(title, body) of each section; what stands before the first heading has no title."""
    headings = list(_HEADING.finditer(text))
    first = headings[0].start() if headings else len(text)
    sections = [("", text[:first].strip("\n"))] if text[:first].strip() else []
    ends = [heading.start() for heading in headings[1:]] + [len(text)] * bool(headings)
    for heading, end in zip(headings, ends, strict=True):
        sections.append((heading[1], text[heading.end() : end].strip("\n")))
    return sections


def _fill(form: Form, name: str, body: str) -> bool:
    """Put a section's body into its field; False when it is not of the field's shape."""
    match name:
        case "steps":
            form.steps = _items(_STEP, body)
            return bool(form.steps)
        case "rules":
            form.rules = _items(_RULE, body)
            return bool(form.rules)
        case "examples":
            form.examples = [FormExample(input=one["input"], output=one["output"]) for one in _EXAMPLE.finditer(body)]
            return bool(form.examples) and not _EXAMPLE.sub("", body).strip()
        case _:
            setattr(form, name, body)
            return bool(body)


def _items(mark: re.Pattern[str], body: str) -> list[str]:
    """The items of a list whose items begin with ``mark``; none when something stands before the first."""
    starts = list(mark.finditer(body))
    if not starts or starts[0].start():
        return []
    ends = [one.start() for one in starts[1:]] + [len(body)]
    return [body[one.end() : end].strip("\n").replace("\n   ", "\n") for one, end in zip(starts, ends, strict=True)]


def _indented(item: str) -> str:
    return item.replace("\n", "\n   ")


def _example(example: FormExample) -> str:
    return f"<example>\n<input>\n{example.input}\n</input>\n<output>\n{example.output}\n</output>\n</example>"
