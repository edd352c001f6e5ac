"""The place for what a process is to serve: which roles, on which sockets, connected to which others."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["gateway", "prompt", "llm"]
ROLES: Final[tuple[Role, ...]] = ("gateway", "prompt", "llm")
NEEDS: Final[Mapping[Role, tuple[Role, ...]]] = {"gateway": ("prompt", "llm"), "prompt": ("llm",), "llm": ()}
BACKLOG: Final = 1024
UNSENT: Final = 16 * 1024  # bytes the kernel takes for a reader who takes none; without a bound it is megabytes


class PlanError(ValueError):
    """The roles, sockets and connections asked for do not make a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one process serves. ``listen`` is for its services; the gateway's HTTP address is in the settings."""

    roles: frozenset[Role] = frozenset(ROLES)
    listen: str | None = None  # HOST:PORT, or fd:N for a socket that was handed down
    site: str | None = None  # fd:N: the HTTP server's socket, when it was handed down
    connect: Mapping[Role, str]

    @property
    def name(self) -> str:
        """What logs and peers call this process."""
        return "promptwire" if len(self.roles) == len(ROLES) else "promptwire." + "+".join(sorted(self.roles))

    @classmethod
    def of(
        cls, roles: Sequence[str], *, listen: str | None = None, site: str | None = None, connect: Sequence[str] = ()
    ) -> Plan:
        """A plan from the words of a command line. Raises PlanError."""
        here: frozenset[Role] = frozenset([_role(word) for word in roles] or ROLES)
        peers = dict(_peer(given) for given in connect)
        needed = {need for role in here for need in NEEDS[role]} - here
        if missing := sorted(needed - peers.keys()):
            raise PlanError(f"neither started here nor connected to: {', '.join(missing)} (--connect ROLE=HOST:PORT)")
        if idle := sorted(peers.keys() - needed):
            raise PlanError(f"nothing here connects to: {', '.join(idle)}")
        if listen is None and "gateway" not in here:
            raise PlanError(f"{', '.join(sorted(here))} needs --listen HOST:PORT")
        if listen is not None and "gateway" in here and len(here) == 1:
            raise PlanError("the gateway alone listens on --host and --port, not --listen")
        if listen is not None and not listen.startswith("fd:"):
            address(listen)
        return cls(roles=here, listen=listen, site=site, connect=peers)


def address(text: str) -> tuple[str, int]:
    """The host and port of ``host:port`` or ``[v6]:port``. Raises PlanError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise PlanError(f"an address is HOST:PORT, not {text!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.create_server((host, port), family=family, backlog=BACKLOG)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # accepted connections inherit it
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
    return sock


def handed_down(text: str) -> socket.socket:
    """The socket of ``fd:N``, which another process bound. Raises PlanError."""
    number = text.removeprefix("fd:")
    try:
        return socket.socket(fileno=int(number))
    except (OSError, ValueError) as error:
        raise PlanError(f"no socket was handed down as {text!r}") from error


def _role(word: str) -> Role:
    for role in ROLES:
        if word == role:
            return role
    raise PlanError(f"a role is one of {', '.join(ROLES)}, not {word!r}")


def _peer(given: str) -> tuple[Role, str]:
    role, equals, where = given.partition("=")
    if not equals:
        raise PlanError(f"a connection is ROLE=HOST:PORT, not {given!r}")
    address(where)
    return _role(role), where
