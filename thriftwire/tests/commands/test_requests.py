from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import pytest

from thriftwire.commands import requests
from thriftwire.commands.outcome import Usage
from thriftwire.errors import EncodeError
from thriftwire.thrift.jsonvalues import RequestReader
from thriftwire.thrift.runtime import load

CONTRACT = load(Path(__file__).parent.parent / "contract/everything.thrift")
GATHER = RequestReader(*CONTRACT.find("Gather"))


def parsed(*flags: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    requests.add_arguments(parser)
    return parser.parse_args(flags)


async def xs(stream: Any) -> list[int]:
    return [point.x async for point in stream]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{"x": 1}', 1),
        ('[{"x": 1}, {"x": 2}]', 2),
        ('{"x": 1}\n\n{"x": 2}\n', 2),
        ('{\n"x": 1\n}', 1),
        ("", 0),
        ("[]", 0),
    ],
)
async def test_the_messages_in_a_text(text: str, count: int) -> None:
    assert len(requests.texts_of(text)) == count
    assert await xs(requests.stream(parsed("-d", text), GATHER)) == [1, 2][:count]


async def test_a_file_is_read_whole_or_by_lines(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    path.write_text('{"x": 1}\n{"x": 2}\n{"x": 3}\n')
    assert await xs(requests.stream(parsed("-f", str(path)), GATHER)) == [1, 2, 3]
    assert await xs(requests.stream(parsed("-f", str(path), "--half-close-after", "2"), GATHER)) == [1, 2]
    assert await xs(requests.stream(parsed("-file", str(path), "--interval", "0.001"), GATHER)) == [1, 2, 3]
    path.write_bytes(b"\xff")
    with pytest.raises(Usage, match="is not UTF-8 text"):
        requests.stream(parsed("-f", str(path)), GATHER)
    with pytest.raises(FileNotFoundError):
        requests.stream(parsed("-f", str(tmp_path / "none")), GATHER)


def test_what_is_given_is_checked_before_anything_is_sent() -> None:
    with pytest.raises(EncodeError, match=r"Point\.x: Expected int, got str"):
        requests.stream(parsed("-d", '{"x": 1}\n{"x": "2"}'), GATHER)


def test_a_single_request_comes_from_the_command_line_or_standard_input() -> None:
    service, method = CONTRACT.find("Add")
    reader = RequestReader(service, method)
    assert requests.single(parsed("-d", '{"left": 1}'), method, reader) == (1, 5)
    assert requests.single(parsed(), method, reader, io.StringIO('{"left": 2}')) == (2, 5)
    service, ping = CONTRACT.find("Ping")
    assert requests.single(parsed(), ping, RequestReader(service, ping)) == ()


class Terminal(io.StringIO):
    """Somebody types."""

    def isatty(self) -> bool:
        return True


async def test_whoever_types_may_try_again_and_a_pipe_may_not(capsys: pytest.CaptureFixture[str]) -> None:
    text = '{"x": 1}\n\nnonsense\n{"x": 2}\n'
    assert await xs(requests.typed(GATHER, Terminal(text))) == [1, 2]
    told = capsys.readouterr().err
    assert told.startswith(requests.HINT)
    assert "Point: JSON is malformed" in told
    with pytest.raises(EncodeError, match="JSON is malformed"):
        await xs(requests.typed(GATHER, io.StringIO(text)))


def test_data_and_a_file_are_not_both_given(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("-d", "{}", "-f", "x")
    assert "not allowed with" in capsys.readouterr().err
