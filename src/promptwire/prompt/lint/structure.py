"""Rules about how a prompt is built: its messages, their order, its length, its marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from promptwire.prompt.lint.draft import VARIABLE, Draft, Found, Match, Rule, Text, replace

MANY_CHARS: Final = 24_000  # about six thousand tokens of instructions
WALL_CHARS: Final = 1_200
LONG_WORDS: Final = 60

_NUMBERED: Final = re.compile(r"^[ \t]*(\d+)[.)、]\s", re.MULTILINE)
_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w-]*)>")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LEFTOVER: Final = re.compile(r"\b(?:TODO|FIXME|TBD|XXX+|lorem ipsum)\b|\[(?:insert|your|fill)\b[^\]]*\]|待补充|待定")


def empty(draft: Draft) -> Iterator[Found]:
    """No messages, or one that says nothing."""
    if not draft.content.messages:
        yield Found("the prompt has no messages")
    for index, message in enumerate(draft.content.messages):
        if not (message.content.strip() or message.parts or message.tool_calls):
            yield Found("message {number} ({role}) is empty", values={"number": index + 1, "role": message.role})


def no_user(draft: Draft) -> Iterator[Found]:
    """Nothing to answer."""
    roles = {message.role for message in draft.content.messages}
    if roles and not roles & {"user", "placeholder"}:
        yield Found("there is no user message and no placeholder: some vendors refuse that")


def system_not_first(draft: Draft) -> Iterator[Found]:
    """A system message behind another."""
    roles = [message.role for message in draft.content.messages]
    for index, role in enumerate(roles):
        if role == "system" and any(other != "system" for other in roles[:index]):
            yield Found("message {number} is a system message behind other messages", values={"number": index + 1})


def several_systems(draft: Draft) -> Iterator[Found]:
    """More than one system message."""
    count = sum(message.role == "system" for message in draft.content.messages)
    if count > 1:
        yield Found("there are {count} system messages", fix="join them", values={"count": count})


def ends_with_assistant(draft: Draft) -> Iterator[Found]:
    """The model is asked to go on from its own words."""
    if draft.content.messages and draft.content.messages[-1].role == "assistant":
        yield Found("the last message is the assistant's: few vendors go on from there")


def tool_without_call(draft: Draft) -> Iterator[Found]:
    """A tool's answer to nothing."""
    called: set[str] = set()
    for index, message in enumerate(draft.content.messages):
        called.update(call.id for call in message.tool_calls or ())
        if message.role == "tool" and message.tool_call_id not in called:
            yield Found("message {number} answers a tool call that no message makes", values={"number": index + 1})


def twice(draft: Draft) -> Iterator[Found]:
    """A sentence said twice."""
    seen: set[str] = set()
    sentences = [(text, sentence) for text in draft.instructions for sentence in text.sentences()]
    for text, sentence in sentences:
        said = " ".join(sentence.text.lower().split())
        if said in seen and len(said) > 25:
            span = text.span(sentence.start, sentence.end)
            yield Found("this is said twice", span, "take it out", replace(text, sentence, ""))
        seen.add(said)


def same_placeholder(draft: Draft) -> Iterator[Found]:
    """One name poured in twice."""
    names = Counter(message.content for message in draft.content.messages if message.role == "placeholder")
    for name, count in names.items():
        if count > 1:
            yield Found("the messages of '{name}' are put in {count} times", values={"name": name, "count": count})


def long_sentence(draft: Draft) -> Iterator[Found]:
    """A sentence nobody reads to its end."""
    for text in draft.instructions:
        for sentence in text.sentences():
            words = (
                len(re.findall(r"[A-Za-z']+", sentence.text)) + len(re.findall(r"[\u4e00-\u9fff]", sentence.text)) // 2
            )
            if words > LONG_WORDS:
                span = text.span(sentence.start, sentence.end)
                yield Found("a sentence of {count} words", span, "split it", values={"count": words})


def wall(draft: Draft) -> Iterator[Found]:
    """A paragraph without a break."""
    for text in draft.instructions:
        at = 0
        for paragraph in text.text.split("\n"):
            if len(paragraph) > WALL_CHARS:
                span = text.span(at, at + len(paragraph))
                values = {"count": len(paragraph)}
                yield Found("a paragraph of {count} characters", span, "make it a list", values=values)
            at += len(paragraph) + 1


def over_long(draft: Draft) -> Iterator[Found]:
    """More instructions than anybody follows."""
    length = sum(len(text.text) for text in draft.instructions)
    if length > MANY_CHARS:
        yield Found("{count} characters of instructions", fix="keep what changes the answer", values={"count": length})


