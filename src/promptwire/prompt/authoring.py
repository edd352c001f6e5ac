"""`promptwire.api.authoring.AuthoringService`: help with writing that asks no model."""

from __future__ import annotations

from promptwire.api.authoring import (
    Form,
    FormText,
    LintReply,
    LintRequest,
    ListRulesReply,
    ListRulesRequest,
    RuleNote,
)
from promptwire.prompt.form import read, write
from promptwire.prompt.lint.linter import RULES, lint


class AuthoringService:
    """Looks at drafts. It keeps nothing."""

    async def lint(self, request: LintRequest) -> LintReply:
        """What could be better in a draft."""
        return LintReply(findings=lint(request.content))

    async def list_rules(self, request: ListRulesRequest) -> ListRulesReply:
        """Every rule and why it is there."""
        return ListRulesReply(rules=[RuleNote(id=rule.id, severity=rule.severity, why=rule.why) for rule in RULES])

    async def write_form(self, form: Form) -> FormText:
        """A form as text."""
        return FormText(text=write(form))

    async def read_form(self, text: FormText) -> Form:
        """A text as a form."""
        return read(text.text)
