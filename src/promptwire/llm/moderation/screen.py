"""One stream of text under inline rules: what may be shown now, and what must wait for more.

Held back is exactly what could still become part of a match: the depth of the words' automaton, and the start of any
regular expression that the end of the text matches in part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import regex

from promptwire.api.governance import Rule
from promptwire.llm.moderation.rules import Inline, Pattern
from promptwire.llm.moderation.units import JSONUnits, PlainUnits, Unit, is_even, reads
from promptwire.llm.moderation.words import Words

CONTEXT_CHARS: Final = 64  # what was shown last, so that a pattern can look behind
MAX_HELD_CHARS: Final = 4_096  # a pattern that is still undecided over this much text counts as matched
SCAN_TIMEOUT_S: Final = 0.1  # so does one that takes this long


class Units(Protocol):
    """Text as units, piece by piece."""

    def feed(self, text: str) -> list[Unit]:
        """The units that ``text`` completes."""
        ...

    def finish(self) -> list[Unit]:
        """The units of what was kept, now that nothing more comes."""
        ...


class Hit(NamedTuple):
    """A rule whose action is to stop matched."""

    rule: Rule
    matched: str  # what it reads as; for the record, never for the reader


@dataclass(slots=True)
class _Mark:
    """A match to be hidden; ``said``: its replacement is out."""

    rule: Rule
    said: bool = False


@dataclass(slots=True)
class _Held:
    unit: Unit
    mark: _Mark | None = None


@dataclass(slots=True)
class Screen:
    """One stream's text under ``rules``. ``as_json``: it is the JSON of a tool's arguments."""

    rules: Inline
    as_json: bool = False
    shown_chars: int = 0
    hit: Hit | None = None
    _units: Units = field(init=False)
    _held: list[_Held] = field(default_factory=list[_Held])
    _state: int = 0
    _kept: str = ""  # held back like `_held`, while nothing in the stream needed a closer look
    _context: str = ""  # what the last units shown read as
    _scanned: dict[int, int] = field(default_factory=dict[int, int])  # pattern -> units of `_held` it is done with

    def __post_init__(self) -> None:
        self._units = JSONUnits() if self.as_json else PlainUnits()

    def feed(self, text: str) -> str:
        """What of the stream, with ``text`` now at its end, may be shown. After a `hit` nothing more is."""
        if self.rules.words is not None and not (self._held or self.rules.patterns or self.as_json):
            read = reads(text)
            state = self.rules.words.pass_over(self._state, read) if is_even(text) else -1
            if state >= 0:
                return self._pass(text, state, self.rules.words.depth[state])
        if self._kept:
            self._held = [_Held(unit) for unit in self._units.feed(self._kept)]
            self._kept = ""
        return self._take(self._units.feed(text), final=False)

    def _pass(self, text: str, state: int, hold: int) -> str:
        """Show text in which no word ends, up to the ``hold`` characters that may begin one."""
        text = self._kept + text
        self._state = state
        show = len(text) - hold
        self._kept = text[show:]
        self.shown_chars += show
        return text[:show]

    def finish(self) -> str:
        """What was held back and turned out to be harmless, now that nothing more comes."""
        kept, self._kept = self._kept, ""
        self.shown_chars += len(kept)
        return kept + self._take(self._units.finish(), final=True)

    def _take(self, units: list[Unit], *, final: bool) -> str:
        if self.hit is not None:
            return ""
        hold = self._match_words(units)
        if self.hit is None and self.rules.patterns:
            hold = max(hold, self._match_patterns(final=final))
        if self.hit is not None:
            return self._show(len(self._held))
        return self._show(len(self._held) - (0 if final else hold))

    def _match_words(self, units: list[Unit]) -> int:
        """Mark the words that ``units`` complete; how many units may be the beginning of another."""
        words = self.rules.words
        if words is None:
            self._held.extend(_Held(unit) for unit in units)
            return 0
        for unit in units:
            self._held.append(_Held(unit))
            self._advance(words, unit)
            if self.hit is not None:
                return 0
        return len(self._held) - self._back(words.depth[self._state])

    def _advance(self, words: Words, unit: Unit) -> None:
        """Take the automaton over ``unit``, the last one held; mark what it finds until a word stops the stream."""
        for character in unit.reads:
            self._state = words.step(self._state, character)
            for length, value in words.found(self._state):
                if self.hit is None:
                    self._mark(self.rules.word_rules[value], self._back(length), len(self._held))

    def _back(self, length: int) -> int:
        """The index in `_held` of the unit where the last ``length`` characters, as read, begin."""
        index = len(self._held)
        while length > 0 and index > 0:
            index -= 1
            length -= len(self._held[index].unit.reads)
        return index

    def _match_patterns(self, *, final: bool) -> int:
        """Mark what the patterns match; how many units they need to see more of."""
        starts: list[int] = []  # where each unit begins in `text`
        text = self._context
        for held in self._held:
            starts.append(len(text))
            text += held.unit.reads
        hold = 0
        for number, pattern in enumerate(self.rules.patterns):
            begin = self._search(number, pattern, text, starts, final=final)
            if self.hit is not None:
                return 0
            hold = max(hold, len(self._held) - begin)
        return hold

    def _search(self, number: int, pattern: Pattern, text: str, starts: list[int], *, final: bool) -> int:
        """Mark the matches of one pattern; the index of the first unit that may belong to one yet to come."""
        done = self._scanned.get(number, 0)
        while done < len(self._held):
            try:
                match = pattern.expression.search(text, pos=starts[done], partial=not final, timeout=SCAN_TIMEOUT_S)
                growing = match is not None and not final and _may_grow(pattern, match, text)
            except TimeoutError:
                self._mark(pattern.rule, done, len(self._held))
                break
            if match is None:
                done = len(self._held)
                break
            begin = _unit_at(starts, match.start())
            if growing:
                if len(text) - starts[begin] > MAX_HELD_CHARS:
                    self._mark(pattern.rule, begin, len(self._held))
                self._scanned[number] = begin
                return begin
            end = _unit_at(starts, match.end() - 1) + 1
            if pattern.valid(match.group()):
                self._mark(pattern.rule, begin, end)
                if self.hit is not None:
                    return begin
            done = max(end, done + 1)
        self._scanned[number] = done
        return done

    def _mark(self, rule: Rule, begin: int, end: int) -> None:
        """Hide the units from ``begin`` to ``end``, or stop before them."""
        if rule.action == "stop":
            self.hit = Hit(rule, "".join(held.unit.reads for held in self._held[begin:end]))
            del self._held[begin:]
            return
        marked = self._held[begin:end]
        mark = next((held.mark for held in marked if held.mark is not None), None) or _Mark(rule)
        for held in marked:
            held.mark = mark

    def _show(self, count: int) -> str:
        """Let the first ``count`` units go."""
        going = self._held[:count]
        if not going:
            return ""
        del self._held[:count]
        self._scanned = {number: max(done - count, 0) for number, done in self._scanned.items()}
        if self.rules.patterns:
            read = "".join(held.unit.reads for held in going)
            self._context = (self._context + read)[-CONTEXT_CHARS:]
        shown = "".join(held.unit.source if held.mark is None else self._instead(held, held.mark) for held in going)
        self.shown_chars += len(shown)
        return shown

    def _instead(self, held: _Held, mark: _Mark) -> str:
        if mark.rule.action == "mask":
            return "*" if held.unit.reads else ""
        if mark.said:
            return ""
        mark.said = True
        return json.dumps(mark.rule.replacement)[1:-1] if self.as_json else mark.rule.replacement


def _may_grow(pattern: Pattern, match: regex.Match[str], text: str) -> bool:
    """Whether more text may make ``match`` whole, or longer where the length decides what is hidden."""
    if match.partial:
        return True
    if pattern.rule.action == "stop" and pattern.valid(match.group()):
        return False
    return pattern.expression.fullmatch(text, pos=match.start(), partial=True, timeout=SCAN_TIMEOUT_S) is not None


def _unit_at(starts: list[int], position: int) -> int:
    """The index of the unit that holds ``position``: the last that begins there or before and is not empty."""
    index = 0
    for number, start in enumerate(starts):
        if start > position:
            break
        index = number
    return index
