"""Kitex's etcd registry: services find each other under the same keys, whichever language they are in.

An instance is the key ``kitex/registry-etcd/<service>/<address>`` with a JSON value (network, address, weight, tags),
kept alive by a lease of 60 s. This speaks etcd's JSON gateway. Needs ``thriftwire[etcd]``.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import msgspec

try:
    import aiohttp
except ImportError as missing:
    raise ImportError("the etcd registry needs aiohttp: pip install 'thriftwire[etcd]'") from missing

from thriftwire.endpoints import DEFAULT_WEIGHT, FRESH_S, Endpoint
from thriftwire.errors import ConnectError

PREFIX: Final = "kitex/registry-etcd"
LEASE_S: Final = 60
_REQUEST_S: Final = 5.0
_RETRY_S: Final = 1.0

logger = logging.getLogger("thriftwire")


class Instance(msgspec.Struct, kw_only=True):
    """What a key says of one instance of a service."""

    network: str = "tcp"
    address: str
    weight: int = DEFAULT_WEIGHT
    tags: dict[str, str] | None = None


_INSTANCE = msgspec.json.Decoder(Instance)


class EtcdResolver:
    """Where a service registered in etcd is now; for ``thriftwire.connect``. ``servers`` are URLs of etcd."""

    fresh_s = FRESH_S

    def __init__(self, servers: Sequence[str], service: str, *, username: str = "", password: str = "") -> None:
        self._gateway = _Gateway(servers, username, password)
        self._service = service

    async def resolve(self) -> Sequence[Endpoint]:
        """The service's instances. Raises ConnectError when there is none, or etcd cannot be asked."""
        start = f"{PREFIX}/{self._service}/"
        found = await self._gateway.post("kv/range", {"key": _b64(start), "range_end": _b64(_after(start))})
        instances = [_read(each) for each in found.get("kvs", [])]
        endpoints = [_endpoint(instance) for instance in instances if instance is not None]
        if not endpoints:
            raise ConnectError(f"etcd knows no instance of {self._service!r}")
        return endpoints


def _endpoint(instance: Instance) -> Endpoint:
    address = f"unix:{instance.address}" if instance.network == "unix" else instance.address
    return Endpoint(address, instance.weight if instance.weight > 0 else DEFAULT_WEIGHT)


def _read(entry: Mapping[str, str]) -> Instance | None:
    try:
        return _INSTANCE.decode(base64.b64decode(entry.get("value", "")))
    except (msgspec.DecodeError, ValueError) as error:
        key = base64.b64decode(entry.get("key", "")).decode(errors="backslashreplace")
        logger.warning("the etcd key %s is no instance: %s", key, error)
        return None


@contextlib.asynccontextmanager
async def registered(
    servers: Sequence[str],
    service: str,
    address: str,
    *,
    weight: int = DEFAULT_WEIGHT,
    tags: Mapping[str, str] | None = None,
    username: str = "",
    password: str = "",
    lease_s: int = LEASE_S,
) -> AsyncIterator[None]:
    """Be found in etcd as an instance of ``service`` for as long as the block runs. Raises ConnectError at first.

    Afterwards an etcd that is away is waited for: the instance comes back with it.
    """
    gateway = _Gateway(servers, username, password)
    network, where = ("unix", address.removeprefix("unix:")) if address.startswith("unix:") else ("tcp", address)
    instance = Instance(network=network, address=where, weight=weight, tags=dict(tags or {}))
    key, value = f"{PREFIX}/{service}/{where}", msgspec.json.encode(instance)
    lease = await _register(gateway, key, value, lease_s)
    keeper = asyncio.create_task(_keep(gateway, key, value, lease, lease_s))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.wait((keeper,))
        with contextlib.suppress(ConnectError):  # the lease ends by itself
            await gateway.post("kv/deleterange", {"key": _b64(key)})


async def _register(gateway: _Gateway, key: str, value: bytes, lease_s: int) -> str:
    lease = str((await gateway.post("lease/grant", {"TTL": lease_s}))["ID"])
    await gateway.post("kv/put", {"key": _b64(key), "value": base64.b64encode(value).decode(), "lease": lease})
    return lease


async def _keep(gateway: _Gateway, key: str, value: bytes, lease: str, lease_s: int) -> None:
    """Renew the lease; when it is lost, register anew."""
    wait = lease_s / 3
    while True:
        await asyncio.sleep(wait)
        try:
            answer = await gateway.post("lease/keepalive", {"ID": lease})
            if int(answer.get("result", {}).get("TTL", 0)) <= 0:
                lease = await _register(gateway, key, value, lease_s)
            wait = lease_s / 3
        except ConnectError as error:
            logger.warning("the registration %s is not renewed: %s", key, error)
            wait = _RETRY_S


class _Gateway:
    """etcd's JSON gateway: the first of its servers that answers."""

    def __init__(self, servers: Sequence[str], username: str, password: str) -> None:
        if not servers:
            raise ValueError("etcd needs a server")
        self._servers = [server if "://" in server else f"http://{server}" for server in servers]
        self._user = {"name": username, "password": password} if username else None

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask. Raises ConnectError when no server answers, or one refuses."""
        failures: list[str] = []
        for server in self._servers:
            try:
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_REQUEST_S)) as session:
                    headers = await self._authorization(session, server)
                    return await _ask(session, f"{server}/v3/{path}", body, headers)
            except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
                failures.append(f"{server}: {error or type(error).__name__}")
        raise ConnectError(f"etcd cannot be asked: {'; '.join(failures)}")

    async def _authorization(self, session: aiohttp.ClientSession, server: str) -> dict[str, str]:
        if self._user is None:
            return {}
        answer = await _ask(session, f"{server}/v3/auth/authenticate", self._user, {})
        return {"Authorization": str(answer.get("token", ""))}


async def _ask(
    session: aiohttp.ClientSession, url: str, body: Mapping[str, Any], headers: Mapping[str, str]
) -> dict[str, Any]:
    async with session.post(url, json=dict(body), headers=headers) as answer:
        text = await answer.read()
        if answer.status != 200:
            raise aiohttp.ClientError(f"HTTP {answer.status}: {text[:200].decode(errors='backslashreplace')}")
        return msgspec.json.decode(text, type=dict[str, Any])


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _after(prefix: str) -> str:
    """The first key that does not begin with the prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
