"""Vendors and models are kept with their secrets sealed, and every process sees what was changed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from promptwire.api.catalogue import ModelRow, Provider
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.llm.store import RowStore
from promptwire.llm.vendors import Vendors
from promptwire.secrets import Secrets
from promptwire.settings import Settings
from servers import migrated

KEY = os.urandom(32)
SECRET, HEADER = "sk-very-secret-key", "very-secret-header"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with migrated(f"sqlite:///{tmp_path}/test.db") as database:
        yield database


def process(database: Database, *, key: bytes = KEY, **settings: Any) -> Vendors:
    """One process's view of the rows."""
    return Vendors(RowStore(database), Secrets(key), Settings(**settings))


def acme(**fields: Any) -> Provider:
    given: dict[str, Any] = {"id": "acme", "kind": "openai", "base_url": "http://x/v1"} | fields
    return Provider(**given)


async def test_secrets_are_sealed_in_the_file_and_left_out_of_answers(database: Database, tmp_path: Path) -> None:
    vendors = process(database)
    shown = await vendors.put_provider(acme(api_key=SECRET, headers={"x-key": HEADER}))
    assert (shown.api_key, shown.has_key, shown.headers) == (None, True, {"x-key": ""})
    assert await vendors.providers() == [shown]
    with sqlite3.connect(tmp_path / "test.db") as connection:
        dump = "\n".join(connection.iterdump())
    assert "acme" in dump and SECRET not in dump and HEADER not in dump
    endpoint = (await vendors.catalogue()).resolve("acme/m").endpoint
    assert (endpoint.api_key, endpoint.headers) == (SECRET, {"x-key": HEADER})


async def test_what_a_write_leaves_out_stays(database: Database) -> None:
    vendors = process(database)
    await vendors.put_provider(acme(api_key=SECRET, headers={"x-key": HEADER, "x-old": "o"}))
    await vendors.put_provider(acme(base_url="http://x/v2"))
    endpoint = (await vendors.catalogue()).resolve("acme/m").endpoint
    assert (endpoint.base_url, endpoint.api_key, len(endpoint.headers)) == ("http://x/v2", SECRET, 2)
    await vendors.put_provider(acme(api_key="", headers={"x-key": "", "x-new": "n"}))
    endpoint = (await vendors.catalogue()).resolve("acme/m").endpoint
    assert (endpoint.api_key, endpoint.headers) == (None, {"x-key": HEADER, "x-new": "n"})


@pytest.mark.parametrize("elsewhere", ["http://y/v1", "https://x/v1", "http://x:81/v1"])
async def test_a_secret_is_not_carried_to_another_address(database: Database, elsewhere: str) -> None:
    vendors = process(database)
    await vendors.put_provider(acme(api_key=SECRET, headers={"x-key": HEADER, "x-old": "o"}))
    with pytest.raises(Failure, match="another address, so give api_key and x-key and x-old again"):
        await vendors.put_provider(acme(base_url=elsewhere))
    with pytest.raises(Failure, match="give x-key again"):
        await vendors.put_provider(acme(base_url=elsewhere, api_key="", headers={"x-key": ""}))
    assert (await vendors.catalogue()).resolve("acme/m").endpoint.base_url == "http://x/v1"
    await vendors.put_provider(acme(base_url=elsewhere, api_key="new", headers={"x-key": "h"}))
    endpoint = (await vendors.catalogue()).resolve("acme/m").endpoint
    assert (endpoint.base_url, endpoint.api_key, endpoint.headers) == (elsewhere, "new", {"x-key": "h"})


async def test_a_change_holds_at_once_here_and_soon_elsewhere(database: Database) -> None:
    vendors, other = process(database), process(database)
    with pytest.raises(Failure):
        (await other.catalogue()).resolve("m")
    await vendors.put_provider(acme())
    await vendors.put_model(ModelRow(id="m", provider="acme", model="M"))
    assert (await vendors.catalogue()).resolve("m").model == "M"
    async with asyncio.timeout(5):
        while not (await other.catalogue()).knows("m"):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(0)


async def test_a_disabled_provider_takes_its_models_with_it(database: Database) -> None:
    vendors = process(database)
    await vendors.put_provider(acme())
    await vendors.put_model(ModelRow(id="m", provider="acme", model="M"))
    await vendors.put_provider(acme(enabled=False))
    with pytest.raises(Failure, match="disabled"):
        (await vendors.catalogue()).resolve("m")
    with pytest.raises(Failure, match="no model"):
        (await vendors.catalogue()).resolve("acme/m")
    assert [provider.enabled for provider in await vendors.providers()] == [False]


async def test_a_deleted_provider_takes_its_models_with_it(database: Database) -> None:
    vendors = process(database)
    await vendors.put_provider(acme())
    await vendors.put_provider(acme(id="other"))
    for model, provider in (("m", "acme"), ("n", "other")):
        await vendors.put_model(ModelRow(id=model, provider=provider, model=model))
    await vendors.delete_provider("acme")
    assert [row.id for row in await vendors.models()] == ["n"]
    await vendors.delete_model("n")
    assert await vendors.models() == []
    with pytest.raises(Failure, match="there is no"):
        await vendors.delete_provider("acme")


async def test_the_operators_vendor_is_there_without_a_row(database: Database) -> None:
    vendors = process(database, openai_base_url="http://z/v1", openai_api_key=SECRET)
    assert (await vendors.catalogue()).resolve("openai/m").endpoint.api_key == SECRET
    [shown] = await vendors.providers()
    assert (shown.id, shown.source, shown.has_key, shown.api_key) == ("openai", "settings", True, None)
    by_key = process(database, openai_api_key=SECRET)
    assert (await by_key.catalogue()).resolve("openai/m").endpoint.base_url == "https://api.openai.com/v1"
    assert process(database).given == []


async def test_a_key_that_does_not_open_costs_only_itself(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    await process(database).put_provider(acme(api_key=SECRET))
    vendors = process(database, key=os.urandom(32))
    assert (await vendors.catalogue()).resolve("acme/m").endpoint.api_key is None
    assert "must be entered again" in caplog.text
    await vendors.put_provider(acme(api_key="new"))
    assert (await vendors.catalogue()).resolve("acme/m").endpoint.api_key == "new"


async def test_a_key_that_does_not_open_today_is_not_written_over(database: Database) -> None:
    await process(database).put_provider(acme(api_key=SECRET))
    stranger = process(database, key=os.urandom(32))
    with pytest.raises(Failure, match="do not open with this master key") as refused:
        await stranger.put_provider(acme(base_url="http://x/v2"))
    assert refused.value.class_ == "conflict"
    assert (await process(database).catalogue()).resolve("acme/m").endpoint.api_key == SECRET
    await stranger.put_provider(acme(api_key="new"))
    assert (await stranger.catalogue()).resolve("acme/m").endpoint.api_key == "new"
