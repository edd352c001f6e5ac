"""Rules about variables: named, declared, used, told apart from what is around them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from promptwire.api.authoring import Edit
from promptwire.prompt.lint.draft import VARIABLE, Draft, Found, Match, Rule, Text, renamed, replace

MANY_NAMES: Final = 100  # that are compared with one another; of more the rest is not
AROUND: Final = 200  # characters before and behind a variable that tell where it ends

_SINGLE: Final = re.compile(r"(?<![{\w\\$])\{([A-Za-z_]\w*)\}(?!\})")
_UNCLOSED: Final = re.compile(r"\{\{\s*[^\W\d][\w-]*(?=[^\w\s}-]|\s*(?:\n|\Z)|\s+[^}\s])|(?<!\{)\{\{\s*\}\}")
_FOREIGN: Final = re.compile(r"\{%-?\s*\w+.{0,500}?%\}|\$\{\w+\}|\{\{[#/^]\s*\w+\s*\}\}|<%=?\s*\w+\s*%>")
_LONG_NAMES: Final = re.compile(r"document|context|article|text|content|transcript|history|source|data", re.IGNORECASE)
_DELIMITED: Final = re.compile(r"(?:[<>`\"'“”「」『』【】()\[\]|]|-{3,}|={3,}|#{2,}|:|：)\s*\Z")  # noqa: RUF001


def undefined(draft: Draft) -> Iterator[Found]:
    """A variable that is not declared, where others are: a slip of the pen, or one that callers are not told of."""
    if not draft.declared:
        return
    known = sorted(draft.declared)[:MANY_NAMES]
    for number, (name, (text, match)) in enumerate(draft.used.items()):
        if name not in draft.declared:
            close = difflib.get_close_matches(name, known, n=1) if number < MANY_NAMES else []
            yield _undeclared(name, close[0] if close else None, text, match)
    for name, (text, match, key) in draft.borrowed.items():
        if name not in draft.declared:
            yield Found(
                "'{name}', which the snippet '{snippet}' uses, is not declared",
                text.span(match.start, match.end),
                values={"name": name, "snippet": key},
            )


def _undeclared(name: str, close: str | None, text: Text, match: Match) -> Found:
    span = text.span(match.start, match.end)
    if close is None:
        return Found("'{name}' is not declared", span, values={"name": name})
    return Found(
        "'{name}' is not declared; did you mean '{close}'?",
        span,
        "use {{{close}}}",
        renamed(text, match, close),
        {"name": name, "close": close},
    )


def unused(draft: Draft) -> Iterator[Found]:
    """A variable that nothing uses."""
    for name in draft.reading.unused:
        yield Found("'{name}' is declared and never used", fix="take it out, or use it", values={"name": name})


def undescribed(draft: Draft) -> Iterator[Found]:
    """A variable without a description or an example."""
    for variable in draft.content.variables:
        if not variable.description and variable.example is None and variable.default_ is None:
            yield Found("'{name}' has neither a description nor an example", values={"name": variable.name})


def similar(draft: Draft) -> Iterator[Found]:
    """Two names that are one letter or one capital apart."""
    names = sorted(islice(draft.used, MANY_NAMES))
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            same = re.sub(r"[_-]", "", name).lower() == re.sub(r"[_-]", "", other).lower()
            typo = min(len(name), len(other)) > 4 and difflib.SequenceMatcher(None, name, other).ratio() > 0.92
            if same or typo:
                text, match = draft.used[other]
                yield Found(
                    "'{name}' and '{other}' differ by almost nothing",
                    text.span(match.start, match.end),
                    "use '{name}' in both places",
                    renamed(text, match, name),
                    {"name": name, "other": other},
                )


def single_braces(draft: Draft) -> Iterator[Found]:
    """``{name}`` in a language where a variable has two braces."""
    for text in draft.texts:
        for found in _SINGLE.finditer(text.text):
            match = Match(found.group(), found.start(), found.end())
            doubled = "{{" + found[1] + "}}"
            if found[1] in draft.declared or found[1] in draft.used:
                yield Found(
                    "{text} is plain text here; a variable is written {doubled}",
                    text.span(match.start, match.end),
                    "write {doubled}",
                    replace(text, match, doubled),
                    {"text": match.text, "doubled": doubled},
                )


def unclosed(draft: Draft) -> Iterator[Found]:
    """Braces that open and never close, or hold nothing; the other languages say themselves what they cannot read."""
    if draft.content.engine != "plain":
        return
    for text in draft.texts:
        for found in _UNCLOSED.finditer(text.text):
            span = text.span(found.start(), found.end())
            yield Found("{text} is not closed", span, values={"text": found.group().strip()})


def foreign(draft: Draft) -> Iterator[Found]:
    """Another template language's marks, in plain text."""
    if draft.content.engine != "plain":
        return
    for text in draft.texts:
        for match in text.find(_FOREIGN):
            edits: tuple[Edit, ...] = ()
            fix = "choose the template language that knows it"
            values = {"text": match.text}
            if match.text.startswith("${"):
                values["name"] = name = match.text[2:-1]
                fix = "write {{{name}}}"
                edits = replace(text, match, "{{" + name + "}}")
            span = text.span(match.start, match.end)
            yield Found("{text} means nothing in a plain prompt", span, fix, edits, values)


