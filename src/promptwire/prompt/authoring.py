"""`promptwire.api.authoring.AuthoringService`: help with writing that asks no model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

from promptwire.api.authoring import (
    Form,
    FormText,
    LintReply,
    LintRequest,
    ListRulesReply,
    ListRulesRequest,
    PreviewReply,
    PreviewRequest,
    RuleNote,
)
from promptwire.api.llm import CountTokensRequest, LLMService, TokenCount
from promptwire.api.message import Message
from promptwire.api.prompt import Content, RunRequest
from promptwire.errors import Failure
from promptwire.prompt.form import read as read_text
from promptwire.prompt.form import write
from promptwire.prompt.lint.linter import RULES, lint
from promptwire.prompt.preview import preview
from promptwire.prompt.reading import read
from promptwire.prompt.snippets import Snippets
from promptwire.template.languages import Languages, off_the_loop

Chosen: TypeAlias = Callable[[RunRequest | PreviewRequest], Awaitable[tuple[str, Content]]]


class AuthoringService:
    """Looks at drafts. It keeps nothing. ``chosen`` says what a request is about; ``llm`` counts tokens."""

    def __init__(self, snippets: Snippets, languages: Languages, llm: LLMService, chosen: Chosen) -> None:
        self._snippets, self._languages, self._llm, self._chosen = snippets, languages, llm, chosen

    async def lint(self, request: LintRequest) -> LintReply:
        """What could be better in a draft, and which variables and snippets it uses."""
        content = request.content
        expanded = await self._snippets.look_at(content, request.key)
        reading = await off_the_loop(content, read, content, expanded, self._languages)
        return LintReply(
            findings=lint(content, reading),
            slots=reading.slots,
            unused=reading.unused,
            snippets=reading.snippets,
        )

    async def preview(self, request: PreviewRequest) -> PreviewReply:
        """The messages a run would send, and their tokens."""
        _, content = await self._chosen(request)
        content = await self._snippets.put_in(content, request.key)
        messages, missing = await off_the_loop(content, preview, content, request.variables, self._languages)
        messages += request.messages or []
        return PreviewReply(messages=messages, missing=missing, tokens=await self._count(content, messages))

    async def _count(self, content: Content, messages: list[Message]) -> TokenCount:
        asked = CountTokensRequest(model=content.model, messages=messages, tools=content.tools or [])
        try:
            return await self._llm.count_tokens(asked)
        except Failure as failure:
            if failure.class_ != "not_found":  # a model that is gone is no reason to show nothing
                raise
        return await self._llm.count_tokens(msgspec.structs.replace(asked, model=""))

    async def list_rules(self, request: ListRulesRequest) -> ListRulesReply:
        """Every rule and why it is there."""
        return ListRulesReply(rules=[RuleNote(id=rule.id, severity=rule.severity, why=rule.why) for rule in RULES])

    async def write_form(self, form: Form) -> FormText:
        """A form as text."""
        return FormText(text=write(form))

    async def read_form(self, text: FormText) -> Form:
        """A text as a form."""
        return read_text(text.text)
