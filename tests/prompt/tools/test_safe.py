"""Secrets are sealed, go to their hosts alone, and are never read back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from promptwire.api.tool import ToolSecret
from promptwire.database import Database
from promptwire.errors import Failure
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.safe import Safe, tool_secrets
from promptwire.secrets import Secrets
from servers import migrated

KEY = ToolSecret(name="key", hosts=["API.example.com"], value="sk-123")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """On SQLite and on PostgreSQL."""
    async with migrated(database_url) as database:
        yield database


async def test_a_secret_is_written_and_never_read(safe: Safe, database: Database) -> None:
    assert await safe.put(KEY) == ToolSecret(name="key", hosts=["api.example.com"])
    assert await safe.every() == [ToolSecret(name="key", hosts=["api.example.com"])]
    async with database.reading() as connection:
        assert "sk-123" not in str((await connection.execute(select(tool_secrets))).all())


async def test_a_header_names_it_and_its_host_gets_it(safe: Safe) -> None:
    await safe.put(KEY)
    filled = await safe.fill({"Authorization": "Bearer {{ secret.key }}", "X": "plain"}, "https://api.example.com/v1")
    assert filled.headers == {"Authorization": "Bearer sk-123", "X": "plain"}
    assert filled.masked("you sent Bearer sk-123") == "you sent Bearer [secret]"


async def test_a_secret_is_masked_however_json_writes_it(safe: Safe) -> None:
    value = 'a"b\\cé'
    await safe.put(ToolSecret(name="key", hosts=["h"], value=value))
    filled = await safe.fill({"A": "{{secret.key}}"}, "http://h/")
    assert filled.masked(json.dumps({"sent": value})) == '{"sent": "[secret]"}'
    assert filled.masked(json.dumps({"sent": value}, ensure_ascii=False)) == '{"sent": "[secret]"}'


@pytest.mark.parametrize("url", ["https://evil.example.com/", "https://api.example.com.evil.net/", "http://x@evil/"])
async def test_no_other_host_gets_it(safe: Safe, url: str) -> None:
    await safe.put(KEY)
    with pytest.raises(ToolFault, match="is not for"):
        await safe.fill({"A": "{{secret.key}}"}, url)


async def test_new_hosts_need_the_value_again(safe: Safe) -> None:
    await safe.put(ToolSecret(name="key", hosts=["a", "b"], value="u"))
    await safe.put(ToolSecret(name="key", hosts=["a", "b"], value="v"))
    assert (await safe.put(ToolSecret(name="key", hosts=["a"]))).hosts == ["a"]
    assert (await safe.fill({"A": "{{secret.key}}"}, "http://a/")).headers == {"A": "v"}
    with pytest.raises(Failure, match="value is needed"):
        await safe.put(ToolSecret(name="key", hosts=["a", "evil"]))


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (ToolSecret(name="a b", hosts=["h"], value="v"), "name"),
        (ToolSecret(name="a", hosts=[" "], value="v"), "hosts"),
        (ToolSecret(name="a", hosts=["h"]), "value"),
    ],
)
async def test_what_is_no_secret_is_refused(safe: Safe, secret: ToolSecret, said: str) -> None:
    with pytest.raises(Failure, match=said):
        await safe.put(secret)


async def test_a_secret_is_forgotten(safe: Safe) -> None:
    await safe.put(KEY)
    await safe.delete("key")
    with pytest.raises(Failure, match="no secret"):
        await safe.delete("key")
    with pytest.raises(ToolFault, match="no secret"):
        await safe.fill({"A": "{{secret.key}}"}, "https://api.example.com/")


async def test_another_master_key_opens_nothing(safe: Safe, database: Database) -> None:
    await safe.put(KEY)
    with pytest.raises(ToolFault, match="entered again"):
        await Safe(database, Secrets(b"x" * 32)).fill({"A": "{{secret.key}}"}, "https://api.example.com/")
