"""TTHeader Streaming, Kitex's "ttstream", as a machine: many streams on one connection, no windows.

Five frame types carry the five events (kitex-wire 2.1): header opens a stream or carries a server's headers, data a
message, trailer an end, rst a reset; meta frames belong to proxies and are ignored. Where Kitex leaves room:

- A server that ends without having sent headers writes an empty header frame first, as Kitex servers do.
- A trailer without entries gets ``biz-status: 0``, which Kitex reads as "no error"; without one its ``Trailer()``
  fails.
- A header frame for a live id costs that call and no other: the server resets it on both sides. Kitex would replace
  the stream silently; losing the connection would hurt strangers.
- Frames for ids that are over, or never were, are dropped: a reset crosses a trailer every day.
- After `StreamingMachine.shutdown` a server answers new streams with an exception, for lack of a GOAWAY.
"""

from __future__ import annotations

from typing import Final

from thriftwire import biz
from thriftwire.errors import (
    INT32_MAX,
    INT32_MIN,
    ApplicationError,
    LocalProtocolError,
    ProtocolError,
    RemoteProtocolError,
    ServerDraining,
)
from thriftwire.events import End, Event, Failure, Headers, Message, Open, Reset
from thriftwire.states import Role, Sides, State
from thriftwire.ttheader import keys
from thriftwire.ttheader.envelope import decode_exception, encode_exception
from thriftwire.ttheader.frames import (
    FLAG_STREAMING,
    MAX_MESSAGE,
    THRIFT_STRUCT,
    Frame,
    FrameBuffer,
    Header,
    encode_frame,
    encode_header,
    frame_length,
    frame_prefix,
)

META, HEADER, DATA, TRAILER, RST = "1", "2", "3", "4", "5"

DUPLICATE_HEADER: Final = 12002
UNDECODABLE: Final = RemoteProtocolError.code  # 12004
RST_WITHOUT_PAYLOAD: Final = Failure(13, "rst")
_SHUTTING_DOWN: Final = Failure(ServerDraining.code, "the server is shutting down")
_DUPLICATE_OPEN: Final = Failure(ApplicationError.PROTOCOL_ERROR, "the stream id is in use")
_SENDING = State.SENDING
_NO_CALL: Final = INT32_MIN  # an id that no counter reaches in this connection's life


class _Call(Sides):
    """A live call: its two states, its method, and the bytes every data frame of ours begins with."""

    __slots__ = ("data_prefix", "method")

    def __init__(self, role: Role, call_id: int, method: str) -> None:
        super().__init__(role)
        self.method = method
        header = encode_header(Header(THRIFT_STRUCT, {}, {keys.FRAME_TYPE: DATA, keys.TO_METHOD: method}))
        self.data_prefix = frame_prefix(FLAG_STREAMING, call_id, header)


