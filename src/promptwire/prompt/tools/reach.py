"""The place for where tools may connect to: the open internet, and what an operator allows beyond it.

An address is judged when it is connected to, after its name was resolved, so neither a name that points inside nor
one that changes its mind gets through. Redirects are not followed and proxies not asked: both would connect elsewhere.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import aiohttp

from promptwire.prompt.tools.arguments import ToolFault

SETTING: Final = "PROMPTWIRE_TOOL_HOSTS"
CONNECT_S: Final = 10.0

Address: TypeAlias = IPv4Address | IPv6Address
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Forbidden(OSError):
    """An address tools may not connect to."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, f"{address} is inside this network; {SETTING} may allow it")


class Reach:
    """The hosts of ``allowed`` (names, name:port, addresses and networks, separated by spaces) and public addresses."""

    def __init__(self, allowed: str = "") -> None:
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for word in allowed.lower().split():
            try:
                self._networks.append(ipaddress.ip_network(word.strip("[]"), strict=False))
            except ValueError:
                self._names.add(word)

    def names(self, host: str, port: int) -> bool:
        """The operator named this host."""
        return host in self._names or f"{host}:{port}" in self._names

    def permits(self, address: str) -> bool:
        """A connection to this address may be made."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if any(parsed in network for network in self._networks):
            return True
        return all(one.is_global and not one.is_multicast for one in _meant(parsed))


def _meant(address: Address) -> list[Address]:
    """The address, and the IPv4 address that is wrapped in it."""
    if isinstance(address, IPv4Address):
        return [address]
    inside = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inside.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    return [address, *(one for one in inside if one is not None)]


class Outbound:
    """The connections tools are called over. `close` it after the last call."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def session(self, url: str) -> aiohttp.ClientSession:
        """The client for ``url``. Raises ToolFault when it is no address of HTTP."""
        address = split(url)
        port = address.port or (443 if address.scheme == "https" else 80)
        named = self._reach.names((address.hostname or "").lower(), port)
        if named not in self._sessions:
            self._sessions[named] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ttl_dns_cache=30, socket_factory=socket_of if named else self._checked),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=True,
                trust_env=False,
            )
        return self._sessions[named]

    async def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()

    def _checked(self, info: tuple[Any, ...]) -> socket.socket:
        address = str(info[4][0])
        if not self._reach.permits(address):
            raise Forbidden(address)
        return socket_of(info)


def split(url: str) -> SplitResult:
    """The parts of an address of HTTP. Raises ToolFault."""
    try:
        address = urlsplit(url)
        good = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        good, address = False, SplitResult("", "", "", "", "")
    if not good:
        raise ToolFault(f"a tool's address begins with http:// or https://, not {url!r}")
    return address


def socket_of(info: tuple[Any, ...]) -> socket.socket:
    """A socket for what a name was resolved to."""
    family, kind, protocol, _, _ = info
    return socket.socket(family, kind, protocol)


def reason(exc: Exception) -> str:
    """Why an exchange did not come about, in words for the model and the page; never what was sent."""
    match exc:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientConnectorError():
            return f"cannot connect to {exc.host}: {exc.os_error.strerror or exc.os_error}"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "the address is not one of HTTP"
        case ValueError():
            return "the request cannot be made of these headers"
        case _:
            return f"the connection broke ({type(exc).__name__})"
