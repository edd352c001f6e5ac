"""What is wrong gets a clear error, and nothing else is disturbed by it."""

from __future__ import annotations

import json
import os
import socket
import struct
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from journeys.native import ask, connection, post, put, stream
from journeys.served import Served, eventually, serving

MIB = 1024 * 1024


def fine(served: Served) -> bool:
    """It still answers."""
    events = list(stream(served, "/api/prompts/demo/run", {"simulate": {"tokens": 3, "interval_ms": 0}}))
    return events[-1].name == "done"


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/api/prompts", b"{", "JSON"),
        ("POST", "/api/prompts", b"", "JSON"),
        ("POST", "/api/prompts", b"\xff\xfe", "JSON"),
        ("POST", "/api/prompts", b"[]", ""),
        ("POST", "/api/prompts", b'{"key":"x","colour":"red"}', "colour"),
        ("POST", "/api/prompts", b'{"name":"x"}', "key"),
        ("POST", "/api/prompts", b'{"key":1}', "key"),
        ("POST", "/api/prompts", b"[" * 100_000, ""),
        ("PUT", "/api/prompts/demo/draft", b'{"draft":{"messages":[{"role":"wizard"}]}}', "role"),
        ("PUT", "/api/prompts/demo/draft", b'{"draft":[],"revision":1}', "draft"),
        ("POST", "/api/prompts/demo/run", b'{"variables":[]}', "variables"),
        ("POST", "/api/prompts/demo/run", b'{"variabels":{}}', "variabels"),
        ("POST", "/api/chat", b'{"model":"simulated/echo","messages":[{"role":"user","text":"x"}]}', "text"),
    ],
)
def test_a_malformed_body_is_refused_with_the_place(
    served: Served, method: str, path: str, body: bytes, said: str
) -> None:
    status, answer = ask(served, method, path, body)
    assert (status, answer["error"]["class"], answer["error"]["code"]) == (400, "invalid_request", 40000)
    assert said in answer["error"]["message"]
    assert fine(served)


def test_a_name_that_is_not_the_servers_is_not_answered(tmp_path: Path) -> None:
    def named(served: Served, host: str) -> int:
        with closing(connection(served)) as link:
            link.request("GET", "/api/prompts", headers={"host": host})
            return link.getresponse().status

    with serving(tmp_path / "own", "--split", PROMPTWIRE_HOSTS="prompts.example .internal") as served:
        assert [named(served, host) for host in ("prompts.example", "a.internal", "localhost:1")] == [200] * 3
        assert [named(served, host) for host in ("evil.example", "internal", "prompts.example.evil")] == [403] * 3


NUL = "a\0b"
HOLDS_NUL: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("POST", "/api/prompts", {"key": "x", "name": NUL}, "name"),
    ("PATCH", "/api/prompts/demo", {"description": NUL}, "description"),
    ("PATCH", "/api/prompts/demo", {"folder": NUL}, "folder"),
    ("PATCH", "/api/prompts/demo", {"tags": [NUL]}, "tag"),
    ("POST", "/api/prompts/demo/versions", {"message": NUL}, "message"),
    ("PUT", "/api/prompts/demo/labels/live", {"version": "1", "reason": NUL}, "reason"),
    ("POST", "/api/prompts/demo/inputs", {"name": NUL}, "name"),
    ("GET", "/api/prompts/demo/fetch?label=a%00b", None, "label"),
    ("GET", "/api/prompts/a%00b", None, "key"),
    ("POST", "/api/prompts/demo/run", {"version": NUL}, "version"),
    ("POST", "/v1/chat/completions", {"model": f"prompt/{NUL}", "messages": []}, "key"),
]


def test_a_nul_is_kept_in_json_and_refused_by_name_elsewhere(database_url: str, tmp_path: Path) -> None:
    with serving(tmp_path / "own", PROMPTWIRE_DATABASE_URL=database_url) as served:
        draft = {"messages": [{"role": "user", "content": NUL}], "model": "simulated/echo"}
        assert put(served, "/api/prompts/demo/draft", {"draft": draft})[0] == 200
        assert post(served, "/api/prompts/demo/versions", {"message": "a first"})[0] == 200
        for method, path, body, field in HOLDS_NUL:
            status, answer = ask(served, method, path, None if body is None else json.dumps(body).encode())
            assert (status, answer["error"]["code"]) == (400, 40000), (path, answer)
            assert field in answer["error"]["message"]
        _, said = ask(served, "GET", "/api/prompts/demo")
        assert (said["draft"]["messages"][0]["content"], said["name"]) == (NUL, "Demo")
        assert [event.name for event in stream(served, "/api/prompts/demo/run", {})][-1] == "done"
        assert [one["key"] for one in ask(served, "GET", "/api/library?text=a%00b")[1]["entries"]] == ["demo"]


