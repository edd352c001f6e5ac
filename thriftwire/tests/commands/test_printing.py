from __future__ import annotations

from typing import Any

import pytest

from contract import everything, shared
from thriftwire.commands.printing import Printer, Reply, describe_error, show_entries, text_of
from thriftwire.errors import ApplicationError, BizStatusError, Cancelled, ConnectError, RecvTimeout

POINT = Reply(b"\x08\x00", everything.Point(x=1, label="é"))


@pytest.mark.parametrize(
    ("output", "printed"),
    [
        ("pretty", '{\n  "x": 1,\n  "label": "é"\n}\n'),
        ("jsonl", '{"x":1,"label":"é"}\n'),
        ("hex", "0800\n"),
        ("raw", "\x08\x00"),
    ],
)
def test_a_response_in_each_output(output: str, printed: str, capfd: pytest.CaptureFixture[str]) -> None:
    printer = Printer(output)
    printer.show(POINT)
    printer.end()
    assert capfd.readouterr().out == printed


def test_a_typewriter_ends_its_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer("typewriter", "label")
    for label in ("Hel", "lo", ""):
        printer.show(Reply(b"", everything.Point(label=label)))
    assert capsys.readouterr().out == "Hello"
    printer.end()
    assert capsys.readouterr().out == "\n"
    Printer("typewriter").end()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "path", "text"),
    [
        ({"delta": {"text": "a"}}, "", "a"),
        ({"content": "a", "id": "b"}, "", "a"),
        ({"start": {"run_id": "r"}}, "", ""),
        ({"done": {"usage": {"n": 1}}}, "", ""),
        ("a", "", "a"),
        (1, "", ""),
        ({"a": {"b": "c"}}, "a.b", "c"),
        ({"a": {"b": 1}}, "a.b", ""),
        ({"a": "x"}, "a.b", ""),
    ],
)
def test_the_text_of_a_response(value: Any, path: str, text: str) -> None:
    assert text_of(value, path) == text


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BizStatusError(5, "no", {"a": "b"}), 'business status 5: no {"a":"b"}'),
        (BizStatusError(5, "no"), "business status 5: no"),
        (shared.Broken(code=1), 'threw Broken {"code":1,"message":"broken","args":[]}'),
        (ApplicationError(6, "bad"), "exception 6: bad"),
        (Cancelled("gone", path=("a", "b")), "cancelled (12007) by way of a -> b: gone"),
        (RecvTimeout("late"), "timed out (12014): late"),
        (ConnectError("refused"), "ConnectError (12006): refused"),
        (ValueError("x"), "ValueError: x"),
    ],
)
def test_what_went_wrong_is_a_line(error: Exception, line: str) -> None:
    assert describe_error(error) == line


def test_entries_are_shown_when_there_are_any(capsys: pytest.CaptureFixture[str]) -> None:
    show_entries("Headers", {})
    show_entries("Trailers", {"b": "2", "a": "1"})
    assert capsys.readouterr().err == '[Trailers]: {"a":"1","b":"2"}\n'
