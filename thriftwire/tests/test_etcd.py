from __future__ import annotations

import asyncio
import base64
import json
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import thriftwire
from echo import ECHO_SERVICE, Echo, Ping, passes
from thriftwire import ConnectError, Endpoint
from thriftwire.etcd import EtcdResolver, registered

pytestmark = pytest.mark.needs("etcd")


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


class Etcd:
    """A real etcd, which may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.url, self._peer = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
        self._folder = folder
        self.start()

    def start(self) -> None:
        urls = ["--listen-client-urls", self.url, "--advertise-client-urls", self.url]
        peers = ["--listen-peer-urls", self._peer, "--initial-advertise-peer-urls", self._peer]
        name = ["--data-dir", str(self._folder), "--name", "one", "--initial-cluster", f"one={self._peer}"]
        command = ["etcd", *urls, *peers, *name, "--unsafe-no-fsync"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.post("kv/range", {"key": encoded("a")})
            except (urllib.error.URLError, ConnectionError):
                try:
                    self._process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
                pytest.fail("etcd does not start")
            else:
                return
        pytest.fail("etcd does not answer")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}/v3/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def put(self, key: str, value: str) -> None:
        self.post("kv/put", {"key": encoded(key), "value": encoded(value)})

    def get(self, key: str) -> Any:
        found = self.post("kv/range", {"key": encoded(key)}).get("kvs", [])
        return json.loads(base64.b64decode(found[0]["value"])) if found else None


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Etcd]:
    etcd = Etcd(tmp_path_factory.mktemp("etcd"))
    yield etcd
    etcd.stop()


async def test_an_instance_is_registered_as_kitex_does_it_and_gone_afterwards(shared: Etcd) -> None:
    key = "kitex/registry-etcd/demo.echo/127.0.0.1:9000"
    async with registered([shared.url], "demo.echo", "127.0.0.1:9000", weight=20, tags={"zone": "a"}):
        assert shared.get(key) == {
            "network": "tcp",
            "address": "127.0.0.1:9000",
            "weight": 20,
            "tags": {"zone": "a"},
        }
        resolver = EtcdResolver([shared.url], "demo.echo")
        assert await resolver.resolve() == [Endpoint("127.0.0.1:9000", 20)]
    assert shared.get(key) is None
    with pytest.raises(ConnectError, match=r"no instance of 'demo\.echo'"):
        await resolver.resolve()


async def test_what_kitex_registered_is_found(shared: Etcd) -> None:
    said = {"network": "tcp", "address": "10.0.0.7:8888", "weight": 0, "tags": None}
    shared.put("kitex/registry-etcd/demo.go/10.0.0.7:8888", json.dumps(said))
    shared.put("kitex/registry-etcd/demo.go.other/10.0.0.8:8888", json.dumps(said | {"address": "10.0.0.8:8888"}))
    assert await EtcdResolver([shared.url], "demo.go").resolve() == [Endpoint("10.0.0.7:8888", 10)]


async def test_an_entry_that_is_no_instance_is_passed_over(shared: Etcd, caplog: pytest.LogCaptureFixture) -> None:
    shared.put("kitex/registry-etcd/demo.odd/x", "not json")
    shared.put("kitex/registry-etcd/demo.odd/y", '{"network": "unix", "address": "/run/y.sock", "weight": 1}')
    assert await EtcdResolver([shared.url], "demo.odd").resolve() == [Endpoint("unix:/run/y.sock", 1)]
    assert "demo.odd/x is no instance" in caplog.text


async def test_calls_find_their_service_through_etcd(shared: Etcd) -> None:
    handler = Echo()
    async with (
        thriftwire.Server({ECHO_SERVICE: handler}, name="demo.found") as server,
        registered([shared.url], "demo.found", server.address),
    ):
        resolver = EtcdResolver([shared.url], "demo.found")
        async with thriftwire.connect(resolver, ECHO_SERVICE) as echo:
            assert (await echo.ping(Ping(text="hi"))).text == "hi"


async def test_the_first_server_that_answers_is_enough(shared: Etcd) -> None:
    servers = ["http://127.0.0.1:1", shared.url.removeprefix("http://")]
    async with registered(servers, "demo.second", "a:1"):
        assert await EtcdResolver(servers, "demo.second").resolve() == [Endpoint("a:1")]


async def test_no_etcd_is_a_connect_error() -> None:
    with pytest.raises(ConnectError, match="etcd cannot be asked"):
        await EtcdResolver(["127.0.0.1:1"], "demo").resolve()
    with pytest.raises(ConnectError, match="etcd cannot be asked"):
        async with registered(["127.0.0.1:1"], "demo", "a:1"):
            pass
    with pytest.raises(ValueError, match="needs a server"):
        EtcdResolver([], "demo")


async def test_a_registration_outlives_its_lease_and_comes_back_when_it_was_lost(shared: Etcd) -> None:
    key = "kitex/registry-etcd/demo.kept/a:1"
    async with registered([shared.url], "demo.kept", "a:1", lease_s=3):
        await passes(5)
        assert shared.get(key) is not None
        found = shared.post("kv/range", {"key": encoded(key)})["kvs"]
        shared.post("lease/revoke", {"ID": found[0]["lease"]})
        assert shared.get(key) is None
        async with asyncio.timeout(5):
            while shared.get(key) is None:
                await passes(0.1)


async def test_a_registration_comes_back_with_its_etcd(tmp_path: Path) -> None:
    etcd = Etcd(tmp_path)
    try:
        async with registered([etcd.url], "demo.back", "a:1", lease_s=3):
            etcd.stop()
            await passes(1.5)
            etcd.start()
            async with asyncio.timeout(10):
                while etcd.get("kitex/registry-etcd/demo.back/a:1") is None:
                    await passes(0.1)
    finally:
        etcd.stop()
