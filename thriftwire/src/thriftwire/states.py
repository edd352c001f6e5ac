"""What is legal on a call, as tables: strict in what is sent, forgiving in what is accepted.

A call has two sides, the client's and the server's, and each side has its own state. A side moves by the events it
emits; a few moves also move the other side (`JOINT`). The tables are the same for every wire.

    client:  IDLE --Open--> SENDING --Message*--> SENDING --End--> DONE        any --Reset--> CLOSED
    server:  IDLE --(the client's Open)--> OPENED --Headers--> SENDING --Message*--> SENDING --End--> CLOSED
                                           OPENED --End--> CLOSED
    joint:   a server's End and either side's Reset close both sides; a client's End is only a half-close
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeAlias

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.events import End, Event, Headers, Message, Open, Reset


class Role(Enum):
    """Which side of a connection a machine plays."""

    CLIENT = "client"
    SERVER = "server"

    @property
    def peer(self) -> Role:
        """The other side."""
        return Role.SERVER if self is Role.CLIENT else Role.CLIENT


class State(Enum):
    """Where one side of a call stands."""

    IDLE = "idle"  # nothing yet
    OPENED = "opened"  # server: the client has opened, no headers sent
    SENDING = "sending"  # may send messages
    DONE = "done"  # client: half-closed, still reading
    CLOSED = "closed"  # the call is over


Row: TypeAlias = Mapping[type[Event], State]

TRANSITIONS: Final[Mapping[Role, Mapping[State, Row]]] = {
    Role.CLIENT: {
        State.IDLE: {Open: State.SENDING},
        State.SENDING: {Message: State.SENDING, End: State.DONE, Reset: State.CLOSED},
        State.DONE: {Reset: State.CLOSED},
        State.CLOSED: {},
    },
    Role.SERVER: {
        State.IDLE: {},
        State.OPENED: {Headers: State.SENDING, End: State.CLOSED, Reset: State.CLOSED},
        State.SENDING: {Message: State.SENDING, End: State.CLOSED, Reset: State.CLOSED},
        State.DONE: {},
        State.CLOSED: {},
    },
}
"""A side's events and where each takes it; what is absent may not be sent."""

JOINT: Final[Mapping[tuple[Role, State], State]] = {
    (Role.CLIENT, State.SENDING): State.OPENED,
    (Role.CLIENT, State.CLOSED): State.CLOSED,
    (Role.SERVER, State.CLOSED): State.CLOSED,
}
"""Where the other side goes when a side *enters* a state; what is absent leaves the other side alone."""

TOLERATED: Final[Mapping[tuple[Role, State], Mapping[type[Event], State | None]]] = {
    (Role.SERVER, State.OPENED): {Message: State.OPENED},  # Kitex accepts data before headers from proxies
    (Role.CLIENT, State.DONE): {
        Message: None,
        End: None,
    },  # data or a second end after a half-close
}
"""What peers are seen to do and is forgiven on receipt, never on sending. None drops the event."""


class Sides:
    """The two states of one call, seen from the side that plays ``role``."""

    __slots__ = ("local", "remote", "role")

    def __init__(self, role: Role) -> None:
        self.role = role
        self.local = State.IDLE
        self.remote = State.IDLE

    @property
    def closed(self) -> bool:
        """The call is over for both sides."""
        return self.local is State.CLOSED

    def send(self, kind: type[Event]) -> None:
        """Move by an event of our own. Raises LocalProtocolError when the tables do not allow it."""
        state = TRANSITIONS[self.role][self.local].get(kind)
        if state is None:
            raise LocalProtocolError(f"a {self.role.value} may not send {kind.__name__} when {self.local.value}")
        if state is not self.local:
            self.local = state
            self.remote = JOINT.get((self.role, state), self.remote)

    def receive(self, kind: type[Event]) -> bool:
        """Move by an event of the peer; False when it is forgiven and dropped.

        Raises RemoteProtocolError when the tables do not allow it.
        """
        peer = self.role.peer
        state = TRANSITIONS[peer][self.remote].get(kind)
        if state is None:
            forgiven = TOLERATED.get((peer, self.remote), {})
            if kind not in forgiven:
                raise RemoteProtocolError(f"the {peer.value} sent {kind.__name__} when {self.remote.value}")
            state = forgiven[kind]
            if state is None:
                return False
        if state is not self.remote:
            self.remote = state
            self.local = JOINT.get((peer, state), self.local)
        return True
