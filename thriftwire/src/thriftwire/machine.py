"""The face every wire has: a connection as a value, fed bytes and events, never waiting.

A machine imports no event loop, no socket and no clock. Its driver does three things after feeding it bytes:
dispatch the events, write ``outgoing()``, and close the connection when ``closing`` says so.
"""

from __future__ import annotations

from typing import Protocol

from thriftwire.events import Event


class Machine(Protocol):
    """One connection, from one role's side.

    Wires: `thriftwire.ttheader.streaming.StreamingMachine`, `thriftwire.ttheader.unary.UnaryMachine`,
    `thriftwire.grpc.connection.GRPCMachine`.
    """

    @property
    def closing(self) -> bool:
        """True when the connection must be closed once ``outgoing()`` is written."""
        ...

    @property
    def accepts_calls(self) -> bool:
        """False when no further call may be opened here (busy, GOAWAY, ``crrst``); open another connection."""
        ...

    @property
    def live_calls(self) -> int:
        """Calls that are not over."""
        ...

    def receive(self, data: bytes) -> list[Event]:
        """What the peer did, in order. Raises RemoteProtocolError when the connection is lost to its mistake."""
        ...

    def receive_eof(self) -> list[Event]:
        """The peer will send nothing more. Raises RemoteProtocolError when it left half a frame."""
        ...

    def new_call_id(self) -> int:
        """An id for the next call this client opens."""
        ...

    def send(self, event: Event) -> None:
        """What we do. Raises LocalProtocolError, having done nothing, when the tables in `thriftwire.states` or the
        wire do not allow it: a business status where the wire has no place for it leaves the call open, to be ended
        with a failure. A `Message` beyond `room` is kept and written as the peer returns credit.
        """
        ...

    def outgoing(self) -> bytes:
        """The bytes to write now; empties the buffer."""
        ...

    def room(self, call_id: int) -> int | None:
        """Bytes that may still be sent on the call, 0 when the next message should wait; None without windows."""
        ...

    def consumed(self, call_id: int, size: int) -> None:
        """The application read ``size`` bytes of payload: return the credit, if the wire has any."""
        ...

    def probe(self) -> None:
        """Say something that any peer ignores or acknowledges: a path that is dead will then be noticed.

        Called after each half minute of silence on a connection that has calls.
        """
        ...

    def shutdown(self) -> None:
        """Tell the peer to open no new calls, if the wire can say so."""
        ...
