"""``promptwire chat`` as a person types it: the answer on standard output, the rest beside it, a code at the end."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from journeys.served import Served, eventually
from promptwire.cli import FAILED, INTERRUPTED, UNREAD


def chat(served: Served, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "promptwire", "chat", "--server", served.url, *arguments]
    return subprocess.run(command, input=said, capture_output=True, text=True, timeout=60, check=False)


def test_a_model_answers(served: Served) -> None:
    answer = chat(served, "Grüße, 世界", "--model", "simulated/echo")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "Grüße, 世界\n", "")


def test_what_is_said_may_come_from_a_pipe(served: Served) -> None:
    answer = chat(served, "-", "--model", "simulated/echo", said="piped\n")
    assert (answer.returncode, answer.stdout) == (0, "piped\n")


def test_a_prompt_runs_with_its_variables(served: Served) -> None:
    answer = chat(served, "--prompt", "demo", "--var", "topic=kites")
    assert answer.returncode == 0
    assert "kites" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hi", "--model", "simulated/nobody"], "error: not_found (connect): "),
        (["--prompt", "nobody"], "error: not_found (connect): "),
        (["--prompt", "demo", "--var", "topic:=5"], "error: invalid_request (connect): the variable 'topic'"),
    ],
)
def test_a_failure_says_its_class_phase_and_reason(served: Served, arguments: list[str], said: str) -> None:
    answer = chat(served, *arguments)
    assert (answer.returncode, answer.stdout) == (FAILED, "")
    assert answer.stderr.startswith(said)


@pytest.mark.parametrize(("end", "code"), [("ctrl-c", INTERRUPTED), ("head", UNREAD)])
def test_who_has_read_enough_may_leave(served: Served, end: str, code: int) -> None:
    command = [sys.executable, "-m", "promptwire", "chat", "--server", served.url, "on and on"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.read(3)
        if end == "head":
            process.stdout.close()
        else:
            process.send_signal(signal.SIGINT)
        eventually(lambda: process.poll() is not None, "it ends")
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (code, b"")
