"""Units keep every source character and read as what a person would read."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from promptwire.llm.moderation.units import JSONUnits, PlainUnits, reads


@given(st.text(), st.booleans())
def test_json_units_read_as_the_decoded_text(text: str, ascii_only: bool) -> None:
    source = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
    units = JSONUnits()
    pieces = [unit for character in source for unit in units.feed(character)] + units.finish()
    assert "".join(unit.source for unit in pieces) == source
    assert "".join(unit.reads for unit in pieces) == reads(text)


def test_half_an_escape_at_the_end_is_not_lost() -> None:
    for tail in ("\\", "\\u", "\\u12", "\\ud83d", "\\ud83d\\u"):
        units = JSONUnits()
        pieces = units.feed("ab" + tail) + units.finish()
        assert "".join(unit.source for unit in pieces) == "ab" + tail


def test_plain_units_are_characters() -> None:
    assert [unit.source for unit in PlainUnits().feed("aé")] == ["a", "é"]
