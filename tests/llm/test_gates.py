"""What passes the gates, and what is left behind when it does not."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy.exc import OperationalError

import thriftwire.call
from promptwire.api.governance import Budget, Limit, Rule
from promptwire.api.llm import ChatRequest, Parameters, Price
from promptwire.api.message import Delta, Done, Event, Message, Usage
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.gates import JOINED, UNCOUNTED, Gates
from promptwire.llm.limits.memory import MemoryBuckets
from promptwire.llm.moderation.rules import Stage
from promptwire.llm.pricing import cost
from promptwire.llm.spending import Hold, Purse
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


async def test_scopes_hold_over_grpc_which_carries_names_in_upper_case(rows: tuple[RowStore, Gates]) -> None:
    _, gates = rows
    with thriftwire.call.serving(Call(metadata=Metadata(persistent={"USER": "one", "KEY": "k"}))):
        async with gates.passage("m", REQUEST, total_s=60, price=free) as passage:
            assert (passage.subject.user, passage.subject.key) == ("one", "k")


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
    await store.put("limit", "r", Limit(id="r", kind="requests", amount=60, burst=0.5))
    async with gates.passage("m", REQUEST, total_s=60, price=free) as passage:
        left = {limit.limit: limit for limit in passage.limits}
    assert (left["s"].remaining, left["s"].reset_s, left["s"].kind) == (2, 0, "streams")
    assert (left["r"].amount, round(left["r"].remaining)) == (60, 29)
    assert left["r"].reset_s == pytest.approx(2.0, abs=0.1)


async def test_what_costs_nothing_passes_where_nothing_is_left(rows: tuple[RowStore, Gates]) -> None:
    store, gates = rows
    await store.put("budget", "b", Budget(id="b", amount=1, period="day"))
    dear = partial(cost, Price(since="2000-01-01", input=0, output=1_000_000))
    async with gates.passage("m", REQUEST, total_s=60, price=lambda usage: 1.0) as passage:
        passage.sent = True
    with pytest.raises(Failure, match="'b' is used up"):
        async with gates.passage("m", REQUEST, total_s=60, price=dear):
            pass
    async with gates.passage("m", REQUEST, total_s=60, price=free):
        pass


async def test_a_run_that_cannot_be_settled_has_its_answer(
    rows: tuple[RowStore, Gates], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    class Torn(Purse):
        async def settle(self, hold: Hold, spent: float | None) -> None:
            raise OperationalError("UPDATE", {}, OSError("the database is gone"))

    store, _ = rows
    await store.put("budget", "b", Budget(id="b", amount=1, period="day"))
    gates = Gates(store, MemoryBuckets(), lambda budgets: Torn(database, budgets), nobody)
    async with gates.passage("m", REQUEST, total_s=60, price=lambda usage: 0.1) as passage:
        passage.sent = True
    assert "could not be settled" in caplog.text
    [spending] = await gates.purse.levels()
    assert (spending.spent, spending.reserved) == (0, 0.1)


async def used(gates: Gates, *events: Event) -> Usage:
    async with gates.passage("m", REQUEST, total_s=60, price=free) as passage:
        await passage.request(REQUEST)
        for event in events:
            passage.count(event)
        return passage.used()


async def test_an_early_count_does_not_hide_what_came_after_it(rows: tuple[RowStore, Gates]) -> None:
    store, gates = rows
    await store.put("limit", "t", Limit(id="t", kind="tokens", amount=100_000))
    early, text = Usage(input_tokens=7, output_tokens=1), Delta(text="one two three four five six seven eight")
    cut = await used(gates, early, text)
    assert cut.input_tokens == 7 and cut.output_tokens > 5
    said = Usage(input_tokens=7, output_tokens=2, reasoning_tokens=90)
    assert await used(gates, early, text, Done(finish_reason="stop", usage=said, duration_ms=1)) == said


async def test_every_kind_of_token_counts(rows: tuple[RowStore, Gates]) -> None:
    store, gates = rows
    await store.put("limit", "t", Limit(id="t", kind="tokens", amount=100_000))
    said = Usage(
        input_tokens=1, cache_read_tokens=20, cache_write_tokens=300, output_tokens=4000, reasoning_tokens=5000
    )
    await used(gates, Done(finish_reason="stop", usage=said, duration_ms=1))
    [level] = await gates.admission.levels()
    assert level.used == pytest.approx(9321, abs=30)


async def test_an_endless_answer_is_not_kept(rows: tuple[RowStore, Gates]) -> None:
    _, gates = rows
    async with gates.passage("m", REQUEST, total_s=60, price=free) as passage:
        for _ in range(2 * UNCOUNTED):
            passage.count(Delta(text="word "))
        assert len(passage._text) < JOINED
        assert sum(map(len, passage._text)) <= UNCOUNTED + 5 * JOINED
        assert passage.estimated("m", REQUEST).output_tokens > 1.5 * UNCOUNTED
