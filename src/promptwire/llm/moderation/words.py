"""Finding any of many words in text that comes in pieces: Aho and Corasick's automaton (CACM 18, 1975).

The depth of the automaton's state is the length of the longest end of the text that begins some word, which is
exactly what must be held back so that no character of a word is ever shown before the word is known to be absent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TypeAlias

State: TypeAlias = int


class Words:
    """The automaton of ``words``: a mapping from what a word reads as to whatever the caller wants back for it."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._next: list[dict[str, State]] = [{}]
        self._fail: list[State] = [0]
        self.depth: list[int] = [0]
        self._found: list[tuple[tuple[int, int], ...]] = [()]
        for word, value in words.items():
            self._add(word, value)
        self._link()

    def _add(self, word: str, value: int) -> None:
        state = 0
        for character in word:
            following = self._next[state].get(character)
            if following is None:
                following = len(self._next)
                self._next[state][character] = following
                self._next.append({})
                self._fail.append(0)
                self.depth.append(self.depth[state] + 1)
                self._found.append(())
            state = following
        if state:
            self._found[state] = (*self._found[state], (len(word), value))

    def _link(self) -> None:
        """Say where each state falls back to, and what ends there too."""
        waiting = deque(self._next[0].values())
        while waiting:
            state = waiting.popleft()
            for character, following in self._next[state].items():
                self._fail[following] = self.step(self._fail[state], character)
                self._found[following] += self._found[self._fail[following]]
                waiting.append(following)

    def step(self, state: State, character: str) -> State:
        """The state after ``character``."""
        table, fail = self._next, self._fail
        following = table[state].get(character)
        while following is None:
            if not state:
                return 0
            state = fail[state]
            following = table[state].get(character)
        return following

    def pass_over(self, state: State, text: str) -> State:
        """The state after ``text``, or -1 when some word ends in it."""
        following, found = self._next, self._found
        for character in text:
            after = following[state].get(character)
            state = self.step(state, character) if after is None else after
            if found[state]:
                return -1
        return state

    def found(self, state: State) -> tuple[tuple[int, int], ...]:
        """The words that end here, longest first: (length, value)."""
        return self._found[state]
