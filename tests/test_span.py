"""Spans hang together by what a call carries, and go only where they were sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.trace import SpanKind, Status, StatusCode

import thriftwire.call
from ended import Ended
from promptwire.api.message import Usage
from promptwire.errors import Failure
from promptwire.span import (
    TRACEPARENT,
    ExportError,
    Spans,
    Timed,
    carried,
    ended_by,
    exporter,
    fail,
    of_usage,
    trace_id,
    traceparent,
    unkept,
)
from thriftwire.call import Call
from thriftwire.errors import StreamTimeout, TransportError

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GIVEN = f"00-{TRACE}-{SPAN}-01"


@contextmanager
def calling(given: str = "") -> Iterator[Call]:
    call = Call()
    if given:
        call.metadata.persistent[TRACEPARENT] = given
    with thriftwire.call.serving(call):
        yield call


def test_a_span_is_a_child_of_what_its_call_carries(spans: Spans, ended: Ended) -> None:
    with calling(GIVEN):
        span = spans.start("work", parent=carried())
        span.end()
    (told,) = ended.spans
    assert trace_id(span) == TRACE
    assert told.parent is not None and told.parent.span_id == int(SPAN, 16) and told.parent.is_remote
    assert traceparent(span).startswith(f"00-{TRACE}-") and SPAN not in traceparent(span)


def test_a_child_made_from_what_its_parent_says_is_in_the_tree(spans: Spans, ended: Ended) -> None:
    parent = spans.start("parent")
    spans.start("child", parent=traceparent(parent)).end()
    spans.start("sibling", parent=parent).end()
    child, sibling = ended.spans
    for one in (child, sibling):
        assert one.parent is not None
        assert one.parent.span_id == parent.get_span_context().span_id
        assert trace_id(parent) == f"{one.parent.trace_id:032x}"


@pytest.mark.parametrize("given", ["", "junk", f"00-{'0' * 32}-{SPAN}-01", "00-abc-def-01"])
def test_a_parent_that_is_none_begins_a_trace(spans: Spans, given: str) -> None:
    span = spans.start("work", parent=given)
    assert trace_id(span).strip("0") and trace_id(span) != TRACE


def test_a_trace_its_caller_does_not_sample_is_not_kept(spans: Spans, ended: Ended) -> None:
    span = spans.start("work", parent=f"00-{TRACE}-{SPAN}-00")
    span.end()
    assert (trace_id(span), ended.spans) == (TRACE, [])
    assert traceparent(span).endswith("-00")


def test_a_switched_off_sdk_still_gives_traces_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    spans = Spans("test")
    assert trace_id(spans.start("a")).strip("0") != ""


@pytest.mark.parametrize(("sampler", "kept"), [("always_off", 0), ("always_on", 2), ("parentbased_always_on", 1)])
def test_the_environment_may_name_another_sampler(monkeypatch: pytest.MonkeyPatch, sampler: str, kept: int) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    spans, heard, ended = Spans("test"), list[Timed](), Ended()
    spans.hear(heard.append)
    spans.add(ended)
    spans.start("root").end()
    spans.start("child", parent=f"00-{TRACE}-{SPAN}-00").end()
    assert len(heard) == len(ended.spans) == kept


def test_processors_get_what_was_said_of_a_span(spans: Spans, ended: Ended) -> None:
    spans.add(other := Ended())
    span = spans.start("work", kind=SpanKind.CLIENT, attributes={"a": 1, "b": ["x"]})
    span.set_attributes({"a": 2})
    span.add_event("happened", {"why": "so"}, 7)
    span.record_exception(ValueError("secret"))
    span.update_name("more work")
    span.set_status(Status(StatusCode.ERROR, "badly"))
    assert span.is_recording()
    span.end()
    span.end()
    assert not span.is_recording()
    (told,) = ended.spans
    assert [one.name for one in other.spans] == ["more work"]
    assert (told.name, told.kind, dict(told.attributes or {})) == ("more work", SpanKind.CLIENT, {"a": 2, "b": ("x",)})
    assert told.context == span.get_span_context()
    assert (told.status.status_code, told.status.description) == (StatusCode.ERROR, "badly")
    first, second = told.events
    assert (first.name, first.timestamp, dict(first.attributes or {})) == ("happened", 7, {"why": "so"})
    assert dict(second.attributes or {}) == {"exception.type": "ValueError"}
    assert told.start_time is not None and told.end_time is not None
    assert 0 < told.start_time <= told.end_time


def test_a_failure_is_marked_and_a_cancelled_run_has_not_failed(spans: Spans, ended: Ended) -> None:
    for failure in (Failure("rate_limited", "slow down", vendor_status=429), Failure("cancelled", "gone")):
        span = spans.start("work")
        fail(span, failure)
        span.end()
    failed, cancelled = ended.spans
    assert failed.attributes is not None and cancelled.attributes is not None
    assert (failed.status.status_code, failed.status.description) == (StatusCode.ERROR, "slow down")
    assert (failed.attributes["error.type"], failed.attributes["http.response.status_code"]) == ("rate_limited", 429)
    assert (cancelled.status.status_code, cancelled.attributes["error.type"]) == (StatusCode.UNSET, "cancelled")


def test_a_handler_that_is_closed_asks_its_call_why() -> None:
    with calling() as call:
        assert ended_by(GeneratorExit()).class_ == "cancelled"
        call.cancel(StreamTimeout("late"))
        assert ended_by(GeneratorExit()).class_ == "timeout_total"
    assert ended_by(Failure("not_found", "x")).class_ == "not_found"


def test_a_caller_whose_connection_is_gone_has_left() -> None:
    with calling() as call:
        call.cancel(TransportError("the connection was lost"))
        assert ended_by(GeneratorExit()).class_ == "cancelled"
    assert ended_by(TransportError("the service's was")).class_ == "upstream_cut"


def test_usage_counts_every_kind_of_input() -> None:
    said = of_usage(Usage(input_tokens=1, cache_read_tokens=2, output_tokens=4, reasoning_tokens=8, cost=0.5))
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == (3, 12)
    assert said["gen_ai.usage.cache_read.input_tokens"] == 2
    assert said["promptwire.cost"] == 0.5
    assert "gen_ai.usage.cache_write.input_tokens" not in said


def test_a_call_of_a_tool_is_a_span(spans: Spans, ended: Ended) -> None:
    parent = spans.start("run")
    with spans.tool("weather", "call_1", parent=parent) as span:
        span.set_attribute("more", 1)
    with pytest.raises(ValueError, match="broken"), spans.tool("weather", "call_2", parent=parent):
        raise ValueError("broken")
    well, badly = ended.spans
    assert well.attributes is not None
    assert (well.name, well.attributes["gen_ai.tool.call.id"]) == ("execute_tool weather", "call_1")
    assert badly.status.status_code is StatusCode.ERROR


def test_nothing_is_exported_unless_somebody_asks() -> None:
    assert exporter(None, {}) is None


@pytest.mark.parametrize("named", [True, False])
def test_an_exporter_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, named: bool) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    endpoint, environment = ("http://collector:4318", {}) if named else (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "x"})
    with pytest.raises(ExportError, match=r"promptwire\[otlp\]"):
        exporter(endpoint, environment)


def test_spans_nobody_wants_are_made_once() -> None:
    assert unkept() is unkept()
