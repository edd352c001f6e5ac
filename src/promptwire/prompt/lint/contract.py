"""Rules about the agreement with the model: output, examples, tools, settings, secrets."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from promptwire.prompt.lint.draft import Draft, Found, Rule

_JSON: Final = re.compile(r"\bJSON\b", re.IGNORECASE)
_OUTPUT: Final = re.compile(
    r"\b(output|respond|reply|answer|return|write|format|produce|give|list|translate|summari[sz]e|classify|extract)\b"
    r"|输出|返回|回答|回复|格式|列出|翻译|总结|分类|提取|写",
    re.IGNORECASE,
)
_SHAPE: Final = re.compile(
    r"\b(json|yaml|xml|csv|markdown|table|bullet|list|sentences?|words?|paragraphs?|one of|only|schema|format)\b"
    r"|表格|列表|句|字|段|只|仅|格式|之一",
    re.IGNORECASE,
)
_ROLE: Final = re.compile(
    r"\b(you are|your (role|task|job) is|act as|as an? )\b|你是|你的(任务|角色)|作为", re.IGNORECASE
)
_GIVEN: Final = re.compile(r"\s*(?:input|user|question|q|问|输入)\s*[:：]", re.IGNORECASE)  # noqa: RUF001
_ANSWER: Final = re.compile(r"\s*(?:output|assistant|answer|a|答|输出)\s*[:：]", re.IGNORECASE)  # noqa: RUF001
_SECRET: Final = re.compile(
    r"\b(sk-[A-Za-z0-9_-]{16,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|xox[bap]-[\w-]{10,}|AIza[\w-]{30,})"
)
_PERSONAL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?!example\.)[\w-]+\.[\w.-]+|(?<!\d)1[3-9]\d{9}(?!\d)")
_TOOL: Final = re.compile(
    r"\b(?:use|call|using) the `?(\w+)`? (?:tool|function)\b|调用 ?`?(\w+)`? ?(?:工具|函数)", re.IGNORECASE
)
_LENGTH: Final = re.compile(r"(?:about|at least|around|至少|约)\s*(\d{2,5})\s*(words?|个?字)", re.IGNORECASE)


def no_output_contract(draft: Draft) -> Iterator[Found]:
    """Nothing says what an answer looks like."""
    said = _OUTPUT.search(draft.whole) and _SHAPE.search(draft.whole)
    if len(draft.whole) > 80 and draft.content.response_format is None and not said:
        fix = "say its form, its length and what to leave out"
        yield Found("nothing says what a good answer looks like", fix=fix)


def no_role(draft: Draft) -> Iterator[Found]:
    """A system message that does not say what the model is there for."""
    system = next((text for text in draft.texts if text.role == "system"), None)
    if system is not None and len(system.text) > 80 and not _ROLE.search(system.text):
        yield Found(
            "the system message does not say what the model is there for", system.span(0, min(40, len(system.text)))
        )


def json_without_schema(draft: Draft) -> Iterator[Found]:
    """JSON is asked for in words alone."""
    if draft.content.response_format is None and "{" not in draft.whole.replace("{{", ""):
        for text in draft.instructions:
            for match in text.find(_JSON):
                yield Found(
                    "JSON is asked for, but neither a schema nor an example says which",
                    text.span(match.start, match.end),
                    "set a response format with a JSON Schema",
                )
                return


def format_without_words(draft: Draft) -> Iterator[Found]:
    """A JSON response format that the text does not mention."""
    wanted = draft.content.response_format
    if wanted is not None and b"json_object" in bytes(wanted) and not _JSON.search(draft.whole):
        yield Found("the response format is a JSON object and no message says JSON: OpenAI refuses that")


def _examples(draft: Draft) -> list[tuple[str, str]]:
    pairs = [pair for text in draft.instructions for pair in _labelled(text.text) if all(pair)]
    messages = draft.content.messages
    pairs += [
        (one.content.strip(), other.content.strip())
        for one, other in itertools.pairwise(messages)
        if one.role == "user" and other.role == "assistant" and other.content and "{{" not in one.content
    ]
    return pairs


def _labelled(text: str) -> Iterator[tuple[str, str]]:
    """What stands behind the labels of an input and of its output, which ends at an empty line or the next input."""
    given: list[str] = []
    answer: list[str] = []
    for line in text.split("\n"):
        if answer and (not line.strip() or _GIVEN.match(line)):
            yield _joined(given), _joined(answer)
            given, answer = [], []
        label = (_ANSWER if given and not answer else _GIVEN).match(line)
        if answer or (given and label is None):
            (answer or given).append(line)
        elif label is not None:
            (answer if given else given).append(line[label.end() :])
    if answer:
        yield _joined(given), _joined(answer)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip()


def leaking_example(draft: Draft) -> Iterator[Found]:
    """An example whose input is what the prompt is tried with."""
    inputs = {given.lower() for given, _ in _examples(draft)}
    for variable in draft.content.variables:
        for value in (variable.default_, variable.example):
            if value is None:
                continue
            said = json.loads(bytes(value))
            if isinstance(said, str) and said.strip().lower() in inputs:
                yield Found(
                    "the example of '{name}' is also an example in the prompt, with its answer",
                    values={"name": variable.name},
                )


def one_answer(draft: Draft) -> Iterator[Found]:
    """Examples that all end the same way."""
    outputs = [output for _, output in _examples(draft)]
    if len(outputs) > 2 and len(set(outputs)) == 1:
        yield Found(
            "all {count} examples have the answer '{answer}'", values={"count": len(outputs), "answer": outputs[0][:40]}
        )


def lone_example(draft: Draft) -> Iterator[Found]:
    """One example."""
    if len(_examples(draft)) == 1:
        yield Found(
            "there is one example: its length and its words will be copied", fix="give two or three that differ"
        )


def example_breaks_contract(draft: Draft) -> Iterator[Found]:
    """An example that is not what is asked for."""
    if not _JSON.search(draft.whole):
        return
    for given, output in _examples(draft):
        try:
            json.loads(output.strip("`").removeprefix("json"))
        except ValueError:
            yield Found("JSON is asked for, and the example for '{input}' is none", values={"input": given[:40]})


def undescribed_tool(draft: Draft) -> Iterator[Found]:
    """A tool the model must guess the use of."""
    for tool in draft.content.tools or ():
        if not tool.description.strip():
            yield Found("tool '{tool}' has no description", values={"tool": tool.name})
        for name in _undescribed(bytes(tool.parameters) if tool.parameters is not None else b"{}"):
            yield Found(
                "parameter '{name}' of tool '{tool}' has no description", values={"name": name, "tool": tool.name}
            )


def _undescribed(schema: bytes) -> list[str]:
    properties = _members(_members(json.loads(schema)).get("properties"))
    return [name for name, one in properties.items() if isinstance(one, dict) and "description" not in one]


def _members(value: Any) -> dict[str, Any]:
    """A schema's members; one may be ``true``, too, and its author may have slipped."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def unknown_tool(draft: Draft) -> Iterator[Found]:
    """A tool that is named and does not exist."""
    names = {tool.name for tool in draft.content.tools or ()}
    for text in draft.instructions:
        for found in _TOOL.finditer(text.text):
            name = found[1] or found[2]
            if name not in names:
                yield Found("there is no tool '{tool}'", text.span(*found.span()), values={"tool": name})


