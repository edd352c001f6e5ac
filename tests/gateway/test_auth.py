"""Who may ask: everybody but other sites' pages without keys, and nobody without one when there are keys."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.typist import Typist, hosted
from promptwire.errors import Failure
from promptwire.gateway.auth import Gate, locked

KNOWN = [{"authorization": "Bearer one"}, {"authorization": "bearer two"}, {"x_api_key": "two"}]
UNKNOWN = [{}, *({"authorization": given} for given in ("Bearer", "Bearer three", "Basic one"))]

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}


def scope(path: str = "/api/models", **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"path": path, "headers": named}


@pytest.mark.parametrize(
    ("path", "behind"),
    [
        ("/api", True),
        ("/api/models", True),
        ("/v1/models", True),
        ("/", False),
        ("/apis", False),
        ("/healthz", False),
        ("/openapi.json", False),
    ],
)
def test_what_is_behind_the_gate(path: str, behind: bool) -> None:
    assert locked(path) is behind


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "http://127.0.0.1:8000",
        "http://localhost:5173",
        "http://[::1]:5173",
        "http://app.localhost",
        "http://me:1",
    ],
)
def test_without_keys_this_machine_and_the_same_site_may_ask(origin: str | None) -> None:
    given = {} if origin is None else {"origin": origin}
    assert Gate(hosts=["me"]).identify(scope(host="me:8000", **given)).key == ""


ELSEWHERE = [
    "https://evil.example",
    "null",
    "http://localhost.evil.example",
    "http://10.0.0.1",
    "http://[::",
    "http://",
]


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_without_keys_pages_of_other_sites_may_not(origin: str) -> None:
    with pytest.raises(Failure) as caught:
        Gate().identify(scope(host="127.0.0.1:8000", origin=origin))
    assert caught.value.class_ == "permission_denied"


def test_a_page_behind_a_proxy_that_says_its_own_address_is_of_a_named_site() -> None:
    proxied = scope(host="127.0.0.1:8000", origin="https://prompts.example")
    assert Gate(hosts=["prompts.example"]).identify(proxied).key == ""


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost:8000",
        "localhost.:8000",
        "app.localhost",
        "127.0.0.1:8000",
        "10.1.2.3",
        "[::1]:8000",
        "[2001:db8::7]",
        "prompts.example",
        "Prompts.Example.:443",
        "other.example:8443",
        "a.b.internal",
        "listens",
    ],
)
def test_without_keys_this_machine_an_address_and_a_name_of_ours_are_asked(host: str) -> None:
    hosts = ["listens", "prompts.example", "other.example:9000", ".internal", "0.0.0.0", "::"]
    assert Gate(hosts=hosts).identify(scope(host=host)).key == ""


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "internal",
        "prompts.example.evil.example",
        "xprompts.example",
        "2130706433",
        "0x7f.1",
        "evil.example@127.0.0.1",
        "127.0.0.1/evil.example",
        "[::1",
        "[::1]evil.example",
        "",
        ".",
    ],
)
def test_without_keys_a_name_nobody_gave_this_server_is_not_answered(host: str) -> None:
    gate = Gate(hosts=["prompts.example", ".internal"])
    for headers in ({"host": host}, {"host": host, "origin": f"http://{host}"}):
        with pytest.raises(Failure, match="PROMPTWIRE_HOSTS") as caught:
            gate.identify(scope(**headers))
        assert caught.value.class_ == "permission_denied"
    assert gate.identify(scope("/healthz", host=host)).key == ""
    assert Gate(["one"]).identify(scope(host=host, x_api_key="one")).key.startswith("key-")


def test_a_request_that_names_no_host_is_not_answered() -> None:
    with pytest.raises(Failure, match="PROMPTWIRE_HOSTS"):
        Gate().identify(scope())


async def test_a_page_that_leads_its_own_name_here_reaches_nothing(typist: Typist) -> None:
    async with hosted(typist, hosts=["prompts.example"]) as host:
        refused = await host.post("/api/chat", CHAT, host="evil.example", origin="http://evil.example")
        assert (refused.status, refused.error["class"]) == (403, "permission_denied")
        assert (await host.ask("GET", "/api/models", host="evil.example")).status == 403
        assert typist.asked == []
        assert (await host.post("/api/chat", CHAT, host="prompts.example")).status == 200


@pytest.mark.parametrize("given", KNOWN)
def test_a_known_key_is_let_in_under_a_name_that_does_not_give_it_away(given: dict[str, str]) -> None:
    identity = Gate(["one", "two"]).identify(scope(origin="https://elsewhere.example", **given))
    assert identity.key.startswith("key-")
    assert "one" not in identity.key
    assert "two" not in identity.key


def test_each_key_has_its_own_name() -> None:
    gate = Gate(["one", "two"])
    names = {gate.identify(scope(x_api_key=key)).key for key in ("one", "two")}
    assert len(names) == 2


@pytest.mark.parametrize("given", UNKNOWN)
def test_with_keys_nobody_else_is_let_in(given: dict[str, str]) -> None:
    with pytest.raises(Failure) as caught:
        Gate(["one", "two"]).identify(scope(**given))
    assert caught.value.class_ == "unauthenticated"


def test_with_keys_what_is_for_everybody_still_is() -> None:
    assert Gate(["one"]).identify(scope("/healthz")).key == ""


@pytest.mark.parametrize("path", ["/api/chat", "/v1/chat/completions"])
async def test_a_run_begins_behind_the_gate(typist: Typist, path: str) -> None:
    async with hosted(typist, api_keys=["secret"]) as host:
        refused = await host.post(path, CHAT)
        assert (refused.status, refused.error["class"]) == (401, "unauthenticated")
        assert typist.asked == []
        assert (await host.post(path, CHAT, authorization="Bearer secret")).status == 200
        assert (await host.ask("GET", "/healthz")).status == 200
