"""The place for the prompt a newcomer finds: it runs without a key, a value or a setting."""

from __future__ import annotations

from typing import Final

import msgspec

from promptwire.api.message import Message
from promptwire.api.prompt import Content, CreatePromptRequest, Variable

DEMO: Final = CreatePromptRequest(
    key="demo",
    name="Demo",
    description="Press Run: the built-in model types an answer. Then change anything and run again.",
    draft=Content(
        messages=[
            Message(role="system", content="You are a patient guide. Answer in a few short paragraphs."),
            Message(role="user", content="Tell me about {{topic}}."),
        ],
        model="simulated/typewriter",
        variables=[
            Variable(
                name="topic",
                description="What the answer is about",
                default_=msgspec.Raw(b'"typewriters"'),
                example=msgspec.Raw(b'"the printing press"'),
            )
        ],
    ),
)
