"""Prompts found among many over HTTP: put in folders under tags, copied, deleted, and fetched back."""

from __future__ import annotations

import itertools
import json
from typing import Any
from urllib.parse import urlencode

from journeys.native import ask, post, stream
from journeys.served import Served

NUMBERS = itertools.count()


def says(text: str) -> dict[str, Any]:
    return {"model": "simulated/echo", "messages": [{"role": "user", "content": text}]}


def found(served: Served, **sought: Any) -> list[str]:
    """The keys of what is found, in order."""
    status, reply = ask(served, "GET", f"/api/library?{urlencode(sought, doseq=True)}")
    assert (status, reply["total"]) == (200, len(reply["entries"])), reply
    return [entry["key"] for entry in reply["entries"]]


def test_prompts_are_put_in_order_and_found(served: Served) -> None:
    word = f"zebra{next(NUMBERS)}"
    keys = [f"{word}-{letter}" for letter in "abc"]
    for key in keys:
        post(served, "/api/prompts", {"key": key, "draft": says(f"About the {word} {key}"), "folder": word})
    assert found(served, text=word, order="key") == keys
    assert found(served, text=f"about {keys[1]}") == [keys[1]]
    change = {"keys": keys[:2], "folder": f"{word}/north", "add_tags": [f"{word}-eu", "shared"]}
    status, reply = post(served, "/api/library/organise", change)
    assert (status, [entry["folder"] for entry in reply["entries"]]) == (200, [f"{word}/north"] * 2)
    assert found(served, folder=f"{word}/north", order="key") == keys[:2]
    assert found(served, tag=[f"{word}-eu", "shared"], order="key") == keys[:2]
    _, shelves = ask(served, "GET", "/api/library/shelves")
    assert {"name": f"{word}/north", "prompts": 2} in shelves["folders"]
    body = json.dumps({"name": "Third", "tags": ["x"]}).encode()
    status, entry = ask(served, "PATCH", f"/api/prompts/{keys[2]}", body)
    assert (status, entry["name"], entry["tags"], entry["folder"]) == (200, "Third", ["x"], word)
    assert post(served, "/api/library/organise", {"keys": [*keys, "nope"], "folder": ""})[0] == 404
    assert ask(served, "GET", "/api/library?limit=1000")[0] == 400


def test_a_deleted_prompt_comes_back_with_its_versions_and_runs_again(served: Served) -> None:
    key = f"trash{next(NUMBERS)}"
    path = f"/api/prompts/{key}"
    post(served, "/api/prompts", {"key": key, "draft": says("one")})
    post(served, f"{path}/versions", {"version": "1.0.0"})
    status, copy = post(served, f"{path}/duplicate", {})
    assert (status, copy["key"]) == (200, f"{key}-copy")
    assert ask(served, "DELETE", path)[0] == 200
    for method, where in (("GET", path), ("GET", f"{path}/fetch?version=1.0.0"), ("DELETE", path)):
        assert ask(served, method, where)[0] == 404
    assert post(served, f"{path}/run", {"version": "1.0.0"})[0] == 404
    assert post(served, "/api/prompts", {"key": key})[0] == 409
    assert key in found(served, trashed="true")
    assert post(served, f"{path}/restore", {})[0] == 200
    events = list(stream(served, f"{path}/run", {"version": "1.0.0"}))
    assert json.loads(events[0].data)["version"] == "1.0.0"
    assert key not in found(served, trashed="true")


def test_a_run_says_which_version_model_and_parameters(served: Served) -> None:
    key = f"override{next(NUMBERS)}"
    post(served, "/api/prompts", {"key": key, "draft": says("a few words to say")})
    post(served, f"/api/prompts/{key}/versions", {"version": "1.0.0"})
    body = {"version": "1.0.0", "model": "simulated/typewriter", "parameters": {"max_tokens": 2}}
    events = list(stream(served, f"/api/prompts/{key}/run", body))
    start, done = json.loads(events[0].data), json.loads(events[-1].data)
    assert (start["version"], start["model"]) == ("1.0.0", "simulated/typewriter")
    assert (done["finish_reason"], done["usage"]["output_tokens"]) == ("length", 2)
