"""What a prompt is tried with, kept by one person and used by another, over HTTP."""

from __future__ import annotations

import http.client
import itertools
import json
from contextlib import closing
from typing import Any

from journeys.native import connection, post, stream
from journeys.served import Served

NUMBERS = itertools.count()


def asked_by(served: Served, person: str, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """One request of a person."""
    headers = {"x-promptwire-persist-user": person, "content-type": "application/json"}
    link: http.client.HTTPConnection
    with closing(connection(served)) as link:
        link.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        with link.getresponse() as response:
            return response.status, json.loads(response.read())


def test_an_input_is_shared_and_a_run_of_it_is_the_same(served: Served) -> None:
    key = f"inputs-{next(NUMBERS)}"
    path = f"/api/prompts/{key}"
    draft = {"model": "simulated/echo", "messages": [{"role": "user", "content": "{{topic}}?"}]}
    post(served, "/api/prompts", {"key": key, "draft": draft})
    talk = [{"role": "assistant", "content": "yes"}, {"role": "user", "content": "and now"}]
    saved = {"name": "angry", "values": {"topic": "looms", "list": [1, 2.0]}, "messages": talk}
    status, made = asked_by(served, "ann", "POST", f"{path}/inputs", saved)
    assert (status, made["owner"], made["values"]) == (200, "ann", saved["values"])
    assert asked_by(served, "bob", "GET", f"{path}/inputs/{made['id']}")[0] == 404
    assert asked_by(served, "ann", "PUT", f"{path}/inputs/{made['id']}", {"shared": True, "revision": 1})[0] == 200
    assert asked_by(served, "bob", "PUT", f"{path}/input", {"id": made["id"]})[0] == 200
    _, seen = asked_by(served, "bob", "GET", f"{path}/inputs")
    assert (seen["current"], [one["name"] for one in seen["inputs"]]) == (made["id"], ["angry"])
    [one] = seen["inputs"]
    run = {"variables": {"topic": one["values"]["topic"]}, "messages": one["messages"]}
    text = "".join(json.loads(it.data)["text"] for it in stream(served, f"{path}/run", run) if it.name == "delta")
    assert text == "and now"
    assert asked_by(served, "bob", "DELETE", f"{path}/inputs/{made['id']}")[0] == 403
    assert asked_by(served, "ann", "DELETE", f"{path}/inputs/{made['id']}")[0] == 200