def hot_json(draft: Draft) -> Iterator[Found]:
    """A high temperature where the answer has a form."""
    parameters = draft.content.parameters
    if parameters is None or parameters.temperature is None:
        return
    strict = draft.content.response_format is not None or re.search(
        r"\b(classify|extract)\b|分类|提取", draft.whole, re.IGNORECASE
    )
    if strict and parameters.temperature > 0.9:
        yield Found(
            "a temperature of {temperature} for an answer with one right form",
            fix="0 to 0.3",
            values={"temperature": f"{parameters.temperature:g}"},
        )


def cut_short(draft: Draft) -> Iterator[Found]:
    """A maximum below the length that is asked for."""
    parameters = draft.content.parameters
    if parameters is None or parameters.max_tokens is None:
        return
    for text in draft.instructions:
        for found in _LENGTH.finditer(text.text):
            needed = int(int(found[1]) * (1.3 if found[2].lower().startswith("word") else 0.9))
            if needed > parameters.max_tokens:
                yield Found(
                    "{length} need about {needed} tokens and max_tokens is {most}",
                    text.span(*found.span()),
                    values={"length": found.group(), "needed": needed, "most": parameters.max_tokens},
                )


def secret(draft: Draft) -> Iterator[Found]:
    """A key in the text."""
    for text in draft.texts:
        for found in _SECRET.finditer(text.text):
            yield Found(
                "this looks like a key: {begin}…",
                text.span(*found.span()),
                "take it out and revoke it",
                values={"begin": found[0][:6]},
            )


def personal(draft: Draft) -> Iterator[Found]:
    """Somebody's address or number."""
    for text in draft.texts:
        for found in _PERSONAL.finditer(text.text):
            yield Found("this looks like somebody's address or number", text.span(*found.span()), "use a placeholder")


RULES: Final = (
    Rule("missing-output-contract", "warning", "Form and length then differ from run to run.", no_output_contract),
    Rule("missing-role", "info", "A purpose settles what no rule foresees.", no_role),
    Rule(
        "json-without-schema", "warning", "Names and types of members are guessed anew each time.", json_without_schema
    ),
    Rule("json-not-mentioned", "error", "A vendor refuses the request.", format_without_words),
    Rule("leaking-example", "warning", "A test with that value proves nothing.", leaking_example),
    Rule("one-sided-examples", "warning", "The model learns the answer, not the task.", one_answer),
    Rule("lone-example", "info", "One example is a template; several are a task.", lone_example),
    Rule("example-breaks-contract", "warning", "Examples win over instructions.", example_breaks_contract),
    Rule("undescribed-tool", "warning", "The description is all the model knows of a tool.", undescribed_tool),
    Rule("unknown-tool", "error", "The model calls what is not there, or makes up its answer.", unknown_tool),
    Rule("hot-structured-output", "info", "Randomness only costs validity where one form is right.", hot_json),
    Rule("cut-short", "warning", "The answer stops in the middle.", cut_short),
    Rule("secret", "error", "Everybody who can read the prompt can use it, the vendor included.", secret),
    Rule("personal-data", "warning", "It is sent with every run and kept in every record.", personal),
)
