"""Unary Thrift as a machine: a request and its reply are a stream of one message each way.

Buffered, framed, TTHeader and TTHeader+framed (`thriftwire.ttheader.packets`); a server answers each request in the
variant it came in, in the order requests came, however long each takes. A whole request is seen as `Open`, `Message`,
`End`; a whole reply as `Headers`, then `Message` unless it failed, then `End`. What a server sends is kept until its
`End` and then written as one reply.

- Headers and trailers of a reply travel together as its string entries and arrive as `Headers`: Kitex calls them
  backward metainfo. Without a TTHeader nothing travels but the message.
- A business status needs a TTHeader. On framed and buffered calls ``send(End(biz=…))`` raises LocalProtocolError and
  leaves the call open: the caller of ``send`` ends it with a failure instead. Kitex would lose it silently.
- A oneway call is over for the client at its own `End`, and a server's answer to one is taken and not written.
- There is no reset on the wire. A server's `Reset` is written as an exception; after a client's, the reply is still to
  come, so the connection takes no further call and closes when its other calls are over.
- After ``shutdown`` every reply with a TTHeader says ``crrst: 1``, and the connection closes when no call is live.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from thriftwire import biz
from thriftwire.errors import INT32_MAX, LocalProtocolError, RemoteProtocolError
from thriftwire.events import End, Event, Headers, Message, Open, Reset
from thriftwire.states import Role, Sides
from thriftwire.ttheader import keys
from thriftwire.ttheader.envelope import (
    CALL,
    EXCEPTION,
    ONEWAY,
    REPLY,
    Envelope,
    decode_envelope,
    decode_exception_struct,
    encode_envelope,
    encode_exception,
)
from thriftwire.ttheader.frames import MAX_MESSAGE, THRIFT_BINARY, Header
from thriftwire.ttheader.packets import Packet, PacketBuffer, Variant, encode_packet

_EMPTY_RESULT: Final = b"\x00"
_NOT_BACKWARD: Final = biz.KEYS | {keys.CONNECTION_RESET}


class _Call(Sides):
    """A live call and what has been gathered for the one packet it will become."""

    __slots__ = ("method", "oneway", "opened", "payload", "reply", "seqid", "strings", "variant", "written")

    def __init__(self, role: Role, *, method: str, seqid: int, variant: Variant, oneway: bool) -> None:
        super().__init__(role)
        self.method = method
        self.seqid = seqid
        self.variant = variant
        self.oneway = oneway
        self.opened: Open | None = None  # a client's
        self.strings: dict[str, str] = {}  # a server's
        self.payload: bytes | None = None
        self.reply: bytes | None = None  # a server's, waiting for the replies before it
        self.written = False  # a client's request


class UnaryMachine:
    """One connection of unary calls, from ``role``'s side; see `thriftwire.machine.Machine`.

    A client writes every request as ``variant`` and names ``destination`` (the service's registered name) when it
    has one; a server takes whatever comes. A message larger than ``max_message`` bytes is refused in both directions.
    """

    def __init__(
        self,
        role: Role,
        *,
        variant: Variant = Variant.TTHEADER_FRAMED,
        destination: str = "",
        max_message: int = MAX_MESSAGE,
        first_call_id: int = 1,
    ) -> None:
        self._role = role
        self._variant = variant
        self._destination = destination
        self._max_message = max_message
        self._next_id = first_call_id
        self._packets = PacketBuffer(max_message)
        self._calls: dict[int, _Call] = {}
        self._order: deque[_Call] = deque()  # a server's, in the order to answer
        self._abandoned: set[int] = set()  # a client's: resets whose replies may still come
        self._out: list[bytes] = []
        self._broken: str | None = None
        self._eof = False
        self._last_calls = False  # no call after the live ones

    @property
    def closing(self) -> bool:
        """The connection is lost, or no call is live and none may follow."""
        return self._eof or self._broken is not None or (self._last_calls and not self._calls and not self._order)

    @property
    def accepts_calls(self) -> bool:
        """A client may open a call: none is live, for Kitex clients never pipeline. `send` would."""
        return self._role is Role.CLIENT and not (self.closing or self._last_calls or self._calls)

    @property
    def live_calls(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    def new_call_id(self) -> int:
        """The next sequence id: positive int32s in turn."""
        call_id = self._next_id
        self._next_id = 1 if call_id >= INT32_MAX else call_id + 1
        return call_id

    def room(self, call_id: int) -> int | None:
        """None: there are no windows, only TCP's."""
        return None

    def consumed(self, call_id: int, size: int) -> None:
        """Nothing: there is no credit to return."""

    def probe(self) -> None:
        """Nothing: every byte of a unary connection belongs to a call. TCP's keepalive watches it."""

    def shutdown(self) -> None:
        """Finish the live calls, asking clients to leave, then close."""
        self._last_calls = True

    def outgoing(self) -> bytes:
        """The bytes to write now."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    # Receiving

    def receive(self, data: bytes) -> list[Event]:
        """What the peer did. Raises RemoteProtocolError, and then every call on the connection is lost."""
        if self._broken is not None:
            raise RemoteProtocolError(self._broken)
        events: list[Event] = []
        take = self._take_request if self._role is Role.SERVER else self._take_reply
        try:
            for packet in self._packets.feed(data):
                take(packet, decode_envelope(packet.message), events)
        except RemoteProtocolError as error:
            self._broken = str(error)
            self._forget_all()
            raise
        return events

    def receive_eof(self) -> list[Event]:
        """The peer is gone and its calls with it. Raises RemoteProtocolError when it left half a message."""
        self._eof = True
        pending = self._packets.pending
        self._forget_all()
        if pending:
            raise RemoteProtocolError(f"the connection ended inside a message, after {pending} bytes")
        return []

    def _forget_all(self) -> None:
        self._calls.clear()
        self._order.clear()
        self._abandoned.clear()
        self._packets.clear()

    def _take_request(self, packet: Packet, envelope: Envelope, events: list[Event]) -> None:
        if envelope.type not in (CALL, ONEWAY):
            raise RemoteProtocolError(f"a message of type {envelope.type} where a call belongs")
        call_id = self.new_call_id()  # not the peer's: pipelined requests may repeat a sequence id
        oneway = envelope.type == ONEWAY
        call = _Call(self._role, method=envelope.name, seqid=envelope.seqid, variant=packet.variant, oneway=oneway)
        for kind in (Open, Message, End):
            call.receive(kind)
        self._calls[call_id] = call
        if not oneway:
            self._order.append(call)
        events.append(keys.read_open(call_id, packet.header, envelope.name, streaming=False, oneway=oneway))
        events.append(Message(call_id, packet.message[envelope.body :]))
        events.append(End(call_id=call_id))

    def _take_reply(self, packet: Packet, envelope: Envelope, events: list[Event]) -> None:
        strings = packet.header.strings
        if strings.get(keys.CONNECTION_RESET) == "1":
            self._last_calls = True
        call_id = self._answered(envelope)
        if call_id is None:
            return
        failure = None
        if envelope.type == EXCEPTION:
            failure = decode_exception_struct(packet.message, envelope.body)
        headers = {key: value for key, value in strings.items() if key not in _NOT_BACKWARD}
        end = keys.read_end(call_id, {key: strings[key] for key in strings if key in _NOT_BACKWARD}, failure)
        events.append(Headers(call_id=call_id, headers=headers))
        if end.failure is None and end.biz is None:
            events.append(Message(call_id, packet.message[envelope.body :]))
        events.append(End(call_id=call_id, failure=end.failure, biz=end.biz))
        del self._calls[call_id]

    def _answered(self, envelope: Envelope) -> int | None:
        """The live call a reply belongs to; None when the call was given up.

        An exception's sequence id and name are not checked: a server that could not read the request invents them.
        """
        if envelope.seqid in self._abandoned:
            self._abandoned.discard(envelope.seqid)
            return None
        call = self._calls.get(envelope.seqid)
        if call is not None and not call.written:
            call = None
        if envelope.type == EXCEPTION:
            waiting = (call_id for call_id, other in self._calls.items() if other.written)
            call_id = envelope.seqid if call is not None else next(waiting, None)
            if call_id is None:
                raise RemoteProtocolError("an exception that answers no call")
            return call_id
        if envelope.type != REPLY:
            raise RemoteProtocolError(f"a message of type {envelope.type} where a reply belongs")
        if call is None:
            raise RemoteProtocolError(f"a reply with sequence id {envelope.seqid}, which answers no call")
        if call.method != envelope.name:
            raise RemoteProtocolError(f"a reply to {envelope.name!r} where {call.method!r} was called")
        return envelope.seqid

    # Sending

    def send(self, event: Event) -> None:
        """What we do. Raises LocalProtocolError, having done nothing, when the tables or the wire forbid it."""
        if self.closing:
            raise LocalProtocolError(f"the connection is closed: {self._broken or 'it takes no more calls'}")
        if type(event) is Open:
            self._open(event)
            return
        call = self._calls.get(event.call_id)
        if call is None:
            raise LocalProtocolError(f"no live call {event.call_id}")
        before = call.local, call.remote
        call.send(type(event))
        try:
            if type(event) is Message:
                self._keep(event, call)
            elif self._role is Role.CLIENT:
                self._send_as_client(event, call)
            else:
                self._send_as_server(event, call)
        except LocalProtocolError:
            call.local, call.remote = before
            raise

    def _keep(self, event: Message, call: _Call) -> None:
        if call.payload is not None:
            raise LocalProtocolError("a unary call carries one message each way")
        if len(event.payload) > self._max_message:
            raise LocalProtocolError(
                f"a message of {len(event.payload)} bytes exceeds the limit of {self._max_message}"
            )
        call.payload = event.payload

    def _open(self, event: Open) -> None:
        if event.streaming:
            raise LocalProtocolError("a unary connection carries methods that do not stream")
        if event.call_id in self._calls or event.call_id in self._abandoned:
            raise LocalProtocolError(f"the sequence id {event.call_id} is in use")
        if self._last_calls:
            raise LocalProtocolError("the connection takes no more calls")
        call = _Call(self._role, method=event.method, seqid=event.call_id, variant=self._variant, oneway=event.oneway)
        call.send(Open)
        call.opened = event
        self._calls[event.call_id] = call

    def _send_as_client(self, event: Event, call: _Call) -> None:
        if type(event) is Reset:
            del self._calls[event.call_id]
            if call.written:
                self._abandoned.add(event.call_id)
                self._last_calls = True
            return
        if call.payload is None or call.opened is None:
            raise LocalProtocolError("a unary call needs its message before its end")
        self._out.append(_request(call.opened, call.payload, call.variant, self._destination))
        call.written, call.payload, call.opened = True, None, None
        if call.oneway:
            del self._calls[event.call_id]

    def _send_as_server(self, event: Event, call: _Call) -> None:
        match event:
            case Headers():
                call.strings.update(event.headers)
                return
            case End():
                if not call.oneway:
                    call.reply = self._reply(event, call)
            case Reset():
                if not call.oneway:
                    call.reply = self._reply(End(call_id=event.call_id, failure=event.failure), call)
            case _:
                raise LocalProtocolError(f"{type(event).__name__} is not a server's to send")
        del self._calls[event.call_id]
        while self._order and (reply := self._order[0].reply) is not None:
            self._order.popleft()
            self._out.append(reply)

    def _reply(self, event: End, call: _Call) -> bytes:
        strings = call.strings | dict(event.trailers)
        kind = REPLY
        if event.failure is not None:
            kind = EXCEPTION
            message = encode_exception(event.failure, call.method, call.seqid)
        else:
            message = encode_envelope(REPLY, call.method, call.seqid) + _result(event, call, strings)
        if self._last_calls:
            strings[keys.CONNECTION_RESET] = "1"
        header = Header(THRIFT_BINARY, strings, {keys.MESSAGE_TYPE: str(kind)})
        return encode_packet(Packet(variant=call.variant, seqid=call.seqid, header=header, message=message))


def _request(event: Open, payload: bytes, variant: Variant, destination: str) -> bytes:
    """A whole call."""
    kind = ONEWAY if event.oneway else CALL
    header = Header()
    if variant.has_header:
        ints = {
            keys.MESSAGE_TYPE: str(kind),
            keys.TRANSPORT_TYPE: "framed" if variant.framed else "unframed",
        } | keys.open_ints(event)
        if destination:
            ints[keys.TO_SERVICE] = destination
        header = keys.open_header(THRIFT_BINARY, keys.open_strings(event), ints, event)
    message = encode_envelope(kind, event.method, event.call_id) + payload
    return encode_packet(Packet(variant=variant, seqid=event.call_id, header=header, message=message))


def _result(event: End, call: _Call, strings: dict[str, str]) -> bytes:
    """The result struct of a reply; a business status adds its entries to ``strings``."""
    if event.biz is not None:
        if not call.variant.has_header:
            raise LocalProtocolError(f"a {call.variant.value} call cannot carry a business status")
        strings |= biz.entries(event.biz)
        return _EMPTY_RESULT
    if call.payload is None:
        raise LocalProtocolError("a reply needs a result, a failure or a business status")
    return call.payload
