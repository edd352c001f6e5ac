"""No character of what a rule matches is ever shown, wherever the stream is cut."""

from __future__ import annotations

import itertools
import json
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptwire.api.governance import Rule
from promptwire.llm.moderation.rules import PII, Inline, compile_inline
from promptwire.llm.moderation.screen import Screen


def inline(*rules: Rule) -> Inline:
    compiled = compile_inline(rules, "output")
    assert compiled is not None
    return compiled


def words(*patterns: str, action: Literal["stop", "mask"] = "stop") -> Inline:
    return inline(Rule(id="w", kind="words", action=action, patterns=list(patterns)))


def shown(rules: Inline, pieces: list[str], *, as_json: bool = False) -> tuple[str, bool]:
    """What a reader sees of ``pieces``, checked after each: what is shown is never taken back."""
    screen = Screen(rules, as_json=as_json)
    out = ""
    for piece in pieces:
        out += screen.feed(piece)
        if screen.hit is not None:
            return out, True
    out += screen.finish()
    assert screen.hit is not None or screen.shown_chars == len(out)
    return out, screen.hit is not None


def cut(text: str, at: int) -> list[str]:
    return [text[:at], text[at:]]


@pytest.mark.parametrize(
    "word",
    [
        "forbidden",
        "秘密词",
        "FORBIDDEN",
        "\uff46\uff4f\uff52\uff42\uff49\uff44\uff44\uff45\uff4e",
        "for\u200bbid\u200dden",
        "straße",
    ],
)
def test_a_word_cut_anywhere_shows_none_of_itself(word: str) -> None:
    rules = words("Forbidden", "秘密词", "STRASSE")
    text = f"fine for now: {word} and more"
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            out, hit = shown(rules, [text[:first], text[first:second], text[second:]])
            assert hit and out == "fine for now: "


@pytest.mark.parametrize(
    "spelling", ["forbidden", "f\\u006frbidden", "\\u0066orbidde\\u006E", "秘密词", "\\u79d8密\\u8bcd"]
)
def test_a_word_in_tool_arguments_cannot_hide_behind_escapes(spelling: str) -> None:
    rules = words("forbidden", "秘密词")
    text = '{"note":"ok \\\\ \\ud83d\\ude00 ' + spelling + ' tail"}'
    for at in range(len(text) + 1):
        out, hit = shown(rules, cut(text, at), as_json=True)
        assert hit and out == '{"note":"ok \\\\ \\ud83d\\ude00 '
    out, hit = shown(rules, list(text), as_json=True)
    assert hit and spelling[-2:] not in out


@given(st.text(alphabet='ab"\\\n/é😀秘', max_size=30), st.lists(st.integers(0, 60), max_size=4), st.booleans())
@settings(deadline=None)
def test_harmless_json_comes_through_byte_for_byte(value: str, cuts: list[int], ascii_only: bool) -> None:
    text = json.dumps({"k": value}, ensure_ascii=ascii_only)
    edges = sorted({0, len(text), *(at for at in cuts if at < len(text))})
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    assert shown(words("zzz"), pieces, as_json=True) == (text, False)


ALPHABET = "abc秘"


@given(
    st.lists(st.text(alphabet=ALPHABET, min_size=1, max_size=4), min_size=1, max_size=6),
    st.text(alphabet=ALPHABET, max_size=40),
    st.lists(st.integers(1, 5), max_size=40),
)
@settings(max_examples=400, deadline=None)
def test_a_stream_agrees_with_looking_at_the_whole_text(patterns: list[str], text: str, sizes: list[int]) -> None:
    pieces: list[str] = []
    rest = text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    pieces.append(rest)
    matches = [(at, at + len(word)) for word in patterns for at in range(len(text)) if text.startswith(word, at)]
    masked = "".join("*" if any(a <= at < b for a, b in matches) else text[at] for at in range(len(text)))
    assert shown(words(*patterns, action="mask"), pieces) == (masked, False)
    out, hit = shown(words(*patterns), pieces)
    assert hit == bool(matches)
    first_end = min((b for _, b in matches), default=len(text) + 1)
    begin = min((a for a, b in matches if b == first_end), default=len(text))
    assert out == text[:begin]


def test_a_replacement_is_said_once_however_the_match_is_cut() -> None:
    rules = inline(Rule(id="r", kind="words", action="replace", patterns=["forbidden", "bid"], replacement="<gone>"))
    text = "a forbidden b"
    for at in range(len(text)):
        assert shown(rules, cut(text, at)) == ("a <gone> b", False)
    assert shown(rules, list(text)) == ("a <gone> b", False)


def test_a_replacement_in_tool_arguments_stays_json() -> None:
    rules = inline(Rule(id="r", kind="words", action="replace", patterns=["bad"], replacement='"no"\n'))
    out, _ = shown(rules, list('{"x":"a bad b"}'), as_json=True)
    assert json.loads(out) == {"x": 'a "no"\n b'}


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        ("email", "first.last@mail.example.com"),
        ("phone_cn", "13800138000"),
        ("phone_intl", "+44 20 7946 0958"),
        ("card", "4111 1111 1111 1111"),
        ("resident_cn", "11010519491231002X"),
        ("ipv4", "203.0.113.77"),
    ],
)
def test_personal_data_cut_anywhere_is_masked_whole(kind: str, secret: str) -> None:
    assert kind in PII
    rules = inline(Rule(id="p", kind="pii", action="mask", patterns=[kind]))
    text = f"write to {secret}, please"
    expected = f"write to {'*' * len(secret)}, please"
    for at in range(len(text)):
        assert shown(rules, cut(text, at)) == (expected, False)
    assert shown(rules, list(text)) == (expected, False)


@pytest.mark.parametrize("text", ["4111 1111 1111 1112", "300.1.1.1", "110105194912310021", "1380013800"])
def test_what_only_looks_like_personal_data_passes(text: str) -> None:
    rules = inline(Rule(id="p", kind="pii", action="mask", patterns=["card", "ipv4", "resident_cn", "phone_cn"]))
    assert shown(rules, list(f"no. {text} ok")) == (f"no. {text} ok", False)


def test_a_pattern_that_could_grow_forever_is_stopped_by_the_bound() -> None:
    rules = inline(Rule(id="r", kind="regex", patterns=[r"begin.*end"]))
    out, hit = shown(rules, ["begin", *("x" * 100 for _ in range(60))])
    assert hit and out == ""


def test_a_pattern_that_explodes_counts_as_matched() -> None:
    rules = inline(Rule(id="r", kind="regex", patterns=[r"(a|aa)+$b"]))
    out, hit = shown(rules, ["a" * 200, " tail"])
    assert hit and out == ""
