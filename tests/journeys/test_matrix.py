"""The error matrix: every fault of a vendor, at every point of an answer, is the same error to every reader."""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

import msgspec
import openai
import psutil
import pytest
from openai import OpenAI

import thriftwire
from journeys.native import ask, connection, put
from journeys.native import events as sdk_stream
from journeys.served import Served, serving, simulating
from promptwire.api.llm import LLM_SERVICE, ChatRequest
from promptwire.api.message import Delta, Done
from promptwire.cli import Typewriter
from promptwire.client.sse import server_events
from promptwire.errors import CLASSES, Failure, from_exception

POSITIONS: Final = (0, 1, 3, 99)  # before it is taken, before the first packet, in the middle, before the finish
TEXT: Final = "one two three"
SECRET: Final = "sk-never-to-be-shown"

Cell: TypeAlias = tuple[str, str]  # class and phase


def refusal(class_: str) -> tuple[Cell, ...]:
    """What a vendor may say at any time."""
    return (class_, "connect"), (class_, "first_packet"), (class_, "mid_stream"), (class_, "mid_stream")


MATRIX: Final[dict[str, tuple[Cell, ...]]] = {
    "permission": refusal("permission_denied"),
    "rate_limit": refusal("rate_limited"),
    "token_limit": refusal("token_limited"),
    "overloaded": refusal("overloaded"),
    "stall": (*[("timeout_first_token", "first_packet")] * 2, *[("timeout_idle", "mid_stream")] * 2),
    "cut": (*[("upstream_cut", "first_packet")] * 2, *[("upstream_cut", "mid_stream")] * 2),
    "garbage": (*[("upstream_error", "first_packet")] * 2, *[("upstream_error", "mid_stream")] * 2),
    "moderation": (("moderation_input", "connect"), *refusal("moderation_output")[1:]),
    "slow_first": (("timeout_first_token", "first_packet"),) * 4,
    "crash": (("upstream_error", "connect"), *refusal("upstream_cut")[1:]),
}

CELLS: Final = [(kind, at, cell) for kind, row in MATRIX.items() for at, cell in zip(POSITIONS, row, strict=True)]


NEAR, FAR = "simulated/echo", "acme/echo"  # the simulated vendor next door, and behind a socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A Promptwire, and where its LLM service answers Thrift."""

    served: Served
    thrift: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one reader was told: the text so far, the error object; status and headers when it was an HTTP answer."""

    text: str
    error: dict[str, Any]
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@pytest.fixture(scope="module", params=["one", "split"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("matrix")
    with simulating() as vendor:
        if request.param == "split":
            with serving(data, "--split") as served:
                links = served.role("llm").net_connections("inet")
                [address] = [link.laddr for link in links if link.status == psutil.CONN_LISTEN]
                know(served, vendor)
                yield Place(served=served, thrift=f"{address.ip}:{address.port}")
            return
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with serving(data, "--listen", f"127.0.0.1:{port}") as served:
            know(served, vendor)
            yield Place(served=served, thrift=f"127.0.0.1:{port}")


def know(served: Served, vendor: str) -> None:
    """Add the vendor's echo, which is asked once and never left alone: its faults are wanted."""
    provider = {"id": "acme", "kind": "openai", "base_url": vendor, "api_key": SECRET}
    model = {"id": FAR, "provider": "acme", "model": "echo", "attempts": 1, "breaker_failures": 0}
    assert put(served, "/api/providers", provider)[0] == 200
    assert put(served, "/api/models/rows", model)[0] == 200


def waits(kind: str, at: int) -> dict[str, float]:
    """Short only for the silence that is to be noticed: a busy machine is silent too."""
    if kind not in ("stall", "slow_first"):
        return {"first_token_s": 60, "idle_s": 60}
    return {"first_token_s": 0.5} if at < 2 or kind == "slow_first" else {"first_token_s": 60, "idle_s": 0.5}


def body(kind: str, at: int, model: str = NEAR) -> dict[str, Any]:
    """A request that meets the fault."""
    return {
        "model": model,
        "messages": [{"role": "user", "content": TEXT}],
        "timeouts": waits(kind, at),
        "simulate": {"fault": {"kind": kind, "at": at, "retry_after_s": 3}},
    }


def native(place: Place, asked: dict[str, Any]) -> Told:
    """Our own event stream; the whole error when it did not begin."""
    status, headers, answer = asking(place, asked)
    if status != 200:
        return Told("", json.loads(answer)["error"], status, headers)
    events = list(server_events(answer.splitlines(keepends=True)))
    assert [event.name for event in events].count("error") == 1
    assert "done" not in [event.name for event in events]
    text = "".join(json.loads(event.data)["text"] for event in events if event.name == "delta")
    return Told(text, json.loads(events[-1].data))


