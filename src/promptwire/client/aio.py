"""The SDK for event loops: `AsyncPromptwire`, the twin of `promptwire.client.sync.Promptwire`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, overload

from promptwire.answer import Answer
from promptwire.api.llm import ChatReply, Parameters
from promptwire.api.message import Event, Message, Start
from promptwire.api.prompt import Content
from promptwire.api.run import CancelRunReply
from promptwire.api.version import Commit
from promptwire.client import questions
from promptwire.client.aio_http import AsyncLink
from promptwire.client.errors import PromptwireError, of_failure
from promptwire.client.http import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from promptwire.client.questions import FALLBACK, Fallback, Messages
from promptwire.client.reading import Reading
from promptwire.client.server import Server, path
from promptwire.client.shelf import Found, Shelf, Source
from promptwire.client.snapshots import Ask, Snapshots, usual_folder
from promptwire.client.sync import CACHE_TTL_S, RESUMABLE_S
from promptwire.errors import Failure
from promptwire.template.languages import Languages, off_the_loop
from promptwire.template.rendering import render

T = TypeVar("T")


class AsyncPromptwire:
    """A server, asked from one event loop. Arguments and errors are those of `promptwire.client.Promptwire`."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        user: str | None = None,
        *,
        snapshots: Path | str | None = "",
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        server = Server.of(url, api_key, user)
        self._link = AsyncLink(server, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s)
        folder = usual_folder() if snapshots == "" else None if snapshots is None else Path(snapshots)
        self._shelf = Shelf(Snapshots(server, folder))
        self._languages = Languages()
        self._first = asyncio.Lock()
        self._refreshing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End what works in the background, and the connections."""
        for task in tuple(self._refreshing):
            task.cancel()
        await self._link.close()
        self._languages.close()

    async def get_prompt(
        self,
        key: str,
        *,
        label: str | None = None,
        version: str | None = None,
        fallback: Fallback | None = None,
        cache_ttl: float = CACHE_TTL_S,
    ) -> AsyncPrompt:
        """A version of a prompt, as `Promptwire.get_prompt`."""
        ask, stand_in = Ask(key, version, label), questions.stand_in(key, fallback)
        found = self._shelf.look(ask, cache_ttl, stand_in)
        if found is None:
            async with self._first:
                found = self._shelf.look(ask, cache_ttl, stand_in) or await self._asked(ask, stand_in)
        if found.refresh:
            task = asyncio.get_running_loop().create_task(self._refreshed(ask))
            self._refreshing.add(task)
            task.add_done_callback(self._refreshing.discard)
        return AsyncPrompt(self, found)

    @overload
    async def run(
        self,
        key: str,
        *,
        stream: Literal[True],
        version: str | None = None,
        label: str | None = None,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        messages: Messages | None = None,
        variables: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> AsyncRun: ...

    @overload
    async def run(
        self,
        key: str,
        *,
        stream: Literal[False] = False,
        version: str | None = None,
        label: str | None = None,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        messages: Messages | None = None,
        variables: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> ChatReply: ...

    async def run(
        self,
        key: str,
        *,
        stream: bool = False,
        version: str | None = None,
        label: str | None = None,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        messages: Messages | None = None,
        variables: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> AsyncRun | ChatReply:
        """Run a prompt on the server, as `Promptwire.run`."""
        question = questions.run(
            key,
            version=version,
            label=label,
            model=model,
            parameters=parameters,
            messages=None if messages is None else questions.said(messages),
            variables=questions.raws({**(variables or {}), **more}),
            timeout_s=timeout_s,
            resumable_s=resumable_s,
        )
        return await self.begin(question, resumable_s, stream=stream)

    @overload
    async def chat(
        self,
        messages: Messages,
        *,
        model: str,
        stream: Literal[True],
        parameters: Parameters | Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> AsyncRun: ...

    @overload
    async def chat(
        self,
        messages: Messages,
        *,
        model: str,
        stream: Literal[False] = False,
        parameters: Parameters | Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> ChatReply: ...

    async def chat(
        self,
        messages: Messages,
        *,
        model: str,
        stream: bool = False,
        parameters: Parameters | Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> AsyncRun | ChatReply:
        """Ask a model without a prompt, as `Promptwire.chat`."""
        question = questions.chat(
            messages, model=model, parameters=parameters, timeout_s=timeout_s, resumable_s=resumable_s, **more
        )
        return await self.begin(question, resumable_s, stream=stream)

    async def request(self, verb: str, path: str, body: Any = None, *, kind: type[T]) -> T:
        """Any other method of the contract: its route, its body, and the struct of its answer."""
        return await self._link.ask(verb, path, body, kind=kind)

    async def compiled(self, content: Content, values: Mapping[str, Any]) -> list[Message]:
        """The messages of a content with values in their places, as the server renders them."""
        given = questions.raws(values)
        try:
            return await off_the_loop(content, render, content, given, self._languages)
        except Failure as failure:
            raise of_failure(failure) from failure

    async def begin(self, question: questions.Question, resumable_s: float, *, stream: bool) -> AsyncRun | ChatReply:
        """Start a run: its events with ``stream``, otherwise the whole answer."""
        reading = Reading(resumable_s)
        run = AsyncRun(self, self._link.events(question, reading), reading)
        if stream:
            return run
        async with run:
            return await run.reply()

    async def _asked(self, ask: Ask, stand_in: Commit | None) -> Found:
        try:
            commit = await self._fetch(ask)
        except PromptwireError as error:
            return await asyncio.to_thread(self._shelf.failed, ask, error, stand_in)
        return await asyncio.to_thread(self._shelf.answered, ask, commit)

    async def _fetch(self, ask: Ask) -> Commit:
        where = path("prompts", ask.key, "fetch", version=ask.version, label=ask.label, expand="true")
        return await self.request("GET", where, kind=Commit)

    async def _refreshed(self, ask: Ask) -> None:
        try:
            commit = await self._fetch(ask)
        except PromptwireError as error:
            self._shelf.refresh_failed(ask, error)
        else:
            await asyncio.to_thread(self._shelf.answered, ask, commit)


class AsyncPrompt:
    """A version of a prompt. ``source``: server, cache, stale, snapshot or fallback."""

    def __init__(self, client: AsyncPromptwire, found: Found) -> None:
        self._client = client
        self.key = found.commit.key
        self.version = found.commit.version.version
        self.content = found.commit.content
        self.source: Source = found.source

    def __repr__(self) -> str:
        return f"<AsyncPrompt {self.key} {self.version} from {self.source}>"

    async def compile(self, **values: Any) -> list[Message]:
        """The messages with values in their places, rendered here as the server does. Raises InvalidRequest."""
        return await self._client.compiled(self.content, values)

    @overload
    async def run(
        self,
        *,
        stream: Literal[True],
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> AsyncRun: ...

    @overload
    async def run(
        self,
        *,
        stream: Literal[False] = False,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> ChatReply: ...

    async def run(
        self,
        *,
        stream: bool = False,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> AsyncRun | ChatReply:
        """Run this very version on the server; a fallback, which the server does not know, is rendered here.

        ``more`` are values of variables, as are ``variables``; ``model`` and ``parameters`` take the place of its own.
        """
        values = {**(variables or {}), **more}
        said: dict[str, Any] = {"model": model, "parameters": parameters, "resumable_s": RESUMABLE_S}
        if self.version != FALLBACK:
            given = questions.raws(values)
            question = questions.run(self.key, version=self.version, variables=given, timeout_s=None, **said)
        else:
            question = questions.rendered(self.content, await self.compile(**values), **said)
        return await self._client.begin(question, RESUMABLE_S, stream=stream)


class AsyncRun(AsyncIterator[Event]):
    """The events of a run, as they come. Closing it before its end cancels the run."""

    def __init__(self, client: AsyncPromptwire, events: AsyncGenerator[Event, None], reading: Reading) -> None:
        self._client, self._events, self._reading = client, events, reading
        self._answer = Answer()

    @property
    def id(self) -> str:
        """What the server calls it; empty before the first event."""
        return self._reading.run_id

    @property
    def start(self) -> Start | None:
        """Which version and model answer; None before the first event."""
        return self._answer.start

    @property
    def text(self) -> str:
        """What was answered so far."""
        return self._answer.message.content

    async def __anext__(self) -> Event:
        event = await anext(self._events)
        self._answer.add(event)
        return event

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def reply(self) -> ChatReply:
        """The whole answer: reads what is left."""
        async for _ in self:
            pass
        return self._answer.reply()

    async def aclose(self) -> None:
        """Leave; a run that has not ended is cancelled on the server."""
        await self._events.aclose()
        if self.id and not self._reading.ended:
            self._reading.ended = True
            with contextlib.suppress(PromptwireError):  # it ended by itself, or the server is gone
                await self._client.request("POST", path("runs", self.id, "cancel"), {}, kind=CancelRunReply)
