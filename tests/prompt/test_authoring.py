"""The authoring service, as a client sees it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

import msgspec
import pytest

from prompt_kept import Kept, says
from promptwire.api.authoring import (
    AUTHORING_SERVICE,
    Form,
    FormText,
    LintRequest,
    ListRulesRequest,
    PreviewRequest,
)
from promptwire.api.llm import (
    ChatReply,
    ChatRequest,
    CountTokensRequest,
    ListModelsReply,
    ListModelsRequest,
    TokenCount,
)
from promptwire.api.message import Event, Message, Tool
from promptwire.api.prompt import Content, RunRequest
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.authoring import AuthoringService
from promptwire.prompt.snippets import Snippets
from promptwire.template.languages import Languages
from thriftwire import local


class CountingLLM:
    """Counts every message as one token, for the one model it knows."""

    def __init__(self) -> None:
        self.asked: list[CountTokensRequest] = []

    async def count_tokens(self, request: CountTokensRequest) -> TokenCount:
        self.asked.append(request)
        if request.model not in ("", "m"):
            raise Failure("not_found", "no model is named so")
        return TokenCount(total=len(request.messages), exact=request.model == "m", messages=[])

    async def chat_stream(self, request: ChatRequest) -> AsyncGenerator[Event, None]:
        raise NotImplementedError
        yield

    async def chat(self, request: ChatRequest) -> ChatReply:
        raise NotImplementedError

    async def list_models(self, request: ListModelsRequest) -> ListModelsReply:
        raise NotImplementedError


@pytest.fixture
def languages() -> Iterator[Languages]:
    languages = Languages()
    yield languages
    languages.close()


@pytest.fixture
def kept(database: Database) -> Kept:
    return Kept(database)


@pytest.fixture
def llm() -> CountingLLM:
    return CountingLLM()


@pytest.fixture
def handler(kept: Kept, languages: Languages, llm: CountingLLM) -> AuthoringService:
    async def chosen(request: RunRequest | PreviewRequest) -> tuple[str, Content]:
        return "draft", request.draft or (await kept.store.prompt(request.key)).draft

    return AuthoringService(Snippets(kept.store.database), languages, llm, chosen)


async def test_everything_is_reachable_through_the_contract(handler: AuthoringService, kept: Kept) -> None:
    await kept.prompt("k", "{{a}} {{b}}")
    async with local.connect(AUTHORING_SERVICE, handler) as service:
        reply = await service.lint(LintRequest(content=says("{{open")))
        assert [finding.rule for finding in reply.findings] == ["unclosed-braces"]
        assert len((await service.list_rules(ListRulesRequest())).rules) >= 40
        text = (await service.write_form(Form(role="You sort letters."))).text
        assert (await service.read_form(FormText(text=text))).role == "You sort letters."
        shown = await service.preview(PreviewRequest(key="k", variables={"a": msgspec.Raw(b'"x"')}))
        assert (shown.messages[0].content, shown.missing, shown.tokens.total) == ("x {{b}}", ["b"], 1)


async def test_a_draft_is_read_with_its_snippets(handler: AuthoringService, kept: Kept) -> None:
    await kept.snippet("tone", "Be {{mood}}.")
    reply = await handler.lint(LintRequest(content=says("{{> tone}} {{topic}}")))
    assert [(slot.name, slot.snippet) for slot in reply.slots] == [("mood", "tone"), ("topic", None)]
    assert [(one.key, one.stands_for) for one in reply.snippets] == [("tone", "1")]
    circle = await handler.lint(LintRequest(content=says("{{> tone}}"), key="tone"))
    assert [finding.rule for finding in circle.findings] == ["snippet-circle"]


async def test_what_would_be_sent_is_counted_with_its_tools(
    handler: AuthoringService, kept: Kept, llm: CountingLLM
) -> None:
    await kept.snippet("tone", "Be kind.")
    draft = Content(messages=says("{{> tone}}").messages, model="m", tools=[Tool(name="look")])
    more = [Message(role="user", content="{{not a template}}")]
    shown = await handler.preview(PreviewRequest(key="k", draft=draft, messages=more))
    assert [message.content for message in shown.messages] == ["Be kind.", "{{not a template}}"]
    assert (llm.asked[0].tools, shown.tokens.exact) == (draft.tools, True)


async def test_a_model_that_is_gone_is_counted_by_estimate(handler: AuthoringService) -> None:
    shown = await handler.preview(PreviewRequest(key="k", draft=says("hello", model="gone")))
    assert (shown.tokens.total, shown.tokens.exact) == (1, False)