def question_before_data(draft: Draft) -> Iterator[Found]:
    """The question stands before the long text it is about."""
    for text in draft.instructions:
        matches = list(VARIABLE.finditer(text.text))
        if text.role != "user" or not matches:
            continue
        last = matches[-1]
        long_name = re.search(r"document|article|transcript|context", last[1], re.IGNORECASE)
        asked_before = "?" in text.text[: last.start()] or re.search(
            r"\b(answer|summari[sz]e)\b", text.text[: last.start()], re.IGNORECASE
        )
        if long_name and asked_before and len(text.text) - last.end() < 20:
            yield Found(
                "the question stands before '{name}'",
                text.span(last.start(), last.end()),
                "long texts first, the question last: models answer what they read last",
                values={"name": last[1]},
            )


def broken_numbers(draft: Draft) -> Iterator[Found]:
    """A list that skips or repeats a number."""
    for text in draft.instructions:
        before = 0
        for found in _NUMBERED.finditer(text.text):
            number = int(found[1])
            if before and number not in (1, before + 1):
                match = Match(found[1], found.start(1), found.end(1))
                yield Found(
                    "{number} follows {before}",
                    text.span(match.start, match.end),
                    "make it {next}",
                    replace(text, match, str(before + 1)),
                    {"number": number, "before": before, "next": before + 1},
                )
            before = number


def open_marks(draft: Draft) -> Iterator[Found]:
    """A fence or a tag that opens and never closes."""
    for text in draft.texts:
        if text.text.count("```") % 2:
            at = text.text.rfind("```")
            yield Found("a code fence is not closed", text.span(at, at + 3))
        yield from _open_tags(text)


def _open_tags(text: Text) -> Iterator[Found]:
    tags = list(_TAG.finditer(text.text))
    closed = Counter(tag[2] for tag in tags if tag[1])
    opened = Counter(tag[2] for tag in tags if not tag[1])
    for tag in tags:
        name = tag[2]
        if closed[name] and opened[name] != closed[name]:
            yield Found(
                "<{tag}> opens {opened} times and closes {closed}",
                text.span(*tag.span()),
                values={"tag": name, "opened": opened[name], "closed": closed[name]},
            )
            closed[name] = opened[name]


def leftover(draft: Draft) -> Iterator[Found]:
    """A note to oneself."""
    for text in draft.texts:
        for match in text.find(_LEFTOVER):
            yield Found("'{text}' was left behind", text.span(match.start, match.end), values={"text": match.text})


def invisible(draft: Draft) -> Iterator[Found]:
    """Characters nobody sees."""
    for text in draft.texts:
        for found in _INVISIBLE.finditer(text.text):
            match = Match(found.group(), found.start(), found.end())
            yield Found(
                "an invisible character (U+{code})",
                text.span(match.start, match.end),
                "take it out",
                replace(text, match, ""),
                {"code": f"{ord(match.text):04X}"},
            )


RULES: Final = (
    Rule("empty-message", "error", "Vendors refuse a message without content.", empty),
    Rule("no-user-message", "warning", "A model answers a user.", no_user),
    Rule(
        "system-not-first",
        "warning",
        "Most vendors read the system message first, or refuse it elsewhere.",
        system_not_first,
    ),
    Rule(
        "several-system-messages", "info", "Vendors with one system field join them in their own way.", several_systems
    ),
    Rule(
        "ends-with-assistant",
        "info",
        "Where it is not supported the words are repeated or ignored.",
        ends_with_assistant,
    ),
    Rule("tool-answer-without-call", "error", "Vendors refuse an answer to a call nobody made.", tool_without_call),
    Rule("said-twice", "info", "Repetition costs tokens and gives weight by accident.", twice),
    Rule("same-placeholder", "warning", "The conversation is read twice.", same_placeholder),
    Rule("long-sentence", "info", "The end of a long sentence is followed less.", long_sentence),
    Rule("wall-of-text", "info", "Rules in a list are followed better than rules in a paragraph.", wall),
    Rule("over-long", "warning", "Each instruction is followed less the more there are.", over_long),
    Rule(
        "question-before-data",
        "info",
        "A question after a long text is answered better than one before it.",
        question_before_data,
    ),
    Rule("broken-numbering", "warning", "“Step 3” then means two things or nothing.", broken_numbers),
    Rule("unclosed-mark", "warning", "What was to be apart runs into the rest.", open_marks),
    Rule("left-behind", "warning", "The model reads it as an instruction.", leftover),
    Rule("invisible-character", "warning", "It changes tokens, and can hide text from a reader.", invisible),
)
