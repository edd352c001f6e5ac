"""How long to wait: of a model, of a request, of a caller; over every hop, and what comes while nothing comes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from browser.vendor import Vendor, vending
from journeys.native import connection, put
from journeys.served import Served, serving
from journeys.test_limits import error, sent

STALLS: dict[str, Any] = {"tokens": 10, "fault": {"kind": "stall", "at": 1}}
PAUSES: dict[str, Any] = {"tokens": 10, "fault": {"kind": "stall", "at": 4}}
TYPES: dict[str, Any] = {"tokens": 10_000, "interval_ms": 20}
WAITS = {
    "first_token_s": (STALLS, "timeout_first_token", "first_packet"),
    "idle_s": (PAUSES, "timeout_idle", "mid_stream"),
    "total_s": (TYPES, "timeout_total", "mid_stream"),
}
MODEL = "waiting/echo"
SHORT_S = 0.4
LATE_S = 8.0  # a busy machine; the waits of a model are a minute and more


@pytest.fixture(scope="module")
def vendor() -> Iterator[Vendor]:
    with vending() as vendor:
        yield vendor


@pytest.fixture(scope="module")
def served(vendor: Vendor, topology: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("waits"), *topology) as served:
        provider = {"id": "waiting", "kind": "openai", "base_url": vendor.url}
        assert put(served, "/api/providers", provider)[0] == 200
        model(served, MODEL)
        yield served


def model(served: Served, name: str, **timeouts: float) -> None:
    """A model that is asked once and never left alone."""
    row = {"id": name, "provider": "waiting", "model": "echo", "attempts": 1, "breaker_failures": 0}
    assert put(served, "/api/models/rows", row | {"timeouts": timeouts})[0] == 200


def chat(simulate: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": "x"}], "simulate": simulate} | fields


def told(served: Served, path: str, body: dict[str, Any], **headers: str) -> tuple[str, str]:
    """Class and phase of the failure, which must come soon."""
    begun = time.monotonic()
    status, _, answer = sent(served, path, body, **headers)
    assert time.monotonic() - begun < LATE_S
    said = json.loads(answer)["error"] if status != 200 else json.loads(answer.rpartition(b"data: ")[2])
    said = said.get("error", said)
    return said["class"], said["phase"]


@pytest.mark.parametrize("name", WAITS)
def test_a_wait_of_a_request_on_every_face(served: Served, vendor: Vendor, name: str) -> None:
    simulate, *expected = WAITS[name]
    draft = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
    waits = {"timeouts": {name: SHORT_S}}
    for path, body in (
        ("/api/chat", chat(simulate)),
        ("/v1/chat/completions", chat(simulate, stream=True)),
        ("/v1/chat/completions", chat(simulate)),
        ("/api/prompts/demo/run", {"draft": draft, "simulate": simulate}),
    ):
        assert told(served, path, body | waits) == tuple(expected)
    vendor.stopped_at()


def test_a_wait_of_a_model(served: Served, vendor: Vendor) -> None:
    for name, (simulate, *expected) in WAITS.items():
        model(served, f"waiting/{name}", **{name: SHORT_S})
        assert told(served, "/api/chat", chat(simulate, model=f"waiting/{name}")) == tuple(expected)
    vendor.stopped_at()


def test_a_wait_for_a_connection(served: Served) -> None:
    # An address that answers nothing (RFC 5737); a machine without a route there is told so at once.
    provider = {"id": "far", "kind": "openai", "base_url": "http://192.0.2.1:9/v1"}
    assert put(served, "/api/providers", provider)[0] == 200
    row = {"id": "far/m", "provider": "far", "model": "m", "attempts": 1, "breaker_failures": 0}
    assert put(served, "/api/models/rows", row | {"timeouts": {"connect_s": SHORT_S}})[0] == 200
    said = error(sent(served, "/api/chat", chat({}, model="far/m")))
    assert (said["class"], said["phase"]) in (("timeout_connect", "connect"), ("upstream_error", "connect"))


@pytest.mark.parametrize(("simulate", "phase"), [(STALLS, "first_packet"), (PAUSES, "mid_stream")])
def test_a_callers_deadline_reaches_the_vendor(
    served: Served, vendor: Vendor, simulate: dict[str, Any], phase: str
) -> None:
    draft = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}
    for path, body in (
        ("/api/chat", chat(simulate)),
        ("/api/chat", chat(simulate, resumable_s=30)),
        ("/v1/chat/completions", chat(simulate, stream=True)),
        ("/api/prompts/demo/run", {"draft": draft, "simulate": simulate}),
    ):
        assert told(served, path, body, x_promptwire_timeout_s="3") == ("timeout_total", phase)
        vendor.stopped_at()  # it was told, over every hop


def test_a_silent_model_is_heard_every_fifteen_seconds(tmp_path: Path) -> None:
    body = {"model": "simulated/echo", "messages": [{"role": "user", "content": "thinking"}]}
    body |= {"simulate": {"first_ms": 32_000}}
    with serving(tmp_path / "own") as served, closing(connection(served)) as link:
        begun = time.monotonic()
        link.request("POST", "/api/chat", json.dumps(body))
        response = link.getresponse()
        beats = [time.monotonic() - begun for _ in range(2) if response.readline() + response.readline() == b":\n\n"]
        assert [round(beat / 15) for beat in beats] == [1, 2]
        assert b"event: done" in response.read()
