"""A path is found whatever stands beside it, and a wrong verb is told the right ones."""

from __future__ import annotations

from typing import Any, cast

import pytest

from promptwire.gateway.caller import Caller
from promptwire.gateway.endpoint import Endpoint, Handle, WrongVerb, site

WHO = cast("Caller", object())


def named(name: str, log: list[str]) -> Handle:
    async def handle(scope: Any, receive: Any, send: Any, caller: Caller) -> None:
        log.append(name)
        assert caller is WHO

    return handle


async def ask(handle: Handle, verb: str, path: str) -> dict[str, Any]:
    scope: dict[str, Any] = {"type": "http", "method": verb, "path": path, "headers": []}
    nobody = cast("Any", None)
    await handle(scope, nobody, nobody, WHO)
    return scope


@pytest.mark.parametrize("turn", [1, -1])
async def test_a_word_goes_before_a_parameter(turn: int) -> None:
    log: list[str] = []
    paths = ["/limits/{id}", "/limits/levels", "/limits", "/limits/{id}/history", "/files/{path:path}"]
    paths += ["/a.b/{one}/to/{other}"]
    handle = site([Endpoint("GET", path, named(path, log)) for path in paths[::turn]], named("otherwise", log))
    scope = await ask(handle, "GET", "/limits/mine")
    assert scope["path_params"] == {"id": "mine"}
    for path in ("/limits/levels", "/limits", "/limits/a/history", "/files/a/b", "/limits/", "/else", "/a_b/1/to/2"):
        await ask(handle, "GET", path)
    scope = await ask(handle, "GET", "/a.b/1/to/{2}")
    assert scope["path_params"] == {"one": "1", "other": "{2}"}
    assert log == [
        "/limits/{id}",
        "/limits/levels",
        "/limits",
        "/limits/{id}/history",
        "/files/{path:path}",
        "otherwise",
        "otherwise",
        "otherwise",
        "/a.b/{one}/to/{other}",
    ]


async def test_verbs_of_one_path_are_kept_apart() -> None:
    log: list[str] = []
    handle = site([Endpoint(verb, "/a", named(verb, log)) for verb in ("GET", "POST")], named("otherwise", log))
    for verb in ("POST", "GET", "HEAD"):
        await ask(handle, verb, "/a")
    assert log == ["POST", "GET", "GET"]
    with pytest.raises(WrongVerb) as caught:
        await ask(handle, "DELETE", "/a")
    assert (caught.value.http_status, caught.value.allowed) == (405, "GET, POST")
