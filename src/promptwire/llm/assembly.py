"""The place where the LLM role is put together: its services over one store, one set of gates and all vendors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final, NamedTuple

import thriftwire.call
from promptwire.api.llm import ChatRequest
from promptwire.api.message import Message
from promptwire.database import Database
from promptwire.entries import PROMPT, RUN_ID
from promptwire.llm.breaker import Breakers
from promptwire.llm.catalogue_service import CatalogueService
from promptwire.llm.gates import Gates
from promptwire.llm.governance import GovernanceService
from promptwire.llm.limits.limit import Buckets
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.moderation.checks import Checks
from promptwire.llm.provider import Kind, Provider
from promptwire.llm.providers.anthropic import Anthropic
from promptwire.llm.providers.gemini import Gemini
from promptwire.llm.providers.openai import OpenAI
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService
from promptwire.llm.spending import Purse
from promptwire.llm.store import RowStore
from promptwire.llm.vendor_http import VendorHTTP
from promptwire.llm.vendors import Vendors
from promptwire.record.recorder import Recorder
from promptwire.secrets import Secrets
from promptwire.settings import Settings
from promptwire.span import Spans
from promptwire.tasks import stopped
from thriftwire.call import Call, Metadata

OF_ITS_OWN: Final = frozenset({RUN_ID, PROMPT, "scenario"})  # what a judge's request does not share with its cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of the LLM role."""

    llm: LLMService
    catalogue: CatalogueService
    governance: GovernanceService


async def assemble(
    stack: AsyncExitStack, settings: Settings, spans: Spans | None = None, recorder: Recorder | None = None
) -> Services:
    """Put the role together; ``stack`` takes it apart. Raises SecretError and DatabaseError."""
    database = Database(settings.database)
    stack.push_async_callback(database.close)
    await database.migrate()
    rows = RowStore(database)
    http = VendorHTTP()
    stack.push_async_callback(http.close)
    providers: Mapping[Kind, Provider] = {
        "openai": OpenAI(http),
        "anthropic": Anthropic(http),
        "gemini": Gemini(http),
        "simulated": Simulated(),
    }
    vendors = Vendors(rows, Secrets.of(settings), settings)
    breakers = Breakers()

    async def complete(model: str, question: str) -> str:
        request = ChatRequest(model=model, messages=[Message(role="user", content=question)])
        with thriftwire.call.serving(_judging()):
            return (await judge.chat(request)).message.content

    checks = Checks(http.session, complete)
    counters = _counters(stack, settings)
    gates = Gates(rows, counters.buckets, lambda budgets: Purse(database, budgets), checks, peers=counters.processes)
    # A judge reads what rules forbid, so its own requests are not moderated; limits and budgets hold for them too.
    judge = LLMService(vendors.catalogue, providers, gates=gates, breakers=breakers, moderated=False, spans=spans)
    return Services(
        llm=LLMService(vendors.catalogue, providers, gates=gates, breakers=breakers, spans=spans, recorder=recorder),
        catalogue=CatalogueService(vendors, providers, breakers, gates),
        governance=GovernanceService(rows, gates),
    )


def _judging() -> Call:
    """The call of a judge's own request: for whom it is made, and a run of its own in a scenario of its own."""
    call = thriftwire.call.current() or Call()
    entries = call.metadata.persistent
    kept = {name: value for name, value in entries.items() if name.lower().replace("_", "-") not in OF_ITS_OWN}
    return Call(metadata=Metadata(persistent=kept | {"scenario": "judge"}), deadline=call.deadline, parent=call)


class Counters(NamedTuple):
    """What limits are counted in, and by how many processes."""

    buckets: Buckets
    processes: Callable[[], int]


def _counters(stack: AsyncExitStack, settings: Settings) -> Counters:
    """Counters in this process, or on the Redis that several share."""
    if settings.redis_url is None:
        return Counters(MemoryBuckets(), lambda: 1)
    from promptwire.llm.limits.peers import Peers  # imported late: most installations have no Redis
    from promptwire.llm.limits.shared import SharedBuckets, connect

    client = connect(settings.redis_url)
    stack.push_async_callback(client.aclose)
    peers = Peers(client)
    beating = asyncio.get_running_loop().create_task(peers.keep_beating())
    stack.push_async_callback(stopped, beating)
    return Counters(SharedBuckets(client), lambda: peers.count)
