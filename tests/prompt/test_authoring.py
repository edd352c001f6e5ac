"""The authoring service, as a client sees it."""

from __future__ import annotations

from promptwire.api.authoring import AUTHORING_SERVICE, Form, FormText, LintRequest, ListRulesRequest
from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.prompt.authoring import AuthoringService
from thriftwire import local


async def test_everything_is_reachable_through_the_contract() -> None:
    async with local.connect(AUTHORING_SERVICE, AuthoringService()) as service:
        reply = await service.lint(LintRequest(content=Content(messages=[Message(role="user", content="{{open")])))
        assert [finding.rule for finding in reply.findings] == ["unclosed-braces"]
        assert len((await service.list_rules(ListRulesRequest())).rules) >= 40
        text = (await service.write_form(Form(role="You sort letters."))).text
        assert (await service.read_form(FormText(text=text))).role == "You sort letters."
