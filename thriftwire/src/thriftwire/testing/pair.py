"""Two machines joined by nothing: what one writes the other reads, at any chunk size, without a socket or a clock."""

from __future__ import annotations

from collections.abc import Iterator

from thriftwire.events import Event, Message
from thriftwire.machine import Machine
from thriftwire.states import Role


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    """``data`` in pieces of ``size`` bytes; whole when ``size`` is 0."""
    step = size or max(1, len(data))
    return (data[at : at + step] for at in range(0, len(data), step))


class Pair:
    """A client and a server machine; ``seen`` is what each role has received, ``written`` the bytes each has sent.

    Messages are consumed as they arrive unless ``consuming`` is False. ``streaming`` and ``metadata`` say what the
    wire carries, for the checks to choose by.
    """

    def __init__(
        self, client: Machine, server: Machine, *, chunk: int = 0, streaming: bool = True, metadata: bool = True
    ) -> None:
        self.client = client
        self.server = server
        self.chunk = chunk
        self.streaming = streaming
        self.metadata = metadata
        self.consuming = True
        self.seen: dict[Role, list[Event]] = {Role.CLIENT: [], Role.SERVER: []}
        self.written: dict[Role, bytearray] = {Role.CLIENT: bytearray(), Role.SERVER: bytearray()}

    def machine(self, role: Role) -> Machine:
        """The machine that plays ``role``."""
        return self.client if role is Role.CLIENT else self.server

    def send(self, role: Role, *events: Event) -> list[Event]:
        """Send as ``role`` and carry all bytes both ways; returns what the peer saw meanwhile."""
        seen = self.seen[role.peer]
        before = len(seen)
        for event in events:
            self.machine(role).send(event)
        self.settle()
        return seen[before:]

    def settle(self) -> None:
        """Carry bytes both ways until neither side has any."""
        while self._carry(Role.CLIENT) | self._carry(Role.SERVER):
            pass

    def _carry(self, role: Role) -> bool:
        data = self.machine(role).outgoing()
        self.written[role] += data
        for piece in chunked(data, self.chunk):
            self.deliver(role.peer, piece)
        return bool(data)

    def deliver(self, role: Role, data: bytes) -> list[Event]:
        """Feed ``data`` to the machine that plays ``role``, as if the peer had written it."""
        machine = self.machine(role)
        events = machine.receive(data)
        self.seen[role] += events
        for event in events:
            if self.consuming and isinstance(event, Message):
                machine.consumed(event.call_id, len(event.payload))
        return events
