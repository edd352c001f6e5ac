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
            yield Found(f"message {index + 1} ({message.role}) is empty")


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
            yield Found(f"message {index + 1} is a system message behind other messages")


def several_systems(draft: Draft) -> Iterator[Found]:
    """More than one system message."""
    count = sum(message.role == "system" for message in draft.content.messages)
    if count > 1:
        yield Found(f"there are {count} system messages", fix="join them")


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
            yield Found(f"message {index + 1} answers a tool call that no message makes")


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
            yield Found(f"the messages of {name!r} are put in {count} times")


def long_sentence(draft: Draft) -> Iterator[Found]:
    """A sentence nobody reads to its end."""
    for text in draft.instructions:
        for sentence in text.sentences():
            words = (
                len(re.findall(r"[A-Za-z']+", sentence.text)) + len(re.findall(r"[\u4e00-\u9fff]", sentence.text)) // 2
            )
            if words > LONG_WORDS:
                yield Found(f"a sentence of {words} words", text.span(sentence.start, sentence.end), "split it")


def wall(draft: Draft) -> Iterator[Found]:
    """A paragraph without a break."""
    for text in draft.instructions:
        at = 0
        for paragraph in text.text.split("\n"):
            if len(paragraph) > WALL_CHARS:
                yield Found(
                    f"a paragraph of {len(paragraph)} characters", text.span(at, at + len(paragraph)), "make it a list"
                )
            at += len(paragraph) + 1


def over_long(draft: Draft) -> Iterator[Found]:
    """More instructions than anybody follows."""
    length = sum(len(text.text) for text in draft.instructions)
    if length > MANY_CHARS:
        yield Found(f"{length} characters of instructions", fix="keep what changes the answer")


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
                f"the question stands before {last[1]!r}",
                text.span(last.start(), last.end()),
                "long texts first, the question last: models answer what they read last",
            )


def broken_numbers(draft: Draft) -> Iterator[Found]:
    """A list that skips or repeats a number."""
    for text in draft.instructions:
        before = 0
        for found in _NUMBERED.finditer(text.text):
            number = int(found[1])
            if before and number not in (1, before + 1):
                match = Match(found[1], found.start(1), found.end(1))
                fix = f"make it {before + 1}"
                yield Found(
                    f"{number} follows {before}",
                    text.span(match.start, match.end),
                    fix,
                    replace(text, match, str(before + 1)),
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
            yield Found(f"<{name}> opens {opened[name]} times and closes {closed[name]}", text.span(*tag.span()))
            closed[name] = opened[name]


def leftover(draft: Draft) -> Iterator[Found]:
    """A note to oneself."""
    for text in draft.texts:
        for match in text.find(_LEFTOVER):
            yield Found(f"{match.text!r} was left behind", text.span(match.start, match.end))


def invisible(draft: Draft) -> Iterator[Found]:
    """Characters nobody sees."""
    for text in draft.texts:
        for found in _INVISIBLE.finditer(text.text):
            match = Match(found.group(), found.start(), found.end())
            yield Found(
                f"an invisible character (U+{ord(match.text):04X})",
                text.span(match.start, match.end),
                "take it out",
                replace(text, match, ""),
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