def unstable_prefix(draft: Draft) -> Iterator[Found]:
    """A variable early in the first message, so that no two runs begin alike."""
    if not draft.texts:
        return
    first = draft.texts[0]
    match = VARIABLE.search(first.text)
    if match is not None and first.role == "system" and match.start() < len(first.text) * 0.7 and len(first.text) > 400:
        yield Found(
            "'{name}' stands early in a long system message: what follows it can never be read from the cache",
            first.span(match.start(), match.end()),
            "put what changes at the end, or into a user message",
            values={"name": match[1]},
        )


def undelimited(draft: Draft) -> Iterator[Found]:
    """A variable that runs into the instructions around it."""
    for text in draft.instructions:
        for match in VARIABLE.finditer(text.text):
            before = text.text[max(match.start() - AROUND, 0) : match.start()]
            after = text.text[match.end() : match.end() + AROUND]
            alone = before.rstrip(" \t").endswith("\n") or not before.strip()
            tail_alone = not after.strip() or after.lstrip(" \t").startswith("\n")
            if _DELIMITED.search(before) or (alone and tail_alone) or not _LONG_NAMES.search(match[1]):
                continue
            tag = match[1].strip("_-")
            wrapped = f"<{tag}>{match.group()}</{tag}>"
            yield Found(
                "nothing tells where '{name}' begins and ends",
                text.span(match.start(), match.end()),
                "write {wrapped}",
                replace(text, Match(match.group(), match.start(), match.end()), wrapped),
                {"name": match[1], "wrapped": wrapped},
            )


def injection(draft: Draft) -> Iterator[Found]:
    """A long text from outside inside the system message, with nobody saying that it is data."""
    said = re.search(
        r"(is|are|as) data|not (as )?instructions?|do not follow|ignore any instruction|不是指令|仅.{0,4}数据",
        draft.whole,
        re.IGNORECASE,
    )
    if said:
        return
    for text in draft.texts:
        for match in VARIABLE.finditer(text.text) if text.role == "system" else ():
            if _LONG_NAMES.search(match[1]):
                yield Found(
                    "whoever writes '{name}' writes instructions to the model",
                    text.span(match.start(), match.end()),
                    "move it into a user message, in tags, and say that it is data",
                    values={"name": match[1]},
                )


def bad_default(draft: Draft) -> Iterator[Found]:
    """A default or an example that the choices do not allow."""
    for variable in draft.content.variables:
        for wording, value in (
            ("the default of '{name}' is not one of its choices", variable.default_),
            ("the example of '{name}' is not one of its choices", variable.example),
        ):
            if variable.choices and value is not None and bytes(value) not in [bytes(one) for one in variable.choices]:
                yield Found(wording, values={"name": variable.name})


RULES: Final = (
    Rule("undefined-variable", "warning", "It has no type, no description and no default.", undefined),
    Rule("unused-variable", "warning", "A caller must give a value that changes nothing.", unused),
    Rule("undescribed-variable", "info", "Whoever calls the prompt must guess what to give.", undescribed),
    Rule("similar-variables", "warning", "One of the two is usually a slip of the pen.", similar),
    Rule("single-braces", "warning", "The model reads the name in place of the value.", single_braces),
    Rule("unclosed-braces", "error", "The model reads the braces in place of the value.", unclosed),
    Rule("foreign-template", "warning", "The model reads the marks of another template language.", foreign),
    Rule("unstable-prefix", "info", "Vendors charge less for a beginning they have seen.", unstable_prefix),
    Rule("undelimited-variable", "warning", "The model cannot tell your words from the value's.", undelimited),
    Rule("injection-surface", "warning", "Text from outside in the system message is obeyed.", injection),
    Rule("default-not-a-choice", "error", "A run without a value is refused.", bad_default),
)
