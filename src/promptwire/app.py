"""The composition root: the one place that knows every service, and whether it is next door or across a wire."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import uvicorn
import uvloop

import thriftwire
from promptwire.api.authoring import AUTHORING_SERVICE
from promptwire.api.catalogue import CATALOGUE_SERVICE
from promptwire.api.files import FILES_SERVICE
from promptwire.api.governance import GOVERNANCE_SERVICE
from promptwire.api.input import INPUT_SERVICE
from promptwire.api.library import LIBRARY_SERVICE
from promptwire.api.llm import LLM_SERVICE, LLMService
from promptwire.api.prompt import PROMPT_SERVICE
from promptwire.api.record import RECORD_SERVICE
from promptwire.api.snippet import SNIPPET_SERVICE
from promptwire.api.tool import TOOL_SERVICE
from promptwire.api.trace import TRACE_SERVICE
from promptwire.api.version import VERSION_SERVICE
from promptwire.gateway.link import UNREAD_S, Link, Turn
from promptwire.plan import Plan, Role, address, bound, handed_down
from promptwire.settings import Settings
from thriftwire.service import Service

if TYPE_CHECKING:
    from promptwire.observing import Kept
    from promptwire.span import Spans

P = TypeVar("P")
Faces: TypeAlias = dict[Service[Any], Any]  # each service with what satisfies its Protocol

SERVICES: Final[Mapping[Role, tuple[Service[Any], ...]]] = {
    "llm": (LLM_SERVICE, CATALOGUE_SERVICE, GOVERNANCE_SERVICE),
    "prompt": (
        PROMPT_SERVICE,
        AUTHORING_SERVICE,
        FILES_SERVICE,
        VERSION_SERVICE,
        LIBRARY_SERVICE,
        INPUT_SERVICE,
        SNIPPET_SERVICE,
        RECORD_SERVICE,
        TRACE_SERVICE,
        TOOL_SERVICE,
    ),
    "gateway": (),
}
"""What each role answers, the innermost role first: a role asks only those before it."""

MAX_STREAMS: Final = 10_000  # between two processes; a connection each, but over gRPC
MAX_MESSAGE: Final = 32 * 1024 * 1024  # bytes between roles; more than the body the gateway takes
YOUNG: Final = 5_000  # objects more than before, until garbage is looked for among them
WINDOW: Final = 16 * 1024  # bytes of an answer under way between two processes to a reader who takes nothing
INTERRUPTED: Final = 130  # the exit code of a process that was told twice to stop
KILL_GRACE_S: Final = 2.0  # beyond the drain, before a supervised process that does not end is ended

log = logging.getLogger(__name__)


def serve(settings: Settings, plan: Plan, *, supervised: bool = False) -> None:
    """Serve until SIGTERM or SIGINT, then drain. ``supervised``: also until standard input ends.

    Raises OSError when an address cannot be had, DatabaseError and SecretError when the data cannot be used.
    """
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.log_level.upper(),
        format=f"%(asctime)s %(levelname)s {plan.name} %(name)s: %(message)s",
    )
    _raise_file_limit()
    if supervised:
        threading.Thread(target=_end_with_parent, args=(settings.drain_s + KILL_GRACE_S,), daemon=True).start()
    uvloop.run(_serve(settings, plan))


async def _serve(settings: Settings, plan: Plan) -> None:
    with _signals() as stopping:
        async with AsyncExitStack() as stack:
            lines = [line async for line in _started(stack, settings, plan)]
            print(*lines, sep="\n", flush=True)
            _settle_memory()
            await stopping.wait()
            log.info("stopping")


async def _started(stack: AsyncExitStack, settings: Settings, plan: Plan) -> AsyncIterator[str]:
    """Start what the plan says, innermost first; the addresses it is reached at, the gateway's first."""
    from promptwire.observing import keep_there, spans_of

    faces: Faces = {}
    handlers: Faces = {}
    spans = spans_of(stack, settings, plan.name)
    kept = await _kept(stack, settings, plan, spans)
    for role, services in SERVICES.items():
        if role in plan.roles:
            made = await _handlers(role, stack, settings, faces, kept)
            handlers |= made
            for service, handler in made.items():
                local = thriftwire.local.connect(service, handler, name=plan.name)
                faces[service] = await stack.enter_async_context(local)
        elif role in plan.connect:
            service: Service[Any]
            for service in services:
                faces[service] = await stack.enter_async_context(_link(service, plan.connect[role], settings, plan))
    if kept is None:
        keep_there(stack, settings, plan.name, spans, faces[TRACE_SERVICE])
    served = None if plan.listen is None else await _open_services(stack, settings, plan, plan.listen, handlers)
    if "gateway" in plan.roles:
        yield await _open_site(stack, settings, plan, faces, spans)
    if served is not None:
        yield served


