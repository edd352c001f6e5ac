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
    assert Gate().identify(scope(host="me:8000", **given)).key == ""


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://10.0.0.1"])
def test_without_keys_pages_of_other_sites_may_not(origin: str) -> None:
    with pytest.raises(Failure) as caught:
        Gate().identify(scope(host="127.0.0.1:8000", origin=origin))
    assert caught.value.class_ == "permission_denied"


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
