"""Rules as they are written, and compiled once per version of their set.

The patterns of personal data say only what such a value looks like; what can be checked (a card's or an identity
number's check digit) is checked, or every long number would be one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

import regex

from promptwire.api.governance import Rule
from promptwire.llm.moderation.units import reads
from promptwire.llm.moderation.words import Words

Stage: TypeAlias = Literal["input", "output"]

INLINE: Final = ("words", "regex", "pii")  # the kinds that are decided in the stream, character by character


class RuleError(ValueError):
    """A rule cannot be compiled; the message names it."""


class Pattern(NamedTuple):
    """A compiled regular expression of a rule; ``valid`` looks closer at what it matched."""

    rule: Rule
    expression: regex.Pattern[str]
    valid: Callable[[str], bool]


class Inline(NamedTuple):
    """The rules of one stage that are decided in the stream itself."""

    words: Words | None
    word_rules: tuple[Rule, ...]
    patterns: tuple[Pattern, ...]


def compile_inline(rules: Iterable[Rule], stage: Stage) -> Inline | None:
    """The inline rules of ``stage``; None when there are none. Raises RuleError."""
    chosen = [rule for rule in rules if stage in rule.stages and rule.kind in INLINE]
    word_rules = tuple(rule for rule in chosen if rule.kind == "words")
    words = _strictest(word_rules)
    if "" in words:
        raise RuleError(f"rule {word_rules[words['']].id!r}: a word must have a visible character")
    patterns = tuple(pattern for rule in chosen if rule.kind != "words" for pattern in _patterns(rule))
    if not words and not patterns:
        return None
    return Inline(Words(words) if words else None, word_rules, patterns)


def _strictest(rules: Iterable[Rule]) -> dict[str, int]:
    """Each word, as it reads, with the index of the rule that decides: the first that stops, or else the first."""
    words: dict[str, int] = {}
    for index, rule in sorted(enumerate(rules), key=lambda one: one[1].action != "stop"):
        for word in rule.patterns:
            words.setdefault(reads(word), index)
    return words


def _patterns(rule: Rule) -> Iterable[Pattern]:
    for written in rule.patterns:
        if rule.kind == "pii" and written not in PII:
            raise RuleError(f"rule {rule.id!r}: no personal data is called {written!r}; there are {', '.join(PII)}")
        text, valid = PII[written] if rule.kind == "pii" else (written, _anything)
        try:
            expression = regex.compile(text, regex.IGNORECASE | regex.V0)
        except regex.error as error:
            raise RuleError(f"rule {rule.id!r}: {text!r} is no regular expression: {error}") from error
        if expression.match(""):
            raise RuleError(f"rule {rule.id!r}: {text!r} matches nothing at all, so it would match everywhere")
        yield Pattern(rule, expression, valid)


def _anything(_: str) -> bool:
    return True


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdigit()]


def _card(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1)."""
    digits = _digits(text)
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _resident(text: str) -> bool:
    """The check character of a Chinese resident identity number (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], weights, strict=True))
    return "10x98765432"[total % 11] == text[17].lower()


def _address(text: str) -> bool:
    return all(int(part) < 256 for part in text.split("."))


PII: Final[Mapping[str, tuple[str, Callable[[str], bool]]]] = {
    "email": (r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[a-z]{2,24}(?![\w-])", _anything),
    "phone_cn": (r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)", _anything),
    "phone_intl": (r"(?<![\d+])\+[1-9]\d{0,2}(?:[- ]?\(?\d{2,4}\)?){2,4}(?!\d)", _anything),
    "card": (r"(?<!\d)\d(?:[ -]?\d){12,18}(?![ -]?\d)", _card),
    "resident_cn": (r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dx](?![\dx])", _resident),
    "ipv4": (r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", _address),
}