def _link(service: Service[P], where: str, settings: Settings, plan: Plan) -> AbstractAsyncContextManager[P]:
    """A service of another process."""
    return thriftwire.connect(
        where,
        service,
        transport=settings.transport,
        name=plan.name,
        sharing="mux" if settings.transport == "grpc" else "long",  # a slow reader holds up nobody but itself
        max_connections=MAX_STREAMS,
        max_message=MAX_MESSAGE,
        window=WINDOW,
    )


async def _kept(stack: AsyncExitStack, settings: Settings, plan: Plan, spans: Spans) -> Kept | None:
    """What this process keeps of its work; a gateway alone has no database."""
    from promptwire.observing import forget_in_time, keep_here

    if not plan.roles - {"gateway"}:
        return None
    kept = await keep_here(stack, settings, plan.name, spans)
    if "prompt" in plan.roles:
        forget_in_time(stack, settings, kept)
    return kept


async def _handlers(role: Role, stack: AsyncExitStack, settings: Settings, faces: Faces, kept: Kept | None) -> Faces:
    """What answers the services of a role, which may ask the services in ``faces``."""
    if role == "gateway" or kept is None:
        return {}
    return await (_llm(stack, settings, kept) if role == "llm" else _prompt(stack, settings, faces[LLM_SERVICE], kept))


async def _llm(stack: AsyncExitStack, settings: Settings, kept: Kept) -> Faces:
    from promptwire.llm.assembly import assemble

    made = await assemble(stack, settings, kept.spans, kept.recorder)
    return {LLM_SERVICE: made.llm, CATALOGUE_SERVICE: made.catalogue, GOVERNANCE_SERVICE: made.governance}


async def _prompt(stack: AsyncExitStack, settings: Settings, llm: LLMService, kept: Kept) -> Faces:
    from promptwire.database import Database
    from promptwire.prompt.authoring import AuthoringService
    from promptwire.prompt.exchange import FilesService
    from promptwire.prompt.history import History
    from promptwire.prompt.index import PromptIndex
    from promptwire.prompt.input_store import InputStore
    from promptwire.prompt.inputs import InputService
    from promptwire.prompt.library import LibraryService
    from promptwire.prompt.running import Runs
    from promptwire.prompt.service import PromptService as Handler
    from promptwire.prompt.snippet_service import SnippetService
    from promptwire.prompt.snippets import Snippets
    from promptwire.prompt.store import PromptStore
    from promptwire.prompt.tools.assembly import tools_of
    from promptwire.prompt.usage import Usage
    from promptwire.prompt.versions import VersionService
    from promptwire.record.service import RecordService
    from promptwire.template.languages import Languages
    from promptwire.trace.service import TraceService

    database = Database(settings.database)
    stack.push_async_callback(database.close)
    await database.migrate()
    languages = Languages()
    stack.callback(languages.close)
    store, history = PromptStore(database), History(database)
    tools = tools_of(stack, settings, database)
    runs = Runs(kept.spans, kept.recorder)
    handler = Handler(store, history, llm, languages, runs=runs, tools=tools.runs)
    await handler.welcome()
    versions = VersionService(store, history, handler.described)
    return {
        PROMPT_SERVICE: handler,
        FILES_SERVICE: FilesService(handler, versions, Snippets(database)),
        LIBRARY_SERVICE: LibraryService(PromptIndex(database), store, handler),
        INPUT_SERVICE: InputService(InputStore(database)),
        AUTHORING_SERVICE: AuthoringService(Snippets(database), languages, llm, handler.chosen),
        VERSION_SERVICE: versions,
        SNIPPET_SERVICE: SnippetService(store, history, Usage(database, history)),
        RECORD_SERVICE: RecordService(kept.records, handler, llm, kept.journal.flush),
        TRACE_SERVICE: TraceService(kept.traces, kept.flush_spans),
        TOOL_SERVICE: tools.service,
    }


