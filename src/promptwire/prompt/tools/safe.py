"""The place for secrets that tools' headers name: sealed, bound to hosts, written and never read back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from sqlalchemy import Column, String, Table, Text, delete, select

from promptwire.api.tool import ToolSecret
from promptwire.database import INSERTS, Database, Encoded, metadata
from promptwire.errors import Failure
from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.reach import split
from promptwire.secrets import SecretError, Secrets

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
MASK: Final = "[secret]"

_NAMED: Final = re.compile(r"\{\{\s*secret\.([A-Za-z0-9_-]+)\s*\}\}")

tool_secrets = Table(
    "tool_secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("hosts", Encoded(list[str]), nullable=False),
    Column("sealed", Text, nullable=False),
)


class Headers(NamedTuple):
    """Headers with their secrets in place, and those secrets, to be masked in what comes back."""

    headers: dict[str, str]
    secrets: list[str]

    def masked(self, text: str) -> str:
        """``text`` without the secrets, should a tool echo them, be it inside JSON."""
        for secret in self.secrets:
            spellings = secret, json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]
            for spelling in dict.fromkeys(spellings):
                text = text.replace(spelling, MASK)
        return text


class Safe:
    """The secrets of tools."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    async def every(self) -> list[ToolSecret]:
        """Names and hosts."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(tool_secrets).order_by(tool_secrets.c.name))
            return [ToolSecret(name=row.name, hosts=row.hosts) for row in rows]

    async def put(self, secret: ToolSecret) -> ToolSecret:
        """Keep a secret. New hosts need the value again, or who can write could have it sent anywhere."""
        hosts = sorted({host.strip().lower() for host in secret.hosts if host.strip()})
        if not NAME.fullmatch(secret.name):
            raise Failure("invalid_request", f"a secret's name is 1 to 64 letters, digits, _ and -: {secret.name!r}")
        if not hosts:
            raise Failure("invalid_request", "a secret names the hosts it may be sent to")
        kept = await self._row(secret.name)
        if not secret.value and (kept is None or not set(hosts) <= set(kept.hosts)):
            raise Failure("invalid_request", "the secret's value is needed, for a new secret and for new hosts")
        sealed = self._seal(secret.name, secret.value) if secret.value else kept and kept.sealed
        row = {"name": secret.name, "hosts": hosts, "sealed": sealed}
        upsert = INSERTS[self._database.engine.dialect.name](tool_secrets).values(row)
        statement = upsert.on_conflict_do_update(index_elements=["name"], set_={"hosts": hosts, "sealed": sealed})
        async with self._database.transaction() as connection:
            await connection.execute(statement)
        return ToolSecret(name=secret.name, hosts=hosts)

    async def delete(self, name: str) -> None:
        """Forget a secret. Raises Failure (not_found)."""
        async with self._database.transaction() as connection:
            gone = await connection.execute(delete(tool_secrets).where(tool_secrets.c.name == name))
        if not gone.rowcount:
            raise Failure("not_found", f"there is no secret {name!r}")

    async def fill(self, headers: Mapping[str, str] | None, url: str) -> Headers:
        """``headers`` for a request to ``url``. Raises ToolFault: a secret is unknown or not for this host."""
        filled, used = dict(headers or {}), dict[str, str]()
        for name, value in filled.items():
            for secret in _NAMED.findall(value):
                if secret not in used:
                    used[secret] = await self._open(secret, url)
            filled[name] = _NAMED.sub(lambda match: used[match[1]], value)
        return Headers(filled, list(used.values()))

    async def _open(self, name: str, url: str) -> str:
        kept = await self._row(name)
        if kept is None:
            raise ToolFault(f"there is no secret {name!r}")
        address = split(url)
        host = (address.hostname or "").lower()
        if host not in kept.hosts and f"{host}:{address.port}" not in kept.hosts:
            raise ToolFault(f"the secret {name!r} is not for {host}")
        try:
            return self._secrets.open(kept.sealed, purpose=_purpose(name))
        except SecretError as exc:
            raise ToolFault(f"the secret {name!r} does not open: it must be entered again") from exc

    async def _row(self, name: str) -> _Row | None:
        async with self._database.reading() as connection:
            query = select(tool_secrets).where(tool_secrets.c.name == name)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _Row(row.hosts, row.sealed)

    def _seal(self, name: str, value: str) -> str:
        return self._secrets.seal(value, purpose=_purpose(name))


class _Row(NamedTuple):
    hosts: list[str]
    sealed: str


def _purpose(name: str) -> str:
    return f"tool secret {name}"
