"""The place for vendors and models as rows: kept sealed, read back as the catalogue of this moment."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

import msgspec

from promptwire.api.catalogue import ModelRow, Provider
from promptwire.api.catalogue import ProviderKind as Kind
from promptwire.errors import Failure
from promptwire.llm.catalogue import Catalogue
from promptwire.llm.provider import Endpoint
from promptwire.llm.store import Kept, RowStore
from promptwire.secrets import SecretError, Secrets
from promptwire.settings import Settings

log = logging.getLogger(__name__)

PROVIDER: Final = "provider"
MODEL: Final = "model"
OPENAI: Final = "https://api.openai.com/v1"


class Credentials(msgspec.Struct, omit_defaults=True):
    """What is sealed of a provider."""

    api_key: str | None = None
    headers: dict[str, str] = {}


class Sealed(msgspec.Struct, kw_only=True):
    """A provider as it is stored."""

    kind: Kind
    base_url: str
    enabled: bool
    credentials: str  # sealed; what it belongs to is the provider's id


KINDS: Final[Mapping[str, type[Any]]] = {PROVIDER: Sealed, MODEL: ModelRow}


class Vendors:
    """The rows of vendors and models. ``catalogue`` is what they are now, with what ``settings`` name."""

    def __init__(self, rows: RowStore, secrets: Secrets, settings: Settings) -> None:
        self._rows = rows
        self._secrets = secrets
        self.given = from_settings(settings)
        self._kept = Kept(rows, KINDS, self._made)

    async def catalogue(self) -> Catalogue:
        """The catalogue, as of half a second ago at most."""
        return await self._kept.now()

    async def providers(self) -> list[Provider]:
        """Every provider, its secrets left out."""
        stored = await self._rows.all(PROVIDER, Sealed)
        given = [_shown(endpoint, source="settings") for endpoint in self.given]
        return given + [_shown(self._endpoint(name, row), enabled=row.enabled) for name, row in stored.items()]

    async def models(self) -> list[ModelRow]:
        """Every model that is stored."""
        return list((await self._rows.all(MODEL, ModelRow)).values())

    async def put_provider(self, provider: Provider) -> Provider:
        """Keep a provider; the key and the headers it does not bring stay as they are, at the address they were for.

        Raises Failure: invalid_request for another address without its key, conflict where what stays does not open.
        """
        known = (await self._rows.all(PROVIDER, Sealed)).get(provider.id)
        old = Credentials() if known is None else self._kept_credentials(provider, known)
        if known is not None and _origin(known.base_url) != _origin(provider.base_url):
            _refuse_to_carry(old, provider)
        key = old.api_key if provider.api_key is None else provider.api_key or None
        headers = old.headers if provider.headers is None else _kept_headers(old.headers, provider.headers)
        sealed = Sealed(
            kind=provider.kind,
            base_url=provider.base_url,
            enabled=provider.enabled,
            credentials=self._seal(provider.id, Credentials(key, headers)),
        )
        await self._rows.put(PROVIDER, provider.id, sealed)
        return _shown(self._endpoint(provider.id, sealed), enabled=sealed.enabled)

    async def delete_provider(self, id: str) -> None:
        """Forget a provider and its models. Raises Failure (not_found)."""
        await self._rows.delete(PROVIDER, id)
        for row in await self.models():
            if row.provider == id:
                await self._rows.delete(MODEL, row.id)

    async def put_model(self, row: ModelRow) -> ModelRow:
        """Keep a model."""
        await self._rows.put(MODEL, row.id, row)
        return row

    async def delete_model(self, id: str) -> None:
        """Forget a model. Raises Failure (not_found)."""
        await self._rows.delete(MODEL, id)

    def _made(self, rows: Mapping[str, Mapping[str, object]]) -> Catalogue:
        stored = cast("Mapping[str, Sealed]", rows[PROVIDER])
        endpoints = [self._endpoint(name, row) for name, row in stored.items() if row.enabled]
        return Catalogue([*self.given, *endpoints], cast("Mapping[str, ModelRow]", rows[MODEL]).values())

    def _endpoint(self, id: str, row: Sealed) -> Endpoint:
        credentials = self._open(id, row)
        return Endpoint(
            name=id, kind=row.kind, base_url=row.base_url, api_key=credentials.api_key, headers=credentials.headers
        )

    def _kept_credentials(self, provider: Provider, known: Sealed) -> Credentials:
        """What a write builds on. What does not open today may under the right master key, and is not written over."""
        try:
            return self._unsealed(provider.id, known)
        except SecretError as error:
            if provider.api_key is not None:
                return Credentials()
            said = f"provider {provider.id!r}: its secrets do not open with this master key; give api_key again"
            raise Failure("conflict", said) from error

    def _seal(self, id: str, credentials: Credentials) -> str:
        return self._secrets.seal(msgspec.json.encode(credentials).decode(), purpose=f"provider {id}")

    def _unsealed(self, id: str, row: Sealed) -> Credentials:
        return msgspec.json.decode(self._secrets.open(row.credentials, purpose=f"provider {id}"), type=Credentials)

    def _open(self, id: str, row: Sealed) -> Credentials:
        """The credentials of a provider; none when they do not open, which its vendor will then say."""
        try:
            return self._unsealed(id, row)
        except SecretError:
            log.exception("the key of provider %s does not open: it must be entered again", id)
            return Credentials()


def from_settings(settings: Settings) -> list[Endpoint]:
    """The OpenAI-compatible vendor an operator named, as ``openai``."""
    if not settings.openai_base_url and not settings.openai_api_key:
        return []
    base_url = settings.openai_base_url or OPENAI
    return [Endpoint(name="openai", kind="openai", base_url=base_url, api_key=settings.openai_api_key)]


def _origin(base_url: str) -> tuple[str, str | None, int | None]:
    url = urlsplit(base_url)
    return url.scheme, url.hostname, url.port


def _refuse_to_carry(old: Credentials, provider: Provider) -> None:
    """A kept secret sent to an address of somebody's choice would be read back. Raises Failure (invalid_request)."""
    kept = [] if old.api_key is None or provider.api_key is not None else ["api_key"]
    written = provider.headers
    kept += [name for name in old.headers if written is None or not written.get(name, "unwanted")]
    if kept:
        raise Failure(
            "invalid_request",
            f"provider {provider.id!r}: base_url is another address, so give {' and '.join(kept)} again",
        )


def _kept_headers(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The new headers; one without a value keeps the value it has."""
    return {name: value or old.get(name, "") for name, value in new.items()}


def _shown(endpoint: Endpoint, *, enabled: bool = True, source: Literal["stored", "settings"] = "stored") -> Provider:
    return Provider(
        id=endpoint.name,
        kind=endpoint.kind,
        base_url=endpoint.base_url,
        headers=dict.fromkeys(endpoint.headers, "") or None,
        enabled=enabled,
        has_key=endpoint.api_key is not None,
        source=source,
    )
