"""The SDK: a running Promptwire from Python, `Promptwire` for threads and `AsyncPromptwire` for event loops.

    from promptwire.client import Promptwire

    with Promptwire() as client:
        prompt = client.get_prompt("refund", label="production")
        for event in prompt.run(question="Where is my money?", stream=True):
            ...

Names are loaded when they are first used, so that a program that only fetches prompts never loads an event loop.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from promptwire.client.aio import AsyncPrompt, AsyncPromptwire, AsyncRun
    from promptwire.client.errors import PromptwireError
    from promptwire.client.sync import Prompt, Promptwire, Run

__all__ = ["AsyncPrompt", "AsyncPromptwire", "AsyncRun", "Prompt", "Promptwire", "PromptwireError", "Run"]

_PLACES: Final = {
    "AsyncPrompt": "aio",
    "AsyncPromptwire": "aio",
    "AsyncRun": "aio",
    "Prompt": "sync",
    "Promptwire": "sync",
    "PromptwireError": "errors",
    "Run": "sync",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
