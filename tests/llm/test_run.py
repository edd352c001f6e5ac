"""A run knows its names, its phase and its end."""

from __future__ import annotations

import pytest

import thriftwire.call
from promptwire.api.llm import Price
from promptwire.api.message import Usage
from promptwire.errors import Failure
from promptwire.llm.provider import Endpoint, Target
from promptwire.llm.run import Run
from promptwire.span import TRACEPARENT

TARGET = Target(
    id="m",
    model="m",
    endpoint=Endpoint(name="e", kind="openai"),
    prices=(Price(since="2026-01-01", input=0.5, output=1.0),),
)


def test_names_are_made_when_none_are_given() -> None:
    run, other = Run(), Run()
    assert run.run_id.startswith("run_") and run.run_id != other.run_id
    assert len(run.trace_id) == 32 and run.trace_id != other.trace_id


@pytest.mark.parametrize("traceparent", ["", "junk", f"00-{'0' * 32}-{'1' * 16}-01", "00-abc-def-01"])
def test_a_trace_context_that_is_none_is_replaced(traceparent: str) -> None:
    call = thriftwire.call.Call()
    call.metadata.persistent[TRACEPARENT] = traceparent
    with thriftwire.call.serving(call):
        assert len(Run().trace_id.strip("0")) > 8


def test_a_failure_gets_the_phase_the_reader_was_in() -> None:
    run = Run()
    cut = Failure("upstream_cut", "cut", phase="first_packet")
    assert run.failed(cut).phase == "first_packet"
    run.start("m")
    assert run.failed(cut).phase == "mid_stream"
    assert run.failed(Failure("not_found", "x")).phase == "connect"
    assert run.failed(cut).trace_id == run.trace_id


def test_the_end_carries_usage_and_times() -> None:
    run = Run()
    run.start("m")
    run.finish_reason = "length"
    run.usage = Usage(input_tokens=1_000_000)
    done = run.done(TARGET)
    assert (done.finish_reason, done.cost, done.usage) == ("length", 0.5, run.usage)
    assert done.usage.cost == 0.5
    assert done.ttft_ms is not None and done.ttft_ms <= done.duration_ms


def test_without_a_reason_there_is_no_end() -> None:
    run = Run()
    run.start("m")
    with pytest.raises(Failure, match="without saying why"):
        run.done(TARGET)


def test_what_was_tried_is_told() -> None:
    run = Run()
    run.tried("a", Failure("overloaded", "busy"), 0.5)
    assert run.failed(Failure("overloaded", "busy")).details == {}
    run.tried("b", Failure("upstream_cut", "cut"), 0.25)
    assert run.failed(Failure("upstream_cut", "cut")).details == {"attempts": "a: overloaded; b: upstream_cut"}
    attempts = run.start("c").attempts
    assert attempts is not None
    assert [(one.model, one.class_, one.duration_ms) for one in attempts] == [
        ("a", "overloaded", 500.0),
        ("b", "upstream_cut", 250.0),
    ]