def test_an_unknown_path_and_method_say_so(served: Served) -> None:
    assert ask(served, "GET", "/api/nothing")[0] == 404
    assert ask(served, "DELETE", "/api/prompts")[0] == 405


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_twenty_mebibytes_is_refused(served: Served, announced: bool) -> None:
    piece = b" " * MIB
    with closing(connection(served)) as link:
        try:
            if announced:
                link.request("POST", "/api/prompts", piece * 21)
            else:
                link.request(
                    "POST",
                    "/api/prompts",
                    iter([piece] * 21),
                    encode_chunked=True,
                    headers={"transfer-encoding": "chunked"},
                )
        except OSError:
            pass  # it may hang up before it has read everything
        try:
            status = link.getresponse().status
        except OSError:
            status = 413
    assert status in (400, 413)
    assert fine(served)


def test_a_large_body_that_is_allowed_arrives_whole(served: Served) -> None:
    text = "x" * (5 * MIB)
    body: dict[str, Any] = {"messages": [{"role": "user", "content": text}], "model": "simulated/echo"}
    status, _ = post(served, "/api/prompts", {"key": "large", "draft": body})
    assert status in (200, 409)
    _, kept = ask(served, "GET", "/api/prompts/large")
    assert kept["draft"]["messages"][0]["content"] == text
    put(served, "/api/prompts/large/draft", {"draft": {}})


between_processes = pytest.mark.parametrize("topology", ["split", "split-grpc"], indirect=True, scope="session")
"""One process has no RPC port."""


def rpc_address(served: Served, role: str) -> tuple[str, int]:
    """Where a role answers RPC."""
    process = served.role(role)
    [address] = [link.laddr for link in process.net_connections("inet") if link.status == psutil.CONN_LISTEN]
    return address.ip, address.port


@between_processes
@pytest.mark.parametrize("role", ["llm", "prompt"])
@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n",
        os.urandom(4096),
        b"\x00" * 4096,
        struct.pack(">I", 1 << 30) + b"\x10\x00\x00\x02" + b"\x00" * 6,
        struct.pack(">I", 1 << 30) + b"\x82\x21\x00\x01" + b"\x00" * 64,
        struct.pack(">I", 1 << 30) + b"\x80\x01\x00\x01" + b"\x00" * 64,
        b"\x80\x01\x00\x01" + struct.pack(">I", 1 << 30),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 64,
    ],
    ids=["http", "noise", "zeros", "ttheader-1GiB", "mesh-1GiB", "framed-1GiB", "name-1GiB", "http2-noise"],
)
def test_garbage_on_an_rpc_port_is_hung_up_on(served: Served, role: str, sent: bytes) -> None:
    with socket.create_connection(rpc_address(served, role), timeout=20) as link:
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        try:
            while link.recv(65536):
                pass
        except ConnectionResetError:
            pass
    assert fine(served)


@between_processes
@pytest.mark.parametrize("role", ["llm", "prompt"])
def test_half_a_frame_and_gone_leaves_nothing(served: Served, role: str) -> None:
    process, address = None, rpc_address(served, role)
    process = served.role(role)
    before = len(process.net_connections("inet"))
    with ExitStack() as stack:
        for _ in range(10):
            link = stack.enter_context(socket.create_connection(address, timeout=20))
            link.sendall(struct.pack(">I", 64) + b"\x10\x00\x00\x02\x00\x00")
        eventually(lambda: len(process.net_connections("inet")) >= before + 10, "all ten are there")
    eventually(lambda: len(process.net_connections("inet")) <= before, "all ten are gone")
    assert fine(served)


def test_half_a_request_and_gone_leaves_nothing(served: Served) -> None:
    address = urlsplit(served.url)
    with socket.create_connection((address.hostname, address.port)) as link:
        link.sendall(b"POST /api/prompts HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
    assert fine(served)
