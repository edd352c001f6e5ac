"""What importing the SDK loads, and what a client without a server says; the rest is in journeys/test_sdk.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

import promptwire.client
from promptwire.client import Promptwire
from promptwire.client.errors import InvalidRequest, Unreachable

LOADED = "import sys, promptwire.client as c; {}; print(*sorted(m for m in sys.modules if m.startswith('promptwire.')))"


@pytest.mark.parametrize("use", ["c.__all__", "c.Promptwire", "c.AsyncPromptwire"])
def test_importing_the_sdk_loads_no_service(use: str) -> None:
    command = [sys.executable, "-c", LOADED.format(use)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    services = ("promptwire.prompt", "promptwire.llm", "promptwire.gateway", "promptwire.app", "promptwire.database")
    assert [module for module in loaded if module.startswith(services)] == []
    assert ("promptwire.client.aio" in loaded) == (use == "c.AsyncPromptwire")


def test_every_name_is_there_and_no_other() -> None:
    for name in promptwire.client.__all__:
        assert getattr(promptwire.client, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nobody'"):
        _ = promptwire.client.Nobody


def test_without_a_server_what_needs_none_works() -> None:
    with Promptwire("http://127.0.0.1:9", snapshots=None) as client:
        prompt = client.get_prompt("a", fallback="Hello {{who}}")
        assert repr(prompt) == "<Prompt a fallback from fallback>"
        assert prompt.compile(who="you")[0].content == "Hello you"
        with pytest.raises(InvalidRequest, match="missing variables: who"):
            prompt.compile()
        with pytest.raises(Unreachable):
            client.run("a", who="you")
