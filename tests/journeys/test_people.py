"""Several people at one prompt, over HTTP: each has a draft, and whatever they do nothing they wrote is lost."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from contextlib import closing
from typing import Any

from openai import OpenAI

from journeys.native import JSON, ask, connection, post, put
from journeys.served import Served
from promptwire.client.sse import server_events

KEYS = itertools.count()
ANN, BOB = "Ann Lee", "王小明"


def says(text: str) -> dict[str, Any]:
    return {"model": "simulated/echo", "messages": [{"role": "user", "content": text}]}


def text_of(content: dict[str, Any]) -> str:
    return content["messages"][0]["content"]


def written(served: Served, text: str, user: str = ANN) -> str:
    """A new prompt's path."""
    key = f"people-{next(KEYS)}"
    assert post(served, "/api/prompts", {"key": key, "draft": says(text)}, user=user)[0] == 200
    return f"/api/prompts/{key}"


def test_each_person_has_a_draft_of_their_own(served: Served) -> None:
    path = written(served, "by Ann")
    _, seen = ask(served, "GET", path, user=BOB)
    assert (seen["person"], text_of(seen["draft"]), seen["revision"]) == (BOB, "by Ann", 0)
    _, kept = put(served, f"{path}/draft", {"draft": says("by Bob"), "revision": 0}, user=BOB)
    assert (kept["revision"], kept["modified"]) == (1, True)
    _, mine = ask(served, "GET", path, user=ANN)
    assert (text_of(mine["draft"]), mine["revision"]) == ("by Ann", 1)
    assert [(other["person"], other["modified"]) for other in mine["others"]] == [(BOB, True)]
    assert put(served, f"{path}/draft", {"draft": says("late"), "revision": 0}, user=BOB)[0] == 409


def test_two_people_commit_and_both_texts_are_in_the_result(served: Served) -> None:
    path = written(served, "a\nb\nc")
    post(served, f"{path}/versions", {"message": "begun"}, user=ANN)
    for user, text in ((ANN, "A\nb\nc"), (BOB, "a\nb\nC")):
        _, seen = ask(served, "GET", path, user=user)
        edit = {"draft": says(text), "revision": seen["revision"], "base": seen["base"]}
        assert put(served, f"{path}/draft", edit, user=user)[0] == 200
    assert post(served, f"{path}/versions", {"base": "1"}, user=ANN)[1]["version"]["author"] == ANN
    status, refused = post(served, f"{path}/versions", {"base": "1"}, user=BOB)
    assert (status, refused["error"]["class"]) == (409, "conflict")
    _, merged = post(served, f"{path}/merge", {"ours": "draft", "theirs": "main"}, user=BOB)
    assert (merged["base"], merged["conflicts"]) == ("1", [])
    body = {"content": merged["content"], "base": "2", "merged": "1"}
    _, made = post(served, f"{path}/versions", body, user=BOB)
    assert (text_of(made["content"]), made["version"]["parents"]) == ("A\nb\nC", ["2", "1"])
    assert made["version"]["author"] == BOB


def test_a_name_two_people_give_is_not_lost_silently(served: Served) -> None:
    path = written(served, "x")
    _, seen = ask(served, "GET", path, user=ANN)
    about = {"about_revision": seen["about_revision"]}
    assert put(served, f"{path}/draft", {"name": "Ann's", **about}, user=ANN)[0] == 200
    assert put(served, f"{path}/draft", {"name": "Bob's", **about}, user=BOB)[0] == 409
    _, seen = ask(served, "GET", path, user=BOB)
    assert (seen["name"], seen["revision"]) == ("Ann's", 0)


def test_what_runs_is_what_is_released(served: Served) -> None:
    path = written(served, "draft")
    key = path.rpartition("/")[2]
    with OpenAI(base_url=f"{served.url}/v1", api_key="unused", max_retries=0) as client:

        def answer(model: str, user: str = ANN) -> str | None:
            who = {"x-promptwire-persist-user": user}
            reply = client.chat.completions.create(model=f"prompt/{model}", messages=[], extra_headers=who)
            return reply.choices[0].message.content

        assert answer(key) == "draft"
        post(served, f"{path}/versions", {"content": says("one"), "version": "1.0.0"})
        post(served, f"{path}/versions", {"content": says("two"), "version": "1.1.0"})
        assert answer(key) == "two"
        put(served, f"{path}/labels/production", {"version": "1.0.0"})
        put(served, f"{path}/labels/try", {"version": "1.1.0"})
        assert answer(key) == "one"
        assert answer(f"{key}@1.1.0") == "two"
        assert answer(f"{key}:try") == "two"
        assert answer(f"{key}@draft") == "draft"

    def typed(*arguments: str) -> str:
        command = [sys.executable, "-m", "promptwire", "chat", "--server", served.url, "--prompt", key, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    assert typed() == "one\n"
    assert typed("--version", "1.1.0") == "two\n"
    assert typed("--label", "try") == "two\n"


def test_what_travels_with_a_call_arrives_however_the_services_are_linked(served: Served) -> None:
    with closing(connection(served)) as link:
        body = json.dumps({"draft": says("x")}).encode()
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        link.request("POST", "/api/prompts/demo/run", body, JSON | {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        with link.getresponse() as response:
            start = json.loads(next(server_events(response)).data)
            assert start["run_id"] == response.getheader("x-run-id")
            assert start["trace_id"] == trace
