"""Spans that ended, for the tests of what makes them."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from promptwire.span import Spans


class Ended(SpanProcessor):
    """The spans that ended."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        """One more."""
        self.spans.append(span)


@pytest.fixture
def ended() -> Ended:
    """What `spans` made and ended."""
    return Ended()


@pytest.fixture
def spans(ended: Ended) -> Spans:
    """The spans of a process."""
    spans = Spans("test")
    spans.add(ended)
    return spans
