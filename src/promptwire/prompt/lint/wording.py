"""Rules about what the words say: contradictions, vagueness, tone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from promptwire.prompt.lint.draft import Draft, Found, Match, Rule, Text


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_OPPOSITES: Final = (
    (_words(r"\b(be |very )?(concise|brief|terse)\b|\b(keep it |as )short\b|简洁|简短|简明"), _words(r"\b(detailed|comprehensive|exhaustive|in[- ]depth|at length)\b|详细|详尽|全面")),
    (_words(r"\b(formal|professional) (tone|language|style)\b|正式"), _words(r"\b(casual|informal|friendly|playful) (tone|language|style)\b|口语化|随意")),
    (_words(r"\bonly (output|return|respond with|reply with)? ?(valid )?json\b|\bjson only\b|只(输出|返回) ?json"), _words(r"\b(explain your|then explain|add a comment|include an explanation)\b|并解释|说明理由")),
    (_words(r"\b(answer|respond|reply|write) in english\b|用英文|用英语"), _words(r"\b(answer|respond|reply|write) in chinese\b|用中文|用汉语")),
    (_words(r"\bno markdown\b|\bplain text only\b|不要使用 ?markdown"), _words(r"\b(use|in) markdown\b|\bbullet points?\b|使用 ?markdown")),
    (_words(r"\bthink step by step\b|\bshow your (work|reasoning)\b|一步一步"), _words(r"\b(without|no) (explanation|reasoning)s?\b|\bonly (give |return )?the (final )?answer\b|不要解释|只给出答案")),
    (_words(r"\bdo not ask (any )?questions\b|不要(提问|反问)"), _words(r"\bask (the user )?(for clarification|clarifying questions?)\b|(提出|询问).{0,4}澄清")),
)  # fmt: skip
_ALWAYS: Final = _words(r"\balways ([a-z]+(?: [a-z]+)?)")
_NEVER: Final = _words(r"\b(?:never|do not|don't) ([a-z]+(?: [a-z]+)?)")
_AT_MOST: Final = _words(
    r"\b(?:at most|no more than|under|fewer than|less than|maximum of|within) (\d+) (word|sentence|character|paragraph|line|token)s?|不超过 ?(\d+) ?(个?字|句|段)"
)
_AT_LEAST: Final = _words(
    r"\b(?:at least|no fewer than|more than|minimum of|over) (\d+) (word|sentence|character|paragraph|line|token)s?|(?:至少|不少于) ?(\d+) ?(个?字|句|段)"
)
_ABOVE: Final = _words(
    r"\b(as )?(mentioned|described|stated|listed) (above|before|earlier|previously)\b|\bthe (above|previous|aforementioned)\b|如上所述|上述|上面的"
)
_BARE_THIS: Final = re.compile(r"^(It|This|That|They|These|Those)\b(?! (is|are) (a|an|the|your)\b)")
_VAGUE: Final = _words(
    r"\b(etc\.?|and so on|as appropriate|if appropriate|appropriately|some kind of|several|a few|reasonable|good quality|high[- ]quality|nice)\b|等等|适当|尽量|若干|合理的|高质量"
)
_HEDGE: Final = _words(
    r"\b(try to|if possible|please attempt|maybe|perhaps|you might want to|feel free to)\b|尝试|如果可能|也许|最好能"
)
_SHOUT: Final = re.compile(r"\b[A-Z]{4,}(?:[ ,]+[A-Z]{3,}){1,}\b|!{2,}|！{2,}")  # noqa: RUF001
_PRESSURE: Final = _words(
    r"\b(i will|i'll) (tip|pay|reward) you\b|\b(my|your) (job|career|life) depends\b|\bor (else|you will be)\b|\b(you are|you're) the best\b|给你小费|否则你会被"
)
_NEGATIVE: Final = _words(r"\b(do not|don't|never|avoid|must not|should not)\b|不要|禁止|避免|不得|不能")
_POSITIVE: Final = _words(
    r"\b(instead|rather|only|always|use|write|answer|say|respond|return|ask)\b|而是|改为|应当|请|使用|回答"
)
_DOUBLE: Final = _words(r"\b(?:do not|don't|never) (?:not|fail to|avoid|forget to|omit|leave out)\b|不要不|不得不要")
_DATED: Final = _words(
    r"\b(today|the current date|current year|now) is [^.\n{]{0,20}\b(19|20)\d\d\b|(今天|现在|当前).{0,4}(19|20)\d\d ?年"
)
_CJK: Final = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]{2,}")


def contradiction(draft: Draft) -> Iterator[Found]:
    """Two demands that cannot both be met."""
    for one, other in _OPPOSITES:
        first, second = _first(draft, one), _first(draft, other)
        if first is not None and second is not None:
            text, match = second
            yield Found(
                "'{one}' and '{other}' ask for opposites",
                text.span(match.start, match.end),
                values={"one": first[1].text, "other": match.text},
            )
    always = {_verb(match): (text, match) for text in draft.instructions for match in text.find(_ALWAYS)}
    for text in draft.instructions:
        for match in text.find(_NEVER):
            if (verb := _verb(match)) in always:
                yield Found(
                    "'{one}' and '{other}'",
                    text.span(match.start, match.end),
                    values={"one": always[verb][1].text, "other": match.text},
                )


def _verb(match: Match) -> str:
    return re.sub(r"^(always|never|do not|don't) ", "", match.text.lower())


def _first(draft: Draft, pattern: re.Pattern[str]) -> tuple[Text, Match] | None:
    return next(((text, match) for text in draft.instructions for match in text.find(pattern)), None)


def impossible_length(draft: Draft) -> Iterator[Found]:
    """A minimum above the maximum."""
    most: dict[str, int] = {}
    for text in draft.instructions:
        for found in _AT_MOST.finditer(text.text):
            unit, number = (found[2] or found[4]).lower(), int(found[1] or found[3])
            most[unit] = min(number, most.get(unit, number))
    for text in draft.instructions:
        for found in _AT_LEAST.finditer(text.text):
            unit, number = (found[2] or found[4]).lower(), int(found[1] or found[3])
            if unit in most and number > most[unit]:
                yield Found(
                    "at least {least} and at most {most} {unit}s",
                    text.span(*found.span()),
                    values={"least": number, "most": most[unit], "unit": unit},
                )


def above(draft: Draft) -> Iterator[Found]:
    """A word that points somewhere without saying where."""
    for text in draft.instructions:
        for match in text.find(_ABOVE):
            span = text.span(match.start, match.end)
            yield Found("'{text}' points at nothing in particular", span, "name it", values={"text": match.text})
        first = next(text.sentences(), None)
        if first is not None and (found := _BARE_THIS.match(first.text)):
            span = text.span(first.start, first.start + len(found[0]))
            yield Found("'{text}' stands for nothing yet", span, values={"text": found[0]})


def _each(pattern: re.Pattern[str], wording: str, fix: str | None = None):  # a Check
    def check(draft: Draft) -> Iterator[Found]:
        for text in draft.instructions:
            for match in text.find(pattern):
                yield Found(wording, text.span(match.start, match.end), fix, values={"text": match.text})

    return check


def only_negative(draft: Draft) -> Iterator[Found]:
    """A ban without what to do in its place."""
    for text in draft.instructions:
        sentences = list(text.sentences())
        for index, sentence in enumerate(sentences):
            following = sentences[index + 1].text if index + 1 < len(sentences) else ""
            banned = _NEGATIVE.search(sentence.text)
            rest = _NEGATIVE.sub(" ", sentence.text)
            if banned and not _POSITIVE.search(rest) and not _POSITIVE.search(following) and len(sentence.text) < 80:
                yield Found(
                    "'{text}' says what not to do, not what to do",
                    text.span(sentence.start, sentence.end),
                    "say what to do instead",
                    values={"text": sentence.text},
                )


def mixed_languages(draft: Draft) -> Iterator[Found]:
    """Instructions half in one language, half in another."""
    ideographs, words = len(_CJK.findall(draft.whole)), len(_LATIN_WORD.findall(draft.whole))
    if min(ideographs / 2, words) > 25 and min(ideographs / 2, words) * 3 > max(ideographs / 2, words):
        yield Found("the instructions are in two languages, and nothing says in which to answer")


RULES: Final = (
    Rule("contradiction", "error", "The model follows one of the two, and not always the same.", contradiction),
    Rule("impossible-length", "error", "No answer can be both.", impossible_length),
    Rule("ambiguous-reference", "warning", "Messages are moved, shortened and joined; “above” moves with them.", above),
    Rule("vague-word", "info", "What is enough is decided anew in every run.", _each(_VAGUE, "'{text}' leaves the choice to the model", "say how many, or which")),
    Rule("hedged-instruction", "info", "A hedge reads as permission not to.", _each(_HEDGE, "'{text}' makes the instruction optional")),
    Rule("shouting", "info", "Capitals and exclamation marks make today's models overdo it.", _each(_SHOUT, "'{text}' shouts", "say why it matters")),
    Rule("pressure", "info", "Tips and threats do not make answers better, and show in them.", _each(_PRESSURE, "'{text}' is pressure, not an instruction", "take it out")),
    Rule("only-negative", "info", "A ban leaves open what to do; models do the nearest thing.", only_negative),
    Rule("double-negative", "warning", "Negations are lost on the way more often than other words.", _each(_DOUBLE, "'{text}' is a double negative", "say it positively")),
    Rule("stale-date", "warning", "It was true on the day it was written.", _each(_DATED, "'{text}' will be wrong tomorrow", "make it a variable")),
    Rule("mixed-languages", "info", "The language of the answer then depends on the input.", mixed_languages),
)  # fmt: skip
