"""What passes the gates, and what is left behind when it does not."""

from __future__ import annotations

import pytest

import thriftwire.call
from promptwire.api.governance import Limit, Rule
from promptwire.api.llm import ChatRequest, Parameters
from promptwire.api.message import Message, Usage
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.gates import Gates
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.moderation.rules import Stage
from promptwire.llm.spending import Purse
from promptwire.llm.store import RowStore
from thriftwire.call import Call, Metadata

REQUEST = ChatRequest(model="m", messages=[Message(role="user", content="hi")], parameters=Parameters(max_tokens=50))


async def nobody(rule: Rule, stage: Stage, text: str) -> str | None:
    raise AssertionError("nobody is to be asked")


@pytest.fixture
def rows(database: Database) -> tuple[RowStore, Gates]:
    store = RowStore(database)
    return store, Gates(store, MemoryBuckets(), lambda budgets: Purse(database, budgets), nobody)


def free(usage: Usage) -> float:
    return 0.0


async def test_the_scopes_of_a_run_come_from_its_call(rows: tuple[RowStore, Gates]) -> None:
    store, gates = rows
    await store.put("limit", "u", Limit(id="u", kind="requests", amount=60, burst=0.02, user="one"))
    for user, others in (("one", "two"), ("two", "one")):
        with thriftwire.call.serving(Call(metadata=Metadata(persistent={"user": user, "workspace": others}))):
            async with gates.passage("m", REQUEST, total_s=60, price=free) as passage:
                await passage.request(REQUEST)
            assert passage.subject.user == user
            if user == "one":
                with pytest.raises(Failure):
                    async with gates.passage("m", REQUEST, total_s=60, price=free):
                        pass


async def test_a_run_that_never_reached_a_vendor_costs_nothing(rows: tuple[RowStore, Gates]) -> None:
    store, gates = rows
    await store.put("limit", "rpm", Limit(id="rpm", kind="requests", amount=60, burst=0.02))
    await store.put("limit", "tpm", Limit(id="tpm", kind="tokens", amount=1000))
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with gates.passage("m", REQUEST, total_s=60, price=free):
                raise RuntimeError
    assert all(level.used < 1e-3 for level in await gates.admission.levels())


async def test_what_is_left_is_known(rows: tuple[RowStore, Gates]) -> None:
    store, gates = rows
    await store.put("limit", "s", Limit(id="s", kind="streams", amount=3))
    async with gates.passage("m", REQUEST, total_s=60, price=free) as passage:
        assert passage.remaining == {"s": 2}
