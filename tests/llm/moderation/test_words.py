"""The automaton finds every word, also inside another, and knows how much must wait."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promptwire.llm.moderation.words import Words


@given(st.sets(st.text(alphabet="abc", min_size=1, max_size=5), min_size=1), st.text(alphabet="abc", max_size=40))
def test_it_finds_what_a_search_finds_and_holds_the_longest_beginning(patterns: set[str], text: str) -> None:
    words = Words({word: number for number, word in enumerate(sorted(patterns))})
    state = 0
    for end, character in enumerate(text, start=1):
        state = words.step(state, character)
        seen = text[:end]
        assert {length for length, _ in words.found(state)} == {len(word) for word in patterns if seen.endswith(word)}
        beginnings = {word[:size] for word in patterns for size in range(1, len(word) + 1)}
        assert words.depth[state] == max((len(part) for part in beginnings if seen.endswith(part)), default=0)
