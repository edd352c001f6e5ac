"""Asking a hook over HTTP and a model as judge."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from promptwire.api.governance import Rule
from promptwire.llm.moderation.checks import LOST, Checks

Answering = Callable[[str], Awaitable[str]]


@pytest.fixture
async def hook() -> AsyncIterator[str]:
    """A hook that flags what says so, and breaks when told."""

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json()
        if asked["text"] == "break":
            return web.Response(status=500)
        return web.json_response({"flagged": "bad" in asked["text"], "category": asked["stage"]})

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield str(site.name).replace(":0", f":{runner.addresses[0][1]}")
    await runner.cleanup()


async def says(text: str) -> str:
    raise AssertionError("no judge is to be asked")


async def test_a_hook_decides_and_a_broken_one_is_what_its_rule_says(hook: str) -> None:
    async with aiohttp.ClientSession() as session:
        checks = Checks(lambda: session, lambda model, prompt: says(prompt))
        rule = Rule(id="h", kind="http", url=hook)
        assert await checks(rule, "output", "fine") is None
        assert await checks(rule, "output", "bad") == "output"
        assert await checks(rule, "output", "break") == LOST
        assert await checks(Rule(id="h", kind="http", url=hook, open_when_lost=True), "output", "break") is None


@pytest.mark.parametrize(
    ("word", "category"), [("ALLOW", None), ("block.", "judged"), ("Well, it depends", LOST), ("", LOST)]
)
async def test_a_judge_answers_with_one_word(word: str, category: str | None) -> None:
    asked: list[tuple[str, str]] = []

    async def complete(model: str, prompt: str) -> str:
        asked.append((model, prompt))
        return word

    async with aiohttp.ClientSession() as session:
        rule = Rule(id="j", kind="judge", model="m", patterns=["no insults"])
        assert await Checks(lambda: session, complete)(rule, "output", "some text") == category
    ((model, prompt),) = asked
    assert model == "m" and "no insults" in prompt and "some text" in prompt