async def _open_services(stack: AsyncExitStack, settings: Settings, plan: Plan, listen: str, handlers: Faces) -> str:
    """Answer RPC; the line that says where."""
    server = thriftwire.Server(handlers, name=plan.name, max_message=MAX_MESSAGE)
    await (server.start(listen) if listen.startswith("fd:") else server.start(*address(listen)))
    stack.push_async_callback(server.stop, grace_s=settings.drain_s)
    names = ", ".join(service.name for service in handlers)
    return f"{names} on {server.address}"


async def _open_site(stack: AsyncExitStack, settings: Settings, plan: Plan, faces: Faces, spans: Spans) -> str:
    """Answer HTTP; the line that says where."""
    from promptwire.gateway.http import build_app

    sock = handed_down(plan.site) if plan.site else bound(settings.host, settings.port)
    hosts = [settings.host, *settings.hosts.split()]
    app = build_app(faces, api_keys=settings.api_keys.split(), hosts=hosts, spans=spans)
    stack.push_async_callback(app.close)
    site = Site(app, drain_s=settings.drain_s, unread_s=settings.unread_s)
    await stack.enter_async_context(site.open(sock))
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Site(uvicorn.Server):
    """The HTTP server: uvicorn, without its own ideas about signals and logs."""

    def __init__(self, app: Any, *, drain_s: float, unread_s: float = UNREAD_S) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=partial(Link, turn=Turn(), unread_s=unread_s),  # pyright: ignore[reportArgumentType] - all it does is call it
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=max(1, round(drain_s)),
            )
        )
        self._serving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept."""
        await super().startup(sockets)
        self._serving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process, which stops more than this server."""
        yield

    @contextlib.asynccontextmanager
    async def open(self, sock: socket.socket) -> AsyncIterator[None]:
        """Accept on ``sock`` inside the block; drain at its end."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.serve([sock]))
            await self._serving.wait()
            try:
                yield
            finally:
                self.should_exit = True
        if left := self.server_state.tasks:
            await asyncio.wait(left, timeout=KILL_GRACE_S)  # cancelled by uvicorn; let them say so to their readers


def _settle_memory() -> None:
    """What a start has made stays: no collection of garbage looks at it again, and those of what is new are rarer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


def _raise_file_limit() -> None:
    """Use what the system allows: each stream is a connection or two, and the usual limit is made for less."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):  # some systems call unlimited what they do not give
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def _signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set (a second one ends the process); SIGUSR1 lists the running tasks."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            os._exit(INTERRUPTED)
        stopping.set()

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGUSR1, _list_tasks)
    try:
        yield stopping
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            loop.remove_signal_handler(number)


def _list_tasks() -> None:
    """Log what this process is doing, for an operator who wonders."""
    tasks = asyncio.all_tasks()
    names = sorted(str(getattr(task.get_coro(), "__qualname__", "?")) for task in tasks)
    log.warning("%d tasks: %s", len(tasks), ", ".join(names))


def _end_with_parent(patience_s: float) -> None:
    """Wait for the pipe from the parent to end, then ask this process to stop; end it when it does not."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(patience_s)
    os._exit(1)
