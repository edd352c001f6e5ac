from __future__ import annotations

from pathlib import Path

import pytest

from thriftwire.commands.outcome import Usage
from thriftwire.commands.suite import Expect, Range, Seen, complaints, read

SEEN = Seen(
    messages=[{"a": 1, "b": {"c": [1, 2]}}, {"a": 2}],
    times=[0.1, 0.5],
    total_s=0.6,
    headers={"h": "1"},
    trailers={"t": "2"},
    backward={"k": "3"},
)


@pytest.mark.parametrize(
    ("expect", "complaint"),
    [
        (Expect(), None),
        (Expect(end="business"), "ended with ok, not with business"),
        (Expect(code=5), "ended with code None, not 5"),
        (Expect(message="x"), "the error says '', not 'x'"),
        (Expect(first_message_within_s=0.2), None),
        (Expect(first_message_within_s=0.05), "the first message came after 0.100 s, not within 0.05 s"),
        (Expect(total_within_s=0.5), "the call ended after 0.600 s"),
        (Expect(gap_within_s=0.3), "a message came after 0.400 s"),
        (Expect(count=2), None),
        (Expect(count=3), "2 messages came, not 3"),
        (Expect(count=Range(min=1, max=2)), None),
        (Expect(count=Range(min=3)), "2 messages came, not at least 3"),
        (Expect(messages=[{"b": {"c": [1, 2]}}, {"a": 2}]), None),
        (Expect(messages=[{"a": 2}]), "messages[0].a is 1, not 2"),
        (Expect(messages=[{}, {}, {"a": 3}]), "message 2 did not come"),
        (Expect(last={"a": 2}), None),
        (Expect(last={"a": 9}), "last.a is 2, not 9"),
        (Expect(expressions=["count == 2", "messages[0].a == 2"]), "not so: messages[0].a == 2"),
        (Expect(expressions=["nobody"]), "nothing is called 'nobody'"),
        (Expect(headers={"h": "1"}, trailers={"t": "2"}, backward={"k": "3"}), None),
        (Expect(trailers={"t": "3"}), "trailers['t'] is '2', not '3'"),
    ],
)
def test_what_is_not_as_expected_is_said(expect: Expect, complaint: str | None) -> None:
    found = complaints(expect, SEEN)
    assert len(found) == (complaint is not None)
    assert complaint is None or complaint in found[0]


@pytest.mark.parametrize(
    "text",
    [
        "cases: 1",
        "cases: [{name: x}]",
        "cases: []\nunknown: 1",
        "a: [",
        "cases: [{name: a, method: b, expect: {end: well}}]",
    ],
)
def test_what_is_no_suite_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(text)
    with pytest.raises(Usage, match=r"suite.yaml"):
        read(path)
