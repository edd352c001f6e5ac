"""What is too large is cut where it hurts least, and says what is missing."""

from __future__ import annotations

import msgspec

from promptwire.record.trimming import DATA, KEPT, LINE, shorten, trim


def test_what_fits_is_kept_as_it_is() -> None:
    value = {"url": "data:image/png;base64," + "A" * (DATA + 1)}
    assert trim(value) == (msgspec.json.encode(value).decode(), True)


def test_files_go_first() -> None:
    trimmed = trim({"text": "x" * (LINE + 1), "parts": [{"url": "data:image/png;base64," + "A" * KEPT}]})
    assert trimmed.text is not None and not trimmed.whole
    kept = msgspec.json.decode(trimmed.text)
    assert kept["text"] == "x" * (LINE + 1)
    assert kept["parts"][0]["url"].startswith("data:image/png;base64,AAA")
    assert kept["parts"][0]["url"].endswith(f"… ({KEPT + 22 - 64} characters left out)")


def test_long_texts_go_next() -> None:
    trimmed = trim({"text": "x" * (KEPT + 1), "number": 1})
    assert trimmed.text is not None
    kept = msgspec.json.decode(trimmed.text)
    assert (kept["text"], kept["number"]) == ("x" * LINE + f"… ({KEPT + 1 - LINE} characters left out)", 1)


def test_what_is_large_all_over_goes_whole() -> None:
    assert trim(["x" * 100] * (KEPT // 50)) == (None, False)


def test_what_was_never_here_is_missing_too() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abc", 3, missing=5) == "abc… (5 characters left out)"
    assert shorten("abcd", 3, missing=5) == "abc… (6 characters left out)"
