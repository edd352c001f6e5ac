"""What a prompt is tried with, kept by one person and used by another, over HTTP."""

from __future__ import annotations

import itertools
import json

from journeys.native import ask, post, put, stream
from journeys.served import Served

NUMBERS = itertools.count()


def test_an_input_is_shared_and_a_run_of_it_is_the_same(served: Served) -> None:
    key = f"inputs-{next(NUMBERS)}"
    path = f"/api/prompts/{key}"
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "{{topic}}?"}]}
    post(served, "/api/prompts", {"key": key, "draft": draft})
    talk = [{"role": "assistant", "content": "yes"}, {"role": "user", "content": "and now"}]
    saved = {"name": "angry", "values": {"topic": "looms", "list": [1, 2.0]}, "messages": talk}
    status, made = post(served, f"{path}/inputs", saved, user="ann")
    assert (status, made["owner"], made["values"]) == (200, "ann", saved["values"])
    assert ask(served, "GET", f"{path}/inputs/{made['id']}", user="bob")[0] == 404
    assert put(served, f"{path}/inputs/{made['id']}", {"shared": True, "revision": 1}, user="ann")[0] == 200
    assert put(served, f"{path}/input", {"id": made["id"]}, user="bob")[0] == 200
    _, seen = ask(served, "GET", f"{path}/inputs", user="bob")
    assert (seen["current"], [one["name"] for one in seen["inputs"]]) == (made["id"], ["angry"])
    [one] = seen["inputs"]
    run = {"variables": {"topic": one["values"]["topic"]}, "messages": one["messages"]}
    text = "".join(json.loads(it.data)["text"] for it in stream(served, f"{path}/run", run) if it.name == "delta")
    assert text == "and now"
    assert ask(served, "DELETE", f"{path}/inputs/{made['id']}", user="bob")[0] == 403
    assert ask(served, "DELETE", f"{path}/inputs/{made['id']}", user="ann")[0] == 200