def asking(
    place: Place, asked: dict[str, Any], path: str = "/api/chat", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body of an answer."""
    with closing(connection(place.served)) as link:
        link.request("POST", path, json.dumps(asked), headers)
        response = link.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def whole(place: Place, asked: dict[str, Any]) -> Told:
    """Our own route, asked for the whole answer."""
    status, headers, answer = asking(place, asked, accept="application/json")
    assert status != 200, answer
    return Told("", json.loads(answer)["error"], status, headers)


def openai_raw(place: Place, asked: dict[str, Any]) -> Told:
    """OpenAI's event stream as it stands: one error, and nothing after it."""
    status, headers, answer = asking(place, asked | {"stream": True}, "/v1/chat/completions")
    if status != 200:
        return Told("", _without(json.loads(answer)["error"]), status, headers)
    events = [event.data for event in server_events(answer.splitlines(keepends=True))]
    assert b"[DONE]" not in answer and [b'"error"' in event for event in events].count(True) == 1
    assert not any(choice["finish_reason"] for event in events[:-1] for choice in json.loads(event)["choices"])
    deltas = [choice["delta"] for event in events[:-1] for choice in json.loads(event)["choices"]]
    return Told("".join(delta.get("content") or "" for delta in deltas), _without(json.loads(events[-1])["error"]))


def kept(place: Place, asked: dict[str, Any]) -> tuple[str | None, bytes]:
    """The name and the body of a run that is kept."""
    with closing(connection(place.served)) as link:
        link.request("POST", "/api/chat", json.dumps(asked | {"resumable_s": 30}))
        response = link.getresponse()
        return response.getheader("x-run-id"), response.read()


def resumed(place: Place, asked: dict[str, Any]) -> Told:
    """A kept run, read a second time from its beginning."""
    run, first = kept(place, asked)
    with closing(connection(place.served)) as link:
        link.request("GET", f"/api/runs/{run}/stream")
        response = link.getresponse()
        again = response.read()
    if response.status != 200:
        return Told("", json.loads(again)["error"], response.status)
    assert first == again
    events = list(server_events(again.splitlines(keepends=True)))
    text = "".join(json.loads(event.data)["text"] for event in events if event.name == "delta")
    return Told(text, json.loads(events[-1].data))


def polled(place: Place, asked: dict[str, Any]) -> Told:
    """A kept run, read by a client that cannot stream."""
    run, _ = kept(place, asked)
    status, answer = ask(place.served, "GET", f"/api/runs/{run}/events?wait_s=5")
    if status != 200:
        return Told("", answer["error"], status)
    assert answer["ended"]
    text = "".join(event["data"]["text"] for event in answer["events"] if event["event"] == "delta")
    assert answer["events"][-1]["event"] == "error"
    return Told(text, answer["events"][-1]["data"])


def openai_stream(place: Place, asked: dict[str, Any]) -> Told:
    """The real ``openai`` package, streaming."""
    text = ""
    try:
        with _openai(place) as client:
            for chunk in client.chat.completions.create(stream=True, **_arguments(asked)):
                text += "".join(choice.delta.content or "" for choice in chunk.choices)
    except openai.APIError as error:
        return Told(text, _ours(error), getattr(error, "status_code", None))
    raise AssertionError(f"a clean end after {text!r}")


def openai_whole(place: Place, asked: dict[str, Any]) -> Told:
    """The real ``openai`` package, waiting for the whole answer."""
    try:
        with _openai(place) as client:
            client.chat.completions.create(**_arguments(asked))
    except openai.APIStatusError as error:
        return Told("", _ours(error), error.status_code)
    raise AssertionError("a whole answer")


def sdk(place: Place, asked: dict[str, Any]) -> Told:
    """The SDK."""
    text = ""
    try:
        for event in sdk_stream(place.served.url, "/api/chat", asked):
            text += event.text if isinstance(event, Delta) else ""
            assert not isinstance(event, Done)
    except Failure as failure:
        return Told(text, _object(failure))
    raise AssertionError(f"a clean end after {text!r}")


def cli(place: Place, asked: dict[str, Any]) -> Told:
    """What ``promptwire chat`` types."""
    out, aside = io.StringIO(), io.StringIO()
    typewriter = Typewriter(out, aside)
    with pytest.raises(Failure) as caught:
        for event in sdk_stream(place.served.url, "/api/chat", asked):
            typewriter.type(event)
    failure, said = caught.value, aside.getvalue
    typewriter.fail(failure)
    assert f"error: {failure.class_} ({failure.phase}): {failure.message}" in said()
    assert failure.trace_id is not None and failure.trace_id in said()
    assert ("try again in 3 s" in said()) is (failure.retry_after_s == 3)
    return Told(out.getvalue().removesuffix("\n"), _object(failure))


def thrift(place: Place, asked: dict[str, Any]) -> Told:
    """A Thrift client of the LLM service."""
    return asyncio.run(_thrift(place.thrift, msgspec.convert(asked, ChatRequest)))


async def _thrift(address: str, request: ChatRequest) -> Told:
    text = ""
    try:
        async with thriftwire.connect(address, LLM_SERVICE) as llm:
            async for event in llm.chat_stream(request):
                text += event.text if isinstance(event, Delta) else ""
                assert not isinstance(event, Done)
    except thriftwire.BizStatusError as error:
        return Told(text, _object(from_exception(error)))
    raise AssertionError(f"a clean end after {text!r}")


Reader: TypeAlias = Callable[[Place, dict[str, Any]], Told]
READERS: Final[list[Reader]] = [
    native,
    whole,
    resumed,
    polled,
    openai_raw,
    openai_stream,
    openai_whole,
    sdk,
    cli,
    thrift,
]


def wrong(place: Place, reader: Reader, asked: dict[str, Any], cell: Cell) -> list[str]:
    """What is wrong with one cell of the matrix."""
    kind, at = asked["simulate"]["fault"]["kind"], asked["simulate"]["fault"]["at"]
    told, reference = reader(place, asked), native(place, asked)
    class_, phase = cell
    row = CLASSES[cast("Any", class_)]
    wanted: dict[str, Any] = {
        "class": class_,
        "phase": phase,
        "code": row.code,
        "retryable": row.retryable,
        "retry_after_s": 3.0 if kind in ("rate_limit", "token_limit") else told.error.get("retry_after_s"),
    }
    found = [
        f"{key}: {told.error.get(key)!r}, not {value!r}"
        for key, value in wanted.items()
        if told.error.get(key) != value
    ]
    if len(told.error.get("trace_id", "")) != 32:
        found.append(f"trace_id: {told.error.get('trace_id')!r}")
    if {**told.error, "trace_id": ""} != {**reference.error, "trace_id": ""}:
        found.append(f"{told.error} is not {reference.error}")
    if told.status is not None and told.status != row.http_status:
        found.append(f"status: {told.status}")
    if told.headers and told.headers.get("retry-after") != ("3" if told.error.get("retry_after_s") else None):
        found.append(f"retry-after: {told.headers.get('retry-after')}")
    if phase == "connect" and not (told.error.get("vendor_status") and told.error.get("vendor_body")):
        found.append("the vendor's status or words are lost")
    if SECRET in json.dumps(told.error):
        found.append("a secret is shown")
    if phase == "mid_stream" and reader not in (openai_whole, whole):
        text = TEXT if at == 99 else "one "
        if told.text != text:
            found.append(f"text: {told.text!r}, not {text!r}")
    elif told.text:
        found.append(f"text before the first packet: {told.text!r}")
    return [f"{kind} at {at}: {mistake}" for mistake in found]


@pytest.mark.parametrize("model", [NEAR, FAR], ids=["near", "far"])
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_no_cell_is_wrong(place: Place, reader: Reader, model: str) -> None:
    method = LLM_SERVICE.methods["ChatStream"]
    _ = method.request.encode, method.response.decode  # compiled at first use, which only one thread may make
    with ThreadPoolExecutor(8) as pool:
        cells = [pool.submit(wrong, place, reader, body(kind, at, model), cell) for kind, at, cell in CELLS]
    assert [mistake for cell in cells for mistake in cell.result()] == []


def test_before_the_first_byte_it_is_a_status(place: Place) -> None:
    for kind, at, (class_, phase) in CELLS:
        told = native(place, body(kind, at))
        expected = None if phase == "mid_stream" else CLASSES[cast("Any", class_)].http_status
        assert told.status == expected, (kind, at)


def _openai(place: Place) -> OpenAI:
    return OpenAI(base_url=f"{place.served.url}/v1", api_key="unused", max_retries=0)


def _arguments(asked: dict[str, Any]) -> dict[str, Any]:
    extra = {name: asked[name] for name in ("timeouts", "simulate")}
    return {"model": asked["model"], "messages": asked["messages"], "extra_body": extra}


def _ours(error: openai.APIError) -> dict[str, Any]:
    return _without(cast("dict[str, Any]", error.body))


def _without(error: dict[str, Any]) -> dict[str, Any]:
    """An error without what is OpenAI's of it."""
    return {name: value for name, value in error.items() if name not in ("type", "param")}


def _object(failure: Failure) -> dict[str, Any]:
    return cast("dict[str, Any]", msgspec.to_builtins(failure.to_error()))