class StreamingMachine:
    """One TTHeader Streaming connection, from ``role``'s side; see `thriftwire.machine.Machine`.

    A message larger than ``max_message`` bytes is refused in both directions. ``first_call_id`` starts the client's
    ids: Kitex counts them per process, any connection may begin anywhere.
    """

    def __init__(self, role: Role, *, max_message: int = MAX_MESSAGE, first_call_id: int = 1) -> None:
        self._role = role
        self._max_message = max_message
        self._next_id = first_call_id
        self._frames = FrameBuffer(max_message)
        self._calls: dict[int, _Call] = {}
        self._out: list[bytes] = []
        self._broken: str | None = None
        self._eof = False
        self._draining = False

    @property
    def closing(self) -> bool:
        """The connection is lost, to the peer's mistake or to its end."""
        return self._eof or self._broken is not None

    @property
    def accepts_calls(self) -> bool:
        """A client may open a stream."""
        return self._role is Role.CLIENT and not (self.closing or self._draining)

    @property
    def live_calls(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    def new_call_id(self) -> int:
        """The next id: positive int32s in turn, never 0, never one that is live."""
        call_id = self._next_id
        while call_id in self._calls or call_id == 0:
            call_id = _after(call_id)
        self._next_id = _after(call_id)
        return call_id

    def room(self, call_id: int) -> int | None:
        """None: there are no windows, only TCP's."""
        return None

    def consumed(self, call_id: int, size: int) -> None:
        """Nothing: there is no credit to return."""

    def probe(self) -> None:
        """A trailer for a stream that never was: peers drop it, as they do late frames every day."""
        if not self.closing:
            self._write_frame(TRAILER, _NO_CALL, "", {})

    def shutdown(self) -> None:
        """Refuse new streams: a server answers them with an exception, a client opens none."""
        self._draining = True

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
        try:
            self._read(data, events)
        except RemoteProtocolError as error:
            self._poison(str(error))
            raise
        return events

    def _read(self, data: bytes, events: list[Event]) -> None:
        calls = self._calls
        for frame in self._frames.feed(data):
            if not frame.flags & FLAG_STREAMING:
                raise RemoteProtocolError("a frame without the streaming flag")
            if (kind := frame.header.ints.get(keys.FRAME_TYPE)) != DATA:
                self._take(kind, frame, events)
                continue
            call = calls.get(frame.seqid)
            if call is not None and (call.remote is _SENDING or call.receive(Message)):
                events.append(Message(frame.seqid, frame.payload))

    def receive_eof(self) -> list[Event]:
        """The peer is gone and its calls with it. Raises RemoteProtocolError when it left half a frame."""
        self._eof = True
        self._calls.clear()
        if pending := self._frames.pending:
            self._frames.clear()
            raise RemoteProtocolError(f"the connection ended inside a frame, after {pending} bytes")
        return []

    def _poison(self, reason: str) -> None:
        self._broken = reason
        self._calls.clear()
        self._frames.clear()

    def _take(self, kind: str | None, frame: Frame, events: list[Event]) -> None:
        match kind:
            case "2" if self._role is Role.SERVER:
                self._take_open(frame, events)
            case "2":
                self._take_headers(frame, events)
            case "4":
                self._take_trailer(frame, events)
            case "5":
                self._take_rst(frame, events)
            case "1":
                return
            case _:
                raise RemoteProtocolError(f"unknown frame type {kind!r}")

    def _take_open(self, frame: Frame, events: list[Event]) -> None:
        call_id, method = frame.seqid, frame.header.ints.get(keys.TO_METHOD, "")
        if (live := self._calls.pop(call_id, None)) is not None:
            failure = Failure(DUPLICATE_HEADER, _DUPLICATE_OPEN.message)
            events.append(Reset(call_id=call_id, failure=failure))
            self._write_trailer(call_id, live.method, {}, _DUPLICATE_OPEN)
            return
        call = _Call(self._role, call_id, method)
        call.receive(Open)
        if self._draining:
            self._write_frame(HEADER, call_id, method, {})
            self._write_trailer(call_id, method, {}, _SHUTTING_DOWN)
            return
        self._calls[call_id] = call
        events.append(keys.read_open(call_id, frame.header, method, streaming=True))

    def _take_headers(self, frame: Frame, events: list[Event]) -> None:
        call = self._calls.get(frame.seqid)
        if call is not None and call.receive(Headers):
            events.append(Headers(call_id=frame.seqid, headers=dict(frame.header.strings)))

    def _take_trailer(self, frame: Frame, events: list[Event]) -> None:
        call = self._calls.get(frame.seqid)
        if call is None or not call.receive(End):
            return
        failure = _read_failure(frame.payload) if frame.payload else None
        events.append(keys.read_end(frame.seqid, frame.header.strings, failure))
        self._forget_if_closed(frame.seqid, call)

    def _take_rst(self, frame: Frame, events: list[Event]) -> None:
        call = self._calls.get(frame.seqid)
        if call is None or not call.receive(Reset):
            return
        try:
            failure = decode_exception(frame.payload)
        except RemoteProtocolError:
            failure = RST_WITHOUT_PAYLOAD
        path = tuple(name for name in frame.header.strings.get(keys.CANCEL_PATH, "").split(",") if name)
        events.append(Reset(call_id=frame.seqid, failure=failure, path=path))
        self._forget_if_closed(frame.seqid, call)

    def _forget_if_closed(self, call_id: int, call: _Call) -> None:
        if call.closed:
            del self._calls[call_id]

    # Sending

    def send(self, event: Event) -> None:
        """What we do. Raises LocalProtocolError, having done nothing, when the tables or the wire forbid it."""
        if type(event) is Message:
            self._send_message(event)
            return
        if self.closing:
            raise LocalProtocolError(f"the connection is closed: {self._broken or 'the peer ended it'}")
        if type(event) is Open:
            self._send_open(event)
            return
        call = self._calls.get(event.call_id)
        if call is None:
            raise LocalProtocolError(f"no live call {event.call_id}")
        headers_due = call.local is State.OPENED and type(event) is End
        before = call.local, call.remote
        call.send(type(event))
        try:
            self._write(event, call, headers_due=headers_due)
        except ProtocolError:
            call.local, call.remote = before
            raise
        self._forget_if_closed(event.call_id, call)

    def _send_message(self, event: Message) -> None:
        call_id, payload = event.call_id, event.payload
        call = self._calls.get(call_id)
        if call is None:
            raise LocalProtocolError(f"no live call {call_id}")
        if call.local is not _SENDING:
            call.send(Message)
        if len(payload) > self._max_message:
            raise LocalProtocolError(f"a message of {len(payload)} bytes exceeds the limit of {self._max_message}")
        prefix = call.data_prefix
        self._out += (frame_length(prefix, len(payload)), prefix, payload)

    def _send_open(self, event: Open) -> None:
        call_id = event.call_id
        if not event.streaming or event.oneway:
            raise LocalProtocolError("TTHeader Streaming carries streaming methods only")
        if call_id in self._calls or not call_id:
            raise LocalProtocolError(f"the stream id {call_id} is in use or reserved")
        if self._draining:
            raise LocalProtocolError("no new streams after shutdown")
        call = _Call(self._role, call_id, event.method)
        call.send(Open)
        ints = {keys.FRAME_TYPE: HEADER} | keys.open_ints(event)
        header = keys.open_header(THRIFT_STRUCT, keys.open_strings(event), ints, event)
        self._out.append(encode_frame(Frame(FLAG_STREAMING, call_id, header, b"")))
        self._calls[call_id] = call

    def _write(self, event: Event, call: _Call, *, headers_due: bool) -> None:
        match event:
            case Headers():
                self._write_frame(HEADER, event.call_id, call.method, dict(event.headers))
            case End():
                strings = dict(event.trailers)
                if event.biz is not None and event.failure is None:
                    strings |= biz.entries(event.biz)
                if headers_due:
                    self._write_frame(HEADER, event.call_id, call.method, {})
                self._write_trailer(event.call_id, call.method, strings, event.failure)
            case Reset():
                path = {keys.CANCEL_PATH: ",".join(event.path)} if event.path else {}
                payload = encode_exception(event.failure, call.method, event.call_id)
                self._write_frame(RST, event.call_id, call.method, path, payload)
            case _:
                raise LocalProtocolError(f"{type(event).__name__} is not written here")

    def _write_trailer(
        self,
        call_id: int,
        method: str,
        strings: dict[str, str],
        failure: Failure | None,
    ) -> None:
        payload = b"" if failure is None else encode_exception(failure, method, call_id)
        if self._role is Role.SERVER and not strings:
            strings = {biz.STATUS: biz.NO_ERROR}
        self._write_frame(TRAILER, call_id, method, strings, payload)

    def _write_frame(
        self,
        kind: str,
        call_id: int,
        method: str,
        strings: dict[str, str],
        payload: bytes = b"",
    ) -> None:
        header = Header(THRIFT_STRUCT, strings, {keys.FRAME_TYPE: kind, keys.TO_METHOD: method})
        self._out.append(encode_frame(Frame(FLAG_STREAMING, call_id, header, payload)))


def _after(call_id: int) -> int:
    return 1 if call_id >= INT32_MAX else call_id + 1


def _read_failure(payload: bytes) -> Failure:
    """The exception of a trailer; one that does not decode costs the stream, not the connection."""
    try:
        return decode_exception(payload)
    except RemoteProtocolError as error:
        return Failure(UNDECODABLE, f"undecodable trailer: {error}")
