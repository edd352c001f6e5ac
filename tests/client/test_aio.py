"""The asynchronous client without a server; the rest is in journeys/test_sdk.py."""

import pytest

from promptwire.client import AsyncPromptwire
from promptwire.client.errors import InvalidRequest, Unreachable


async def test_without_a_server_what_needs_none_works() -> None:
    async with AsyncPromptwire("http://127.0.0.1:9", snapshots=None) as client:
        prompt = await client.get_prompt("a", fallback="Hello {{who}}")
        assert repr(prompt) == "<AsyncPrompt a fallback from fallback>"
        assert (await prompt.compile(who="you"))[0].content == "Hello you"
        with pytest.raises(InvalidRequest, match="missing variables: who"):
            await prompt.compile()
        with pytest.raises(Unreachable):
            await client.run("a", who="you")


async def test_a_bad_address_is_said_by_the_first_request() -> None:
    async with AsyncPromptwire("nonsense", snapshots=None) as client:
        with pytest.raises(Unreachable, match="address"):
            await client.get_prompt("a")
