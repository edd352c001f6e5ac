"""The SDK for threads: `Promptwire`, the prompts it gives, and the runs it starts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar, overload

from promptwire.answer import Answer
from promptwire.api.llm import ChatReply, Parameters
from promptwire.api.message import Event, Message, Start
from promptwire.api.prompt import Content
from promptwire.api.run import CancelRunReply
from promptwire.api.version import Commit
from promptwire.client import questions
from promptwire.client.errors import PromptwireError, of_failure
from promptwire.client.http import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, Link
from promptwire.client.questions import FALLBACK, Fallback, Messages
from promptwire.client.reading import Reading
from promptwire.client.server import Server, path
from promptwire.client.shelf import Found, Shelf, Source
from promptwire.client.snapshots import Ask, Snapshots, usual_folder
from promptwire.errors import Failure
from promptwire.template.languages import Languages
from promptwire.template.rendering import render

T = TypeVar("T")

CACHE_TTL_S: Final = 60.0
RESUMABLE_S: Final = 60.0


class Promptwire:
    """A server, asked from any number of threads.

    ``url``, ``api_key`` and ``user`` (the person it is done for) are otherwise ``PROMPTWIRE_URL`` (a server on this
    machine), ``PROMPTWIRE_API_KEY`` and ``PROMPTWIRE_USER``. ``snapshots`` is the folder of prompts on disk,
    ``PROMPTWIRE_SNAPSHOTS`` or the user's cache; None keeps none. Timeouts are in seconds: to connect, and between two
    packets. Methods raise `promptwire.client.errors.PromptwireError`.
    """

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
        self._link = Link(server, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s)
        folder = usual_folder() if snapshots == "" else None if snapshots is None else Path(snapshots)
        self._shelf = Shelf(Snapshots(server, folder))
        self._languages = Languages()
        self._first = threading.Lock()
        self._refreshing: set[threading.Thread] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End what works in the background."""
        for thread in tuple(self._refreshing):
            thread.join(1.0)
        self._languages.close()

    def get_prompt(
        self,
        key: str,
        *,
        label: str | None = None,
        version: str | None = None,
        fallback: Fallback | None = None,
        cache_ttl: float = CACHE_TTL_S,
    ) -> Prompt:
        """A version of a prompt: the one named, the one a label is at, or the newest of the main branch.

        Only the first asking waits for the server. For ``cache_ttl`` seconds the answer is fresh; then it is given all
        the same, and asked for anew in the background. When the server is down the last snapshot stands in, and then
        ``fallback``: a content, a list of messages, or what the user says. ``Prompt.source`` says which it was.
        """
        ask, stand_in = Ask(key, version, label), questions.stand_in(key, fallback)
        found = self._shelf.look(ask, cache_ttl, stand_in)
        if found is None:
            with self._first:  # of several first askings one asks
                found = self._shelf.look(ask, cache_ttl, stand_in) or self._asked(ask, stand_in)
        if found.refresh:
            self._refresh(ask)
        return Prompt(self, found)

    @overload
    def run(
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
    ) -> Run: ...

    @overload
    def run(
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

    def run(
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
    ) -> Run | ChatReply:
        """Run a prompt on the server: its events with ``stream``, otherwise the whole answer.

        ``more`` are values of variables, as are ``variables``; ``messages`` follow the prompt's own. Without version
        and label it is what the label ``production`` is at, else the newest version, else the draft. ``model`` and
        ``parameters`` take the place of the prompt's, each parameter for itself. A connection that breaks is made anew
        and the answer read on, for up to ``resumable_s`` seconds (0: never); ``timeout_s`` bounds the whole.
        """
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
        return self.begin(question, resumable_s, stream=stream)

    @overload
    def chat(
        self,
        messages: Messages,
        *,
        model: str,
        stream: Literal[True],
        parameters: Parameters | Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> Run: ...

    @overload
    def chat(
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

    def chat(
        self,
        messages: Messages,
        *,
        model: str,
        stream: bool = False,
        parameters: Parameters | Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        resumable_s: float = RESUMABLE_S,
        **more: Any,
    ) -> Run | ChatReply:
        """Ask a model without a prompt; ``more`` are other fields of the contract's ChatRequest: tools and the like."""
        question = questions.chat(
            messages, model=model, parameters=parameters, timeout_s=timeout_s, resumable_s=resumable_s, **more
        )
        return self.begin(question, resumable_s, stream=stream)

    def request(self, verb: str, path: str, body: Any = None, *, kind: type[T]) -> T:
        """Any other method of the contract: its route, its body, and the struct of its answer."""
        return self._link.ask(verb, path, body, kind=kind)

    def compiled(self, content: Content, values: Mapping[str, Any]) -> list[Message]:
        """The messages of a content with values in their places, as the server renders them."""
        try:
            return render(content, questions.raws(values), self._languages)
        except Failure as failure:
            raise of_failure(failure) from failure

    def begin(self, question: questions.Question, resumable_s: float, *, stream: bool) -> Run | ChatReply:
        """Start a run: its events with ``stream``, otherwise the whole answer."""
        reading = Reading(resumable_s)
        run = Run(self, self._link.events(question.path, question.body, reading, question.headers), reading)
        if stream:
            return run
        with run:
            return run.reply()

    def _asked(self, ask: Ask, stand_in: Commit | None) -> Found:
        try:
            return self._shelf.answered(ask, self._fetch(ask))
        except PromptwireError as error:
            return self._shelf.failed(ask, error, stand_in)

    def _fetch(self, ask: Ask) -> Commit:
        where = path("prompts", ask.key, "fetch", version=ask.version, label=ask.label, expand="true")
        return self._link.ask("GET", where, kind=Commit)

    def _refresh(self, ask: Ask) -> None:
        thread = threading.Thread(target=self._refreshed, args=(ask,), name=f"promptwire {ask}", daemon=True)
        self._refreshing.add(thread)
        thread.start()

    def _refreshed(self, ask: Ask) -> None:
        try:
            self._shelf.answered(ask, self._fetch(ask))
        except PromptwireError as error:
            self._shelf.refresh_failed(ask, error)
        finally:
            self._refreshing.discard(threading.current_thread())


class Prompt:
    """A version of a prompt. ``source``: server, cache, stale, snapshot or fallback."""

    def __init__(self, client: Promptwire, found: Found) -> None:
        self._client = client
        self.key = found.commit.key
        self.version = found.commit.version.version
        self.content = found.commit.content
        self.source: Source = found.source

    def __repr__(self) -> str:
        return f"<Prompt {self.key} {self.version} from {self.source}>"

    def compile(self, **values: Any) -> list[Message]:
        """The messages with values in their places, rendered here as the server does. Raises InvalidRequest."""
        return self._client.compiled(self.content, values)

    @overload
    def run(
        self,
        *,
        stream: Literal[True],
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Run: ...

    @overload
    def run(
        self,
        *,
        stream: Literal[False] = False,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> ChatReply: ...

    def run(
        self,
        *,
        stream: bool = False,
        model: str | None = None,
        parameters: Parameters | Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Run | ChatReply:
        """Run this very version on the server; a fallback, which the server does not know, is rendered here.

        ``more`` are values of variables, as are ``variables``; ``model`` and ``parameters`` take the place of its own.
        """
        values = {**(variables or {}), **more}
        said: dict[str, Any] = {"model": model, "parameters": parameters, "resumable_s": RESUMABLE_S}
        if self.version != FALLBACK:
            given = questions.raws(values)
            question = questions.run(self.key, version=self.version, variables=given, timeout_s=None, **said)
        else:
            question = questions.rendered(self.content, self.compile(**values), **said)
        return self._client.begin(question, RESUMABLE_S, stream=stream)


class Run(Iterator[Event]):
    """The events of a run, as they come. Closing it before its end cancels the run."""

    def __init__(self, client: Promptwire, events: Generator[Event, None, None], reading: Reading) -> None:
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

    def __next__(self) -> Event:
        event = next(self._events)
        self._answer.add(event)
        return event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reply(self) -> ChatReply:
        """The whole answer: reads what is left."""
        for _ in self:
            pass
        return self._answer.reply()

    def close(self) -> None:
        """Leave; a run that has not ended is cancelled on the server."""
        self._events.close()
        if self.id and not self._reading.ended:
            self._reading.ended = True
            with contextlib.suppress(PromptwireError):  # it ended by itself, or the server is gone
                self._client.request("POST", path("runs", self.id, "cancel"), {}, kind=CancelRunReply)
