"""Vendors and models can be written, tried and watched; what cannot work is refused with the reason."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llm.gated import gates_of
from promptwire.api.catalogue import ByID, ModelRow, Nothing, Provider, TestRequest
from promptwire.api.governance import Budget, Limit
from promptwire.api.llm import Capabilities, ChatRequest, PacketLimits, Price, Timeouts
from promptwire.api.message import Message
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.breaker import Breakers
from promptwire.llm.catalogue_service import CatalogueService
from promptwire.llm.gates import Gates
from promptwire.llm.providers.openai import OpenAI
from promptwire.llm.providers.simulated import Simulated
from promptwire.llm.service import LLMService
from promptwire.llm.simulate_server import SimulateServer
from promptwire.llm.store import RowStore
from promptwire.llm.vendor_http import VendorHTTP
from promptwire.llm.vendors import Vendors
from promptwire.secrets import Secrets
from promptwire.settings import Settings

ROW = ModelRow(id="m", provider="acme", model="echo", attempts=1, breaker_failures=1)
HELLO = ChatRequest(model="m", messages=[Message(role="user", content="hello")])


class Role:
    """The LLM role, as far as models go."""

    def __init__(self, vendors: Vendors, http: VendorHTTP, gates: Gates) -> None:
        breakers = Breakers()
        providers: dict[Any, Any] = {"openai": OpenAI(http), "simulated": Simulated()}
        self.gates = gates
        self.catalogue = CatalogueService(vendors, providers, breakers, gates)
        self.llm = LLMService(vendors.catalogue, providers, breakers=breakers)


@pytest.fixture
async def data(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/test.db")
    await made.migrate()
    yield made
    await made.close()


@pytest.fixture
def rows(data: Database) -> RowStore:
    return RowStore(data)


@pytest.fixture
def role(data: Database, rows: RowStore, http: VendorHTTP) -> Role:
    settings = Settings(openai_base_url="http://z/v1")
    return Role(Vendors(rows, Secrets(os.urandom(32)), settings), http, gates_of(data))


def acme(vendor: SimulateServer) -> Provider:
    return Provider(id="acme", kind="openai", base_url=f"http://127.0.0.1:{vendor.port}/v1", api_key="k")


def but(value: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(value, **fields)


async def test_a_model_that_was_just_written_answers(role: Role, vendor: SimulateServer) -> None:
    await role.catalogue.put_provider(acme(vendor))
    prices = [Price(since="2026-01-01", input=1e6, output=1e6)]
    await role.catalogue.put_model(but(ROW, prices=prices))
    reply = await role.llm.chat(HELLO)
    assert (reply.message.content, reply.start.model, reply.done.cost) == ("hello", "m", 2.0)
    await role.catalogue.put_model(but(ROW, enabled=False))
    with pytest.raises(Failure, match="disabled"):
        await role.llm.chat(HELLO)
    await role.catalogue.delete_model(ByID(id="m"))
    with pytest.raises(Failure, match="no model is named"):
        await role.llm.chat(HELLO)


async def test_everything_is_listed(role: Role, vendor: SimulateServer) -> None:
    await role.catalogue.put_provider(acme(vendor))
    await role.catalogue.put_model(ROW)
    listed = await role.catalogue.list_providers(Nothing())
    assert [(one.id, one.source) for one in listed.providers] == [("openai", "settings"), ("acme", "stored")]
    assert {preset.kind for preset in listed.presets} == {"openai", "anthropic", "gemini"}
    rows = (await role.catalogue.list_model_rows(Nothing())).models
    assert [row.id for row in rows] == ["simulated/echo", "simulated/typewriter", "m"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "Acme"}, "lower-case"),
        ({"id": "a/b"}, "lower-case"),
        ({"kind": "simulated"}, "built in"),
        ({"base_url": ""}, "http or https address"),
        ({"base_url": "ftp://x"}, "http or https address"),
        ({"base_url": "http://user:pass@x/v1"}, "an address alone"),
        ({"base_url": "http://x/v1?key=k"}, "an address alone"),
        ({"headers": {"bad name": "x"}}, "no HTTP token"),
        ({"headers": {"x-a": "a\r\nx-b: c"}}, "control character"),
        ({"api_key": "a\nb"}, "control character"),
    ],
)
async def test_a_provider_that_cannot_work_is_refused(role: Role, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(Failure, match=reason) as failed:
        await role.catalogue.put_provider(but(Provider(id="x", kind="openai", base_url="http://x/v1"), **fields))
    assert failed.value.class_ == "invalid_request"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": "with space"}, "an id is"),
        ({"id": "prompt/demo"}, "a meaning of their own"),
        ({"id": "simulated/mine"}, "a meaning of their own"),
        ({"model": ""}, "is empty"),
        ({"provider": "nowhere"}, "no provider 'nowhere'"),
        ({"attempts": 0}, "attempts is 1 to 5"),
        ({"breaker_failures": -1}, "0 or more"),
        ({"fallbacks": ["m"]}, "other models"),
        ({"fallbacks": ["gone"]}, "no model 'gone' to fall back to"),
        ({"prices": [Price(since="soon", input=1.0, output=1.0)]}, "soon"),
        ({"timeouts": Timeouts(idle_s=-1)}, "timeouts.idle_s"),
        ({"capabilities": Capabilities(context_tokens=0)}, "context_tokens is more than 0"),
        ({"packets": PacketLimits(characters=0)}, "packets.characters is more than 0"),
    ],
)
async def test_a_model_that_cannot_work_is_refused(
    role: Role, vendor: SimulateServer, fields: dict[str, Any], reason: str
) -> None:
    await role.catalogue.put_provider(acme(vendor))
    with pytest.raises(Failure, match=reason) as failed:
        await role.catalogue.put_model(but(ROW, **fields))
    assert failed.value.class_ == "invalid_request"


async def test_fallbacks_may_be_rows_or_models_of_a_provider(role: Role, vendor: SimulateServer) -> None:
    await role.catalogue.put_provider(acme(vendor))
    await role.catalogue.put_model(but(ROW, fallbacks=["simulated/echo", "acme/other", "openai/m"]))


@pytest.mark.parametrize("name", ["simulated", "prompt", "openai"])
async def test_what_comes_from_elsewhere_is_not_changed_here(role: Role, name: str) -> None:
    with pytest.raises(Failure) as failed:
        await role.catalogue.put_provider(Provider(id=name, kind="openai", base_url="http://x/v1"))
    assert failed.value.class_ == "conflict"
    with pytest.raises(Failure) as failed:
        await role.catalogue.delete_provider(ByID(id=name))
    assert failed.value.class_ == "conflict"


async def test_a_built_in_model_is_not_deleted(role: Role) -> None:
    with pytest.raises(Failure, match="built in"):
        await role.catalogue.delete_model(ByID(id="simulated/echo"))


async def test_a_model_is_tried_before_it_is_stored_and_after(role: Role, vendor: SimulateServer) -> None:
    await role.catalogue.put_provider(acme(vendor))
    before = await role.catalogue.test_model(TestRequest(row=ROW))
    await role.catalogue.put_model(ROW)
    after = await role.catalogue.test_model(TestRequest(model="m"))
    assert [check.name for check in before.checks] == [check.name for check in after.checks]
    assert before.checks[0].works


async def test_a_test_costs_what_its_questions_cost(role: Role, vendor: SimulateServer, rows: RowStore) -> None:
    await role.catalogue.put_provider(acme(vendor))
    await rows.put("budget", "daily", Budget(id="daily", amount=1000, period="day"))
    row = but(ROW, prices=[Price(since="2026-01-01", input=1e6, output=0)])
    checks = (await role.catalogue.test_model(TestRequest(row=row))).checks
    assert [check.name for check in checks if check.error is not None] == []
    [spent] = await role.gates.purse.levels()
    asked = sum(msgspec.json.decode(body)["stream"] for _, body in vendor.received)
    assert asked == 6 and spent.spent > 6 * 4 and spent.reserved == 0  # at a dollar a word


async def test_a_test_passes_the_limits(role: Role, vendor: SimulateServer, rows: RowStore) -> None:
    await role.catalogue.put_provider(acme(vendor))
    await rows.put("limit", "few", Limit(id="few", kind="requests", amount=60, burst=0.05))
    checks = (await role.catalogue.test_model(TestRequest(row=ROW))).checks
    refused = [check.error for check in checks if check.error is not None]
    assert [error.class_ for error in refused] == ["rate_limited"] * 3
    assert "limit 'few' is reached" in refused[0].message


async def test_a_test_of_nothing_is_refused(role: Role) -> None:
    with pytest.raises(Failure, match="needs a model or a row"):
        await role.catalogue.test_model(TestRequest())
    with pytest.raises(Failure, match="no provider 'acme'"):
        await role.catalogue.test_model(TestRequest(row=ROW))


async def test_the_health_of_models_can_be_watched(role: Role, vendor: SimulateServer) -> None:
    await role.catalogue.put_provider(but(acme(vendor), base_url="http://127.0.0.1:9/v1"))
    await role.catalogue.put_model(ROW)
    with pytest.raises(Failure):
        await role.llm.chat(HELLO)
    [health] = (await role.catalogue.list_health(Nothing())).models
    assert (health.model, health.state, health.failures) == ("m", "open", 1)
    assert health.last_error is not None and health.last_error.class_ == "upstream_error"
    assert health.opens_for_s is not None
