"""Thrift over gRPC as a machine: h2 keeps HTTP/2 legal, this adds calls and messages and speaks the five events.

A call is an HTTP/2 stream (kitex-wire 3). What the wire leaves open, or Kitex does and one might not expect:

- The wire does not say whether a method streams: a server's `Open.streaming` is None, the method's mode decides. A
  streaming method's messages are bare structs, any other's are args and result structs; neither has an envelope.
- `send` never waits for a window: what does not fit is kept and leaves as the peer returns credit; `room` says when
  more should be sent. Messages of one call sent between two `outgoing()` share DATA frames.
- Credit for a message returns when it is `consumed`, once per message; a part of a message is credited as it comes,
  for else a message larger than the window would never arrive. The connection's own window is kept out of the way.
- A server that ends a call the client has not half-closed resets the stream with NO_ERROR, as Kitex does.
- `shutdown` on a server is Kitex's: GOAWAY for no stream, PING, and when it is answered GOAWAY for those after the
  last. A server's `Reset` for going away is Kitex's own code 1000.
- ``application/grpc`` without a subtype is served too, for grpcio clients can send no other.
"""

from __future__ import annotations

from typing import Final, assert_never

from thriftwire.errors import ApplicationError, LocalProtocolError, RemoteProtocolError, ServerDraining
from thriftwire.events import End, Event, Failure, Headers, Message, Open, Reset
from thriftwire.grpc import http2, metadata, status
from thriftwire.grpc.calls import Call, Calls
from thriftwire.grpc.draining import Draining
from thriftwire.grpc.goaway import ALL_STREAMS, Goaway
from thriftwire.grpc.http2 import Http2
from thriftwire.grpc.messages import MAX_MESSAGE, MessageRefused
from thriftwire.grpc.status import ResetCode, Status
from thriftwire.states import Role, State

_SILENCES_PER_PING: Final = 10
_PROBE_PING: Final = b"thriftwr"
_MALFORMED_PATH: Final = Failure(ApplicationError.UNKNOWN_METHOD, "a path must be /package.Service/Method")
_CUT: Final = Failure(status.LOST, "the stream ended inside a message")
_NO_TRAILERS: Final = Failure(status.LOST, "the stream ended without trailers")


