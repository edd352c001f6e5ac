"""A prompt's life over HTTP: committed, changed, compared, labelled, run by its label, merged and taken back."""

from __future__ import annotations

import itertools
import json
from typing import Any

from journeys.native import ask, post, put, stream
from journeys.served import Served

KEYS = itertools.count()


def says(text: str) -> dict[str, Any]:
    return {"model": "simulated/echo", "messages": [{"role": "user", "content": text}]}


def answer(served: Served, key: str, **body: Any) -> tuple[str, str]:
    """The version that ran, and what it said."""
    events = list(stream(served, f"/api/prompts/{key}/run", body))
    text = "".join(json.loads(event.data)["text"] for event in events if event.name == "delta")
    return json.loads(events[0].data)["version"], text


def test_a_version_is_released_and_taken_back(served: Served) -> None:
    key = f"life-{next(KEYS)}"
    path = f"/api/prompts/{key}"
    post(served, "/api/prompts", {"key": key, "draft": says("one")})
    status, first = post(served, f"{path}/versions", {"message": "first", "version": "1.0.0"})
    assert (status, first["version"]["version"]) == (200, "1.0.0")
    put(served, f"{path}/draft", {"draft": says("two")})
    _, second = post(served, f"{path}/versions", {"message": "second"})
    assert second["version"]["parents"] == ["1.0.0"]
    for version in ("2", "1.0.0"):
        status, _ = put(served, f"{path}/labels/production", {"version": version, "person": "ann"})
        assert status == 200
    put(served, f"{path}/draft", {"draft": says("three")})
    assert answer(served, key) == ("1.0.0", "one")
    assert answer(served, key, version="2") == ("2", "two")
    assert answer(served, key, label="production") == ("1.0.0", "one")
    assert answer(served, key, version="draft") == ("draft", "three")
    assert answer(served, key, draft=says("on the screen")) == ("draft", "on the screen")
    _, fetched = ask(served, "GET", f"{path}/fetch?label=production")
    assert fetched["content"]["messages"][0]["content"] == "one"
    _, history = ask(served, "GET", f"{path}/labels/history")
    assert [(move.get("before"), move["after"]) for move in history["moves"]] == [("2", "1.0.0"), (None, "2")]
    _, difference = ask(served, "GET", f"{path}/diff?before=1.0.0&after=draft")
    assert [change["path"] for change in difference["changes"]] == ["messages[0].content"]
    status, reverted = post(served, f"{path}/revert", {"version": "1.0.0"})
    assert (status, reverted["draft"]["messages"][0]["content"]) == (200, "one")


def test_two_people_who_edit_one_prompt_lose_nothing(served: Served) -> None:
    key = f"life-{next(KEYS)}"
    path = f"/api/prompts/{key}"
    base = says("a\nb\nc")
    post(served, "/api/prompts", {"key": key, "draft": base})
    mine, yours = says("A\nb\nc"), says("a\nb\nC")
    assert put(served, f"{path}/draft", {"draft": yours, "revision": 1})[0] == 200
    assert put(served, f"{path}/draft", {"draft": mine, "revision": 1})[0] == 409
    merging = {"base_content": base, "our_content": mine, "theirs": "draft"}
    status, merged = post(served, f"{path}/merge", merging)
    assert (status, merged["conflicts"]) == (200, [])
    status, kept = put(served, f"{path}/draft", {"draft": merged["content"], "revision": 2})
    assert (status, kept["draft"]["messages"][0]["content"]) == (200, "A\nb\nC")


def test_what_is_not_there_or_not_allowed_is_said(served: Served) -> None:
    key = f"life-{next(KEYS)}"
    path = f"/api/prompts/{key}"
    post(served, "/api/prompts", {"key": key, "draft": says("one")})
    assert ask(served, "GET", f"{path}/fetch")[0] == 404
    assert post(served, f"{path}/versions", {"version": "one"})[0] == 400
    post(served, f"{path}/versions", {})
    assert post(served, f"{path}/versions", {"base": "7"})[0] == 409
    put(served, f"{path}/labels/production", {"version": "1", "person": "ann", "keepers": ["ann"]})
    status, refused = put(served, f"{path}/labels/production", {"version": "1", "person": "bob"})
    assert (status, refused["error"]["class"]) == (403, "permission_denied")
