"""An operator's probes: this process, and the services behind it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.typist import Host, Typist, hosted
from promptwire.api.llm import (
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    TokenCount,
)
from promptwire.errors import Failure
from thriftwire.errors import ConnectError


async def test_a_process_that_answers_is_alive(host: Host) -> None:
    answer = await host.ask("GET", "/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


async def test_it_is_ready_when_every_service_answers(host: Host) -> None:
    answer = await host.ask("GET", "/readyz")
    assert (answer.status, answer.json["status"]) == (200, "ready")
    assert answer.json["services"] == {"LLMService": "ok", "PromptService": "ok"}


class Broken(Typist):
    """Cannot list its models."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self._error = error

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        raise NotImplementedError

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        if self._error is None:
            await asyncio.Event().wait()
        raise self._error or AssertionError


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ConnectError("refused"), "overloaded: the service cannot be reached"),
        (Failure("internal", "the disk is full"), "internal: the disk is full"),
    ],
)
async def test_it_is_not_ready_when_a_service_is_not(error: Exception, state: str) -> None:
    async with hosted(Broken(error)) as host:
        answer = await host.ask("GET", "/readyz")
    assert (answer.status, answer.json["status"]) == (503, "not ready")
    assert answer.json["services"] == {"LLMService": state, "PromptService": "ok"}


async def test_a_service_that_hangs_is_not_ready() -> None:
    async with hosted(Broken(), patience_s=0.05) as host:
        answer = await host.ask("GET", "/readyz")
    assert answer.status == 503
    assert answer.json["services"]["LLMService"].startswith("timeout_total")
