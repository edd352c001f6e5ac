"""The place where prompts are written, kept, and run: `promptwire.api.prompt.PromptService`."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import msgspec
from msgspec.structs import asdict

from promptwire.api.authoring import PreviewRequest
from promptwire.api.llm import ChatRequest, LLMService, Parameters
from promptwire.api.message import Event
from promptwire.api.prompt import (
    Content,
    CreatePromptRequest,
    DeletePromptRequest,
    GetPromptRequest,
    ListPromptsReply,
    ListPromptsRequest,
    Prompt,
    PromptDeleted,
    RunRequest,
    UpdateDraftRequest,
)
from promptwire.errors import Failure
from promptwire.person import person
from promptwire.prompt.demo import DEMO
from promptwire.prompt.drafts import Edit
from promptwire.prompt.filing import folder, tags
from promptwire.prompt.history import History
from promptwire.prompt.kinds import check_kind
from promptwire.prompt.running import Runs
from promptwire.prompt.snippets import DRAFT, Snippets
from promptwire.prompt.store import PromptStore
from promptwire.prompt.tools.running import Tools
from promptwire.prompt.usage import refuse_in_use
from promptwire.template.languages import Languages, off_the_loop
from promptwire.template.rendering import render, variables
from promptwire.template.snippets import KEY_PATTERN
from thriftwire.streams import Onward, onward, streamed

KEY: Final = re.compile(KEY_PATTERN)


class PromptService:
    """Prompts in ``store``, run on ``llm``. Methods raise Failure."""

    def __init__(
        self,
        store: PromptStore,
        history: History,
        llm: LLMService,
        languages: Languages,
        *,
        runs: Runs | None = None,
        tools: Tools | None = None,
    ) -> None:
        self._runs = runs or Runs()
        self._store = store
        self._history = history
        self._llm = llm
        self._languages = languages
        self._snippets = Snippets(store.database)
        self._tools = tools or Tools()

    async def welcome(self) -> None:
        """Give a newcomer the demo prompt, when there is no prompt at all."""
        if await self._store.is_empty():
            try:
                await self.create_prompt(DEMO)
            except Failure as failure:
                if failure.class_ != "conflict":  # another process has just done the same
                    raise

    async def create_prompt(self, request: CreatePromptRequest) -> Prompt:
        """Keep a new prompt under its key."""
        if not KEY.fullmatch(request.key):
            raise bad_key(request.key)
        draft = request.draft or Content()
        check_kind(request.kind, draft)
        prompt = await self._store.create(
            request.key,
            draft=draft,
            name=request.name,
            description=request.description,
            tags=tags(request.tags),
            folder=folder(request.folder),
            kind=request.kind,
        )
        return await self.described(prompt)

    async def get_prompt(self, request: GetPromptRequest) -> Prompt:
        """One prompt."""
        return await self.described(await self._store.prompt(request.key))

    async def list_prompts(self, request: ListPromptsRequest) -> ListPromptsReply:
        """All prompts, the last edited first."""
        return ListPromptsReply(prompts=[await self.described(prompt) for prompt in await self._store.every()])

    async def update_draft(self, request: UpdateDraftRequest) -> Prompt:
        """Keep an edit of the caller's draft; an edit of an older revision is a conflict."""
        named = {
            "name": request.name,
            "description": request.description,
            "tags": None if request.tags is None else tags(request.tags),
            "folder": None if request.folder is None else folder(request.folder),
        }
        about = {field: value for field, value in named.items() if value is not None}
        edit = None
        if request.draft is not None:
            check_kind((await self._store.prompt(request.key)).kind, request.draft)
            edit = Edit(request.draft, request.revision, request.base, request.origin, moved=request.base is not None)
        prompt = await self._store.update(request.key, draft=edit, about_revision=request.about_revision, **about)
        return await self.described(prompt)

    async def delete_prompt(self, request: DeletePromptRequest) -> PromptDeleted:
        """Put a prompt into the trash, unless others include it."""
        await self._store.delete(request.key, person(), refuse_in_use)
        return PromptDeleted()

    @streamed
    async def run(self, request: RunRequest) -> AsyncGenerator[Event | Onward[Event], None]:
        """Render, and relay the model's events; the first says which prompt and version is running."""
        with self._runs.begin(request) as run:
            version, content = await self.chosen(request)
            run.chose(version, content)
            chat = await self._chat(content, request)

            def ask(chat: ChatRequest) -> AsyncGenerator[Event, None]:
                return run.ask(self._llm, chat)

            async with aclosing(self._tools.events(ask, chat, content, request, run.tool)) as events:
                yield onward(events, run.noting)

    async def chosen(self, request: RunRequest | PreviewRequest) -> tuple[str, Content]:
        """What is to be run, and what it is called."""
        key, version, label = request.key, request.version, request.label
        if request.draft is not None:
            await self._store.known(key)
            return DRAFT, request.draft
        if version != DRAFT:
            if version is None and label is None:
                commit = await self._history.floating(key)
            else:
                commit = await self._history.chosen(key, version=version, label=label)
            if commit is not None:
                return commit.version.version, commit.content
        return DRAFT, (await self._store.beginning(key)).content

    async def _chat(self, content: Content, request: RunRequest) -> ChatRequest:
        """What the model is asked when ``content`` is run. Raises Failure (invalid_request)."""
        model = request.model or content.model
        if not model:
            raise Failure("invalid_request", "the prompt names no model")
        content = await self._snippets.put_in(content, request.key)
        messages = await off_the_loop(content, render, content, request.variables, self._languages)
        messages += request.messages or []
        if not messages:
            raise Failure("invalid_request", "the prompt has no messages")
        return ChatRequest(
            model=model,
            messages=messages,
            parameters=overridden(content.parameters, request.parameters),
            tools=content.tools,
            tool_choice=content.tool_choice,
            response_format=content.response_format,
            simulate=request.simulate,
            timeouts=request.timeouts,
        )

    async def described(self, prompt: Prompt) -> Prompt:
        """The prompt with the names its draft asks for."""
        content = (await self._snippets.look_at(prompt.draft, prompt.key)).content
        prompt.variables = await off_the_loop(content, variables, content, self._languages)
        return prompt


def bad_key(key: str) -> Failure:
    """The failure of what cannot be a key."""
    rule = "a key is up to 100 letters, digits, '.', '_' and '-', a letter or digit first"
    return Failure("invalid_request", f"{rule}; not {key!r}")


def overridden(own: Parameters | None, given: Parameters | None) -> Parameters | None:
    """``own`` parameters, with what is set in ``given`` in their place."""
    if own is None or given is None:
        return given or own
    return msgspec.structs.replace(own, **{name: value for name, value in asdict(given).items() if value is not None})