class GRPCMachine:
    """One HTTP/2 connection, from ``role``'s side; see `thriftwire.machine.Machine`.

    A client names the ``package`` of the IDL in paths, the ``authority`` (Kitex: the destination service's name) and
    the ``scheme``; a server announces ``max_streams`` at once. The peer may send ``window`` bytes on a stream that
    nobody reads. A message larger than ``max_message`` bytes is refused in both directions.
    """

    def __init__(
        self,
        role: Role,
        *,
        package: str = "",
        authority: str = "",
        scheme: str = "http",
        max_message: int = MAX_MESSAGE,
        max_streams: int = 1000,
        window: int = http2.WINDOW,
    ) -> None:
        self._role = role
        self._package, self._authority, self._scheme = package, authority, scheme
        self._max_message = max_message
        self._http = Http2(role, max_streams, window)
        self._calls = Calls(self._http)
        self._next_id = 1
        self._draining = Draining(role, self._http)
        self._broken: str | None = None
        self._eof = False
        self._silences = 0  # since the last ping, or since the beginning

    @property
    def closing(self) -> bool:
        """The connection is lost, or it is drained and no call is live."""
        return self._eof or self._broken is not None or (self._draining.takes_no_more and not self._calls)

    @property
    def accepts_calls(self) -> bool:
        """A client may open a call: no GOAWAY has come, and the server allows one stream more."""
        return (
            self._role is Role.CLIENT
            and not (self.closing or self._draining.begun)
            and len(self._calls) < self._http.allowed_streams
            and self._next_id <= ALL_STREAMS
        )

    @property
    def live_calls(self) -> int:
        """Calls that are not over, or whose last bytes wait for a window."""
        return len(self._calls)

    def new_call_id(self) -> int:
        """The next stream id of a client: 1, 3, 5…, to be opened in this order."""
        call_id = self._next_id
        self._next_id += 2
        return call_id

    def room(self, call_id: int) -> int | None:
        """What the windows take now, less what already waits for them."""
        call = self._calls.get(call_id)
        return 0 if call is None else call.room(self._http)

    def consumed(self, call_id: int, size: int) -> None:
        """The application took a message of ``size`` bytes."""
        call = self._calls.get(call_id)
        if call is not None:
            call.consumed(size)
            call.return_credit(self._http)

    def probe(self) -> None:
        """A PING, but only at every tenth silence: Kitex's servers take it amiss within five minutes of the last."""
        self._silences += 1
        if self._silences % _SILENCES_PER_PING == 0 and not self.closing:
            self._http.ping(_PROBE_PING)

    def shutdown(self) -> None:
        """Announce the end: a server accepts what the client opened before it heard, a client opens nothing."""
        if not self.closing:
            self._draining.begin()

    def outgoing(self) -> bytes:
        """The bytes to write now."""
        self._calls.flush()
        return self._http.outgoing()

    # Receiving

    def receive(self, data: bytes) -> list[Event]:
        """What the peer did. Raises RemoteProtocolError, and then every call on the connection is lost."""
        if self._broken is not None:
            raise RemoteProtocolError(self._broken)
        events: list[Event] = []
        try:
            for event in self._http.receive(data):
                self._take(event, events)
        except RemoteProtocolError as error:
            self._broken = str(error)
            self._calls.clear()
            raise
        return events

    def receive_eof(self) -> list[Event]:
        """The peer is gone and its calls with it. Raises RemoteProtocolError when it left half a frame."""
        self._eof = True
        self._calls.clear()
        if self._http.inside_frame and self._broken is None:
            raise RemoteProtocolError("the connection ended inside a frame")
        return []

    def _take(self, event: http2.StreamEvent | Goaway, events: list[Event]) -> None:
        match event:
            case http2.RequestReceived():
                self._take_request(event, events)
            case http2.WindowUpdated():
                self._calls.unblock(event.stream_id)
            case http2.SettingsChanged():
                self._calls.unblock(0)
            case http2.PingAnswered():
                self._draining.answered(event.ping_data)
            case Goaway():
                self._take_goaway(event, events)
            case _:
                call = self._calls.get(getattr(event, "stream_id", None) or 0)
                if call is not None:
                    self._take_of_call(call, event, events)

    def _take_of_call(self, call: Call, event: http2.StreamEvent, events: list[Event]) -> None:
        match event:
            case http2.DataReceived():
                self._take_data(call, event, events)
            case http2.ResponseReceived():
                self._take_response(call, metadata.read_fields(event.headers), events)
            case http2.TrailersReceived() if self._role is Role.CLIENT:
                self._take_end(call, metadata.read_fields(event.headers), events)
            case http2.StreamEnded():
                self._take_stream_end(call, events)
            case http2.StreamReset():
                self._take_reset(call, int(event.error_code), events)
            case _:
                return

    def _take_request(self, event: http2.RequestReceived, events: list[Event]) -> None:
        call_id, entries = event.stream_id, metadata.read_fields(event.headers)
        if self._draining.refuses(call_id):
            self._http.reset(call_id, ResetCode.REFUSED_STREAM)
            return
        self._draining.last_stream = call_id
        call = Call(self._role, call_id, self._max_message, entries.get("content-type", ""))
        call.receive(Open)
        self._calls.add(call)
        path = metadata.read_path(entries.get(":path", ""))
        if (reason := metadata.refused_request(entries)) is not None:
            self._calls.answer(call, metadata.http_fields(*reason))
        elif path is None:
            self._calls.refuse(call, Status.UNIMPLEMENTED, _MALFORMED_PATH)
        else:
            events.append(metadata.read_open(call_id, entries, *path))

    def _take_response(self, call: Call, entries: dict[str, str], events: list[Event]) -> None:
        if metadata.is_end(entries):
            self._take_end(call, entries, events)
        elif (reason := metadata.refused_response(entries)) is not None:
            events.append(self._calls.break_off(call, Status.INTERNAL, Failure(status.LOST, reason)))
        elif call.receive(Headers):
            events.append(Headers(call_id=call.call_id, headers=metadata.application_entries(entries)))

    def _take_data(self, call: Call, event: http2.DataReceived, events: list[Event]) -> None:
        if call.closed:
            return
        try:
            payloads = call.feed(event.data, event.flow_controlled_length)
        except MessageRefused as refused:
            events.append(self._calls.break_off(call, refused.status, refused.failure))
            return
        events += [Message(call.call_id, payload) for payload in payloads if call.receive(Message)]
        call.return_credit(self._http)

    def _take_end(self, call: Call, entries: dict[str, str], events: list[Event]) -> None:
        """A server's trailers; without a status they are a loss."""
        if call.receive(End):
            call.read_end = True
            events.append(metadata.read_end(call.call_id, entries))
            self._calls.finish(call, ResetCode.NO_ERROR)

    def _take_stream_end(self, call: Call, events: list[Event]) -> None:
        call.read_end = True
        if call.closed:
            return
        if call.inside_message or self._role is Role.CLIENT:
            events.append(self._calls.break_off(call, Status.INTERNAL, _CUT if call.inside_message else _NO_TRAILERS))
        elif call.receive(End):
            events.append(End(call_id=call.call_id))

    def _take_reset(self, call: Call, code: int, events: list[Event]) -> None:
        self._calls.forget(call.call_id)
        if not call.closed:
            failure = status.reset_failure(code, by_upstream=self._role is Role.SERVER)
            events.append(Reset(call_id=call.call_id, failure=failure))

    def _take_goaway(self, goaway: Goaway, events: list[Event]) -> None:
        self._draining.hear(goaway)
        for call_id in filter(self._draining.refuses, self._calls.ids()):
            events.append(Reset(call_id=call_id, failure=_going_away(goaway)))
            self._calls.forget(call_id)

    # Sending

    def send(self, event: Event) -> None:
        """What we do. Raises LocalProtocolError, having done nothing, when the tables or the wire forbid it."""
        if self.closing:
            raise LocalProtocolError(f"the connection is closed: {self._broken or 'it takes no more calls'}")
        if isinstance(event, Open):
            self._send_open(event)
            return
        call = self._calls.get(event.call_id)
        if call is None:
            raise LocalProtocolError(f"no live call {event.call_id}")
        before = call.local, call.remote
        call.send(type(event))
        try:
            self._send(event, call, headers_sent=before[0] is not State.OPENED)
        except LocalProtocolError:
            call.local, call.remote = before
            raise

    def _send_open(self, event: Open) -> None:
        if event.oneway:
            raise LocalProtocolError("gRPC carries no oneway methods")
        call = Call(self._role, event.call_id, self._max_message)
        call.send(Open)
        if event.call_id in self._calls or not self.accepts_calls:
            raise LocalProtocolError(f"stream {event.call_id} is in use, or the connection takes no more calls")
        fields = metadata.open_fields(event, package=self._package, authority=self._authority, scheme=self._scheme)
        self._http.headers(event.call_id, fields)
        self._next_id = max(self._next_id, event.call_id + 2)
        self._calls.add(call)

    def _send(self, event: Headers | Message | End | Reset, call: Call, *, headers_sent: bool) -> None:
        call_id = event.call_id
        match event:
            case Message():
                call.put(event.payload)
                self._calls.due(call)
            case Headers():
                self._http.headers(call_id, call.with_response(metadata.fields(event.headers)))
            case End() if self._role is Role.CLIENT:
                self._calls.due(call)
            case End():
                fields = metadata.end_fields(event)
                call.trailers = fields if headers_sent else call.with_response(fields)
                self._calls.due(call)
            case Reset():
                self._calls.finish(call, status.reset_code(event.failure.code))
            case _:
                assert_never(event)


def _going_away(goaway: Goaway) -> Failure:
    text = goaway.text.decode(errors="backslashreplace")
    return Failure(ServerDraining.code, f"the server is going away{': ' if text else ''}{text}")
