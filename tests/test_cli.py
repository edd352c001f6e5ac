"""The command types a run, says what went wrong, and ends with a code a script can use."""

import io

import pytest

from promptwire.api.message import Delta, Done, Reasoning, ToolCallDelta, ToolResult, Usage
from promptwire.cli import FAILED, UNREACHABLE, WRONG, Typewriter, main
from promptwire.errors import Failure

DONE = Done(finish_reason="stop", usage=Usage(input_tokens=3, output_tokens=4), ttft_ms=20.0, duration_ms=1500.0)


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_answer_is_typed_apart_from_everything_else() -> None:
    out, aside = io.StringIO(), io.StringIO()
    typewriter = Typewriter(out, aside)
    for event in (
        Reasoning(text="hm"),
        Delta(text="Hel"),
        Delta(text="lo"),
        ToolCallDelta(index=0, id="1", name="f", arguments="{"),
        ToolCallDelta(index=0, arguments="}"),
        ToolResult(index=0, id="1", name="f", content="sun", source="mock"),
        DONE,
    ):
        typewriter.type(event)
    assert (out.getvalue(), aside.getvalue()) == ("Hello\n", "hm\nf {}\nf → sun (mock)\n")


def test_an_answer_that_ends_its_line_gets_no_other() -> None:
    out = io.StringIO()
    typewriter = Typewriter(out, io.StringIO())
    typewriter.type(Delta(text="x\n"))
    typewriter.type(DONE)
    assert out.getvalue() == "x\n"


def test_a_person_is_told_the_numbers() -> None:
    aside = Terminal()
    Typewriter(io.StringIO(), aside).type(DONE)
    assert aside.getvalue() == "3 + 4 tokens in 1.5 s, first token after 20 ms\n"


def test_a_failure_stands_under_the_partial_answer() -> None:
    out, aside = io.StringIO(), io.StringIO()
    typewriter = Typewriter(out, aside)
    typewriter.type(Delta(text="partial"))
    typewriter.fail(Failure("rate_limited", "slow down", phase="mid_stream", retry_after_s=2.0, trace_id="t1"))
    assert out.getvalue() == "partial\n"
    assert aside.getvalue() == "error: rate_limited (mid_stream): slow down\ntry again in 2 s\ntrace t1\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "teapot"], "'teapot'"),
        (["serve", "--port", "eighty"], "--port"),
        (["serve", "--split", "llm"], "--split"),
        (["chat", "hi", "--prompt", "p", "--model", "m"], "--prompt or --model"),
        (["chat", "hi", "--var", "a=1"], "--var needs --prompt"),
        (["chat", "hi", "--label", "production"], "--label needs --prompt"),
        (["chat", "--prompt", "p", "--var", "a"], "NAME=VALUE"),
        (["chat", "--prompt", "p", "--var", "a:={"], "'a' is not JSON"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == WRONG
    assert said in capsys.readouterr().err


def test_no_server_has_a_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat", "hi", "--server", "http://127.0.0.1:1"]) == UNREACHABLE
    assert "promptwire serve" in capsys.readouterr().err
    assert main(["chat", "hi", "--server", "ftp://127.0.0.1"]) == UNREACHABLE


def test_a_taken_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["serve", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path)]) == FAILED
    assert "cannot start" in capsys.readouterr().err
