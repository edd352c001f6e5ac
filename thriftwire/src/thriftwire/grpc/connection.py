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

try:
    import h2.config
    import h2.connection
    import h2.events
    import h2.exceptions
    import h2.settings
except ImportError as missing:
    raise ImportError("Thrift over gRPC needs h2: pip install 'thriftwire[grpc]'") from missing

from thriftwire.errors import ApplicationError, LocalProtocolError, RemoteProtocolError, ServerDraining
from thriftwire.events import End, Event, Failure, Headers, Message, Open, Reset
from thriftwire.grpc import metadata, status
from thriftwire.grpc.goaway import ALL_STREAMS, PREFACE_SIZE, Goaway, GoawayFilter, encode_goaway
from thriftwire.grpc.messages import MAX_MESSAGE, PREFIX_SIZE, MessageBuffer, MessageRefused, encode_prefix
from thriftwire.grpc.metadata import Fields
from thriftwire.grpc.status import ResetCode, Status
from thriftwire.states import Role, Sides, State

WINDOW: Final = 65_535  # per stream, HTTP/2's default and Kitex's
_CONNECTION_WINDOW: Final = 2**30  # streams are bounded one by one; together they must not hold each other up
_CONNECTION_TOP_UP: Final = 2**20
_UNTOLD_MAX_STREAMS: Final = 100  # what a client assumes until the server says
_MAX_HEADER_LIST: Final = 2**20
_SILENCES_PER_PING: Final = 10
_PROBE_PING: Final = b"thriftwr"
_GRACEFUL_PING: Final = bytes.fromhex("0106010800030309")  # Kitex's
_MALFORMED_PATH: Final = Failure(ApplicationError.UNKNOWN_METHOD, "a path must be /package.Service/Method")
_GOING_AWAY: Final = Failure(ServerDraining.code, "the server is going away")


class _Call(Sides):
    """A live call: its states, what has come of a message, and what has yet to leave."""

    __slots__ = ("content_type", "held", "messages", "queue", "read_end", "trailers", "unread", "wrote_end")

    def __init__(self, role: Role, max_message: int) -> None:
        super().__init__(role)
        self.messages = MessageBuffer(max_message)
        self.queue = bytearray()  # to be written as windows allow
        self.trailers: Fields | None = None  # a server's, to be written after the queue
        self.held = 0  # bytes received whose credit is not returned
        self.unread = 0  # of these, bytes of messages the application has not consumed
        self.content_type = metadata.CONTENT_TYPE
        self.read_end = False  # the peer's side of the stream has ended
        self.wrote_end = False  # ours has


class GRPCMachine:
    """One HTTP/2 connection, from ``role``'s side; see `thriftwire.machine.Machine`.

    A client names the ``package`` of the IDL in paths, the ``authority`` (Kitex: the destination service's name) and
    the ``scheme``; a server announces ``max_streams`` at once. A message larger than ``max_message`` bytes is refused
    in both directions.
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
    ) -> None:
        self._role = role
        self._package, self._authority, self._scheme = package, authority, scheme
        self._max_message = max_message
        self._h2 = _h2_connection(role, max_streams)
        self._filter = GoawayFilter(skip=PREFACE_SIZE if role is Role.SERVER else 0)
        self._out: list[bytes] = []
        self._calls: dict[int, _Call] = {}
        self._due: dict[int, _Call] = {}  # calls with something to write; ordered, so that none starves
        self._blocked: dict[int, _Call] = {}  # calls that wait for a window
        self._next_id = 1
        self._max_peer_streams = _UNTOLD_MAX_STREAMS
        self._connection_credit = 0
        self._last_stream = 0  # the newest a server has accepted
        self._refuse_after: int | None = None  # set by GOAWAY, sent (server) or received (client)
        self._broken: str | None = None
        self._eof = False
        self._draining = False
        self._silences = 0  # since the last ping, or since the beginning

    @property
    def closing(self) -> bool:
        """The connection is lost, or it is drained and no call is live."""
        drained = self._refuse_after is not None or (self._draining and self._role is Role.CLIENT)
        return self._eof or self._broken is not None or (drained and not self._calls)

    @property
    def accepts_calls(self) -> bool:
        """A client may open a call: no GOAWAY has come, and the server allows one stream more."""
        return (
            self._role is Role.CLIENT
            and not (self.closing or self._draining or self._refuse_after is not None)
            and len(self._calls) < self._max_peer_streams
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
        if call is None:
            return 0
        return max(0, self._h2.local_flow_control_window(call_id) - len(call.queue))

    def consumed(self, call_id: int, size: int) -> None:
        """The application took a message of ``size`` bytes."""
        call = self._calls.get(call_id)
        if call is not None:
            call.unread = max(0, call.unread - size - PREFIX_SIZE)
            self._return_credit(call_id, call)

    def probe(self) -> None:
        """A PING, but only at every tenth silence: Kitex's servers take it amiss within five minutes of the last."""
        self._silences += 1
        if self._silences % _SILENCES_PER_PING == 0 and not self.closing:
            self._h2.ping(_PROBE_PING)

    def shutdown(self) -> None:
        """Announce the end: a server accepts what the client opened before it heard, a client opens nothing."""
        if self._draining or self.closing:
            return
        self._draining = True
        if self._role is Role.SERVER:
            self._write(encode_goaway(Goaway(ALL_STREAMS, ResetCode.NO_ERROR, b"graceful shutdown")))
            self._h2.ping(_GRACEFUL_PING)

    def outgoing(self) -> bytes:
        """The bytes to write now."""
        due, self._due = self._due, {}
        for call_id, call in due.items():
            self._flush(call_id, call)
        self._write(b"")
        data = b"".join(self._out)
        self._out.clear()
        return data

    def _write(self, data: bytes) -> None:
        """Add a frame of our own behind what h2 has made so far."""
        self._out += (self._h2.data_to_send(), data)

    # Receiving

    def receive(self, data: bytes) -> list[Event]:
        """What the peer did. Raises RemoteProtocolError, and then every call on the connection is lost."""
        if self._broken is not None:
            raise RemoteProtocolError(self._broken)
        events: list[Event] = []
        try:
            for piece in self._filter.feed(data):
                if isinstance(piece, Goaway):
                    self._take_goaway(piece, events)
                else:
                    for event in self._h2.receive_data(piece):
                        self._take(event, events)
        except (RemoteProtocolError, h2.exceptions.H2Error) as error:
            self._broken = (
                f"{type(error).__name__}: {error}" if not isinstance(error, RemoteProtocolError) else str(error)
            )
            self._forget_all()
            raise RemoteProtocolError(self._broken) from error
        self._top_up()
        return events

    def receive_eof(self) -> list[Event]:
        """The peer is gone and its calls with it. Raises RemoteProtocolError when it left half a frame."""
        self._eof = True
        self._forget_all()
        if self._filter.inside_frame and self._broken is None:
            raise RemoteProtocolError("the connection ended inside a frame")
        return []

    def _forget_all(self) -> None:
        self._calls.clear()
        self._due.clear()
        self._blocked.clear()

    def _take(self, event: h2.events.Event, events: list[Event]) -> None:
        match event:
            case h2.events.DataReceived():
                self._take_data(event, events)
            case h2.events.RequestReceived():
                self._take_request(event, events)
            case h2.events.ResponseReceived():
                self._take_response(event, events)
            case h2.events.TrailersReceived():
                if self._role is Role.CLIENT and (call := self._calls.get(event.stream_id)) is not None:
                    self._take_end(event.stream_id, call, metadata.read_fields(event.headers), events)
            case h2.events.StreamEnded():
                self._take_stream_end(event.stream_id, events)
            case h2.events.StreamReset():
                self._take_reset(event, events)
            case _:
                self._take_connection_event(event)

    def _take_connection_event(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.WindowUpdated():
                self._unblock(event.stream_id)
            case h2.events.RemoteSettingsChanged():
                self._max_peer_streams = self._h2.remote_settings.max_concurrent_streams
                self._unblock(0)
            case h2.events.PingAckReceived():
                self._take_ping_answer(event.ping_data)
            case _:
                return

    def _take_request(self, event: h2.events.RequestReceived, events: list[Event]) -> None:
        call_id, entries = event.stream_id, metadata.read_fields(event.headers)
        if self._refuse_after is not None and call_id > self._refuse_after:
            self._reset_stream(call_id, ResetCode.REFUSED_STREAM)
            return
        self._last_stream = call_id
        call = _Call(self._role, self._max_message)
        call.receive(Open)
        call.content_type = entries.get("content-type", "")
        self._calls[call_id] = call
        path = metadata.read_path(entries.get(":path", ""))
        if (reason := metadata.refused_request(entries)) is not None:
            self._write_trailers(call_id, call, metadata.http_fields(*reason))
        elif path is None:
            self._refuse(
                call_id, call, Status.UNIMPLEMENTED, Failure(ApplicationError.UNKNOWN_METHOD, "malformed path")
            )
        else:
            events.append(metadata.read_open(call_id, entries, *path))

    def _take_response(self, event: h2.events.ResponseReceived, events: list[Event]) -> None:
        call_id, entries = event.stream_id, metadata.read_fields(event.headers)
        call = self._calls.get(call_id)
        if call is None:
            return
        if metadata.is_end(entries):
            self._take_end(call_id, call, entries, events)
        elif (reason := metadata.refused_response(entries)) is not None:
            self._give_up(call_id, call, Failure(status.LOST, reason), events)
        elif call.receive(Headers):
            events.append(Headers(call_id=call_id, headers=metadata.application_entries(entries)))

    def _take_data(self, event: h2.events.DataReceived, events: list[Event]) -> None:
        call_id, size = event.stream_id, event.flow_controlled_length
        self._connection_credit += size
        call = self._calls.get(call_id)
        if call is None or call.closed:
            return
        call.held += size
        try:
            for payload in call.messages.feed(event.data):
                if call.receive(Message):
                    call.unread += len(payload) + PREFIX_SIZE
                    events.append(Message(call_id, payload))
        except MessageRefused as refused:
            if self._role is Role.SERVER:
                events.append(Reset(call_id=call_id, failure=refused.failure))
                self._refuse(call_id, call, refused.status, refused.failure)
            else:
                self._give_up(call_id, call, refused.failure, events)
            return
        self._return_credit(call_id, call)

    def _take_end(self, call_id: int, call: _Call, entries: dict[str, str], events: list[Event]) -> None:
        """A server's trailers; without a status they are a loss."""
        if call.receive(End):
            call.read_end = True
            events.append(metadata.read_end(call_id, entries))
            self._finish(call_id, call, ResetCode.NO_ERROR)

    def _take_stream_end(self, call_id: int, events: list[Event]) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        call.read_end = True
        if call.closed:
            return
        cut = Failure(status.LOST, "the stream ended inside a message")
        if self._role is Role.CLIENT:
            failure = cut if call.messages.pending else Failure(status.LOST, "the stream ended without trailers")
            self._give_up(call_id, call, failure, events)
        elif call.messages.pending:
            events.append(Reset(call_id=call_id, failure=cut))
            self._refuse(call_id, call, Status.INTERNAL, cut)
        elif call.receive(End):
            events.append(End(call_id=call_id))

    def _take_reset(self, event: h2.events.StreamReset, events: list[Event]) -> None:
        call = self._calls.get(event.stream_id)
        if call is None:
            return
        self._forget(event.stream_id)
        if not call.closed:
            failure = status.reset_failure(int(event.error_code), by_upstream=self._role is Role.SERVER)
            events.append(Reset(call_id=event.stream_id, failure=failure))

    def _take_goaway(self, goaway: Goaway, events: list[Event]) -> None:
        if self._role is Role.SERVER:
            return  # it would refuse pushes, and none are made
        self._draining = True
        self._refuse_after = goaway.last_stream_id
        text = goaway.text.decode(errors="backslashreplace")
        failure = _GOING_AWAY if not text else Failure(_GOING_AWAY.code, f"{_GOING_AWAY.message}: {text}")
        for call_id in [call_id for call_id in self._calls if call_id > goaway.last_stream_id]:
            events.append(Reset(call_id=call_id, failure=failure))
            self._forget(call_id)

    def _take_ping_answer(self, data: bytes) -> None:
        if self._draining and self._role is Role.SERVER and data == _GRACEFUL_PING and self._refuse_after is None:
            self._refuse_after = self._last_stream
            self._write(encode_goaway(Goaway(self._last_stream, ResetCode.NO_ERROR)))

    # Refusing one call

    def _refuse(self, call_id: int, call: _Call, code: Status, failure: Failure) -> None:
        """A server answers a call it cannot serve."""
        fields = metadata.refusal_fields(code, failure)
        if call.local is State.OPENED:
            fields = _response_fields(call) + fields
        self._write_trailers(call_id, call, fields)

    def _write_trailers(self, call_id: int, call: _Call, fields: Fields) -> None:
        self._h2.send_headers(call_id, fields, end_stream=True)
        call.wrote_end = True
        self._finish(call_id, call, ResetCode.NO_ERROR)

    def _give_up(self, call_id: int, call: _Call, failure: Failure, events: list[Event]) -> None:
        """A client ends a call whose answer it cannot take."""
        call.receive(End)
        events.append(End(call_id=call_id, failure=failure))
        self._finish(call_id, call, ResetCode.CANCEL)

    def _finish(self, call_id: int, call: _Call, code: ResetCode) -> None:
        """Forget a call, resetting its stream unless both sides have ended it."""
        if not (call.read_end and call.wrote_end):
            self._reset_stream(call_id, code)
        self._forget(call_id)

    def _reset_stream(self, call_id: int, code: int) -> None:
        try:
            self._h2.reset_stream(call_id, code)
        except h2.exceptions.NoSuchStreamError:
            return

    def _forget(self, call_id: int) -> None:
        for table in (self._calls, self._due, self._blocked):
            table.pop(call_id, None)

    # Credit

    def _return_credit(self, call_id: int, call: _Call) -> None:
        credit = call.held - call.unread
        if credit < WINDOW // 2 or call.remote in (State.DONE, State.CLOSED):
            return
        try:
            self._h2.increment_flow_control_window(credit, call_id)
        except h2.exceptions.NoSuchStreamError:
            return
        call.held -= credit

    def _top_up(self) -> None:
        if self._connection_credit >= _CONNECTION_TOP_UP:
            self._h2.increment_flow_control_window(self._connection_credit)
            self._connection_credit = 0

    def _unblock(self, stream_id: int) -> None:
        if not stream_id:
            self._due |= self._blocked
            self._blocked = {}
        elif (call := self._blocked.pop(stream_id, None)) is not None:
            self._due[stream_id] = call

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
        call = _Call(self._role, self._max_message)
        call.send(Open)
        if event.call_id in self._calls or not self.accepts_calls:
            raise LocalProtocolError(f"stream {event.call_id} is in use, or the connection takes no more calls")
        fields = metadata.open_fields(event, package=self._package, authority=self._authority, scheme=self._scheme)
        self._send_headers(event.call_id, fields)
        self._next_id = max(self._next_id, event.call_id + 2)
        self._calls[event.call_id] = call

    def _send(self, event: Headers | Message | End | Reset, call: _Call, *, headers_sent: bool) -> None:
        call_id = event.call_id
        match event:
            case Message():
                if len(event.payload) > self._max_message:
                    size = len(event.payload)
                    raise LocalProtocolError(f"a message of {size} bytes exceeds the limit of {self._max_message}")
                call.queue += encode_prefix(len(event.payload))
                call.queue += event.payload
                self._due[call_id] = call
            case Headers():
                self._send_headers(call_id, _response_fields(call) + metadata.fields(event.headers))
            case End() if self._role is Role.CLIENT:
                self._due[call_id] = call
            case End():
                fields = metadata.end_fields(event)
                call.trailers = fields if headers_sent else _response_fields(call) + fields
                self._due[call_id] = call
            case Reset():
                self._finish(call_id, call, status.reset_code(event.failure.code))
            case _:
                assert_never(event)

    def _send_headers(self, call_id: int, fields: Fields) -> None:
        try:
            self._h2.send_headers(call_id, fields)
        except h2.exceptions.ProtocolError as error:
            raise LocalProtocolError(f"HTTP/2 does not allow it: {error}") from error

    def _flush(self, call_id: int, call: _Call) -> None:
        """Write what the windows take of a call, and its end once nothing is left."""
        half_close = self._role is Role.CLIENT and call.local is State.DONE
        while call.queue:
            window = min(self._h2.local_flow_control_window(call_id), self._h2.max_outbound_frame_size)
            if window <= 0:
                self._blocked[call_id] = call
                return
            data = bytes(call.queue[:window])
            del call.queue[:window]
            last = half_close and not call.queue
            self._h2.send_data(call_id, data, end_stream=last)
            call.wrote_end = last
        if half_close and not call.wrote_end:
            self._h2.end_stream(call_id)
            call.wrote_end = True
        elif call.trailers is not None:
            self._write_trailers(call_id, call, call.trailers)


def _response_fields(call: _Call) -> Fields:
    return [(b":status", b"200"), (b"content-type", call.content_type.encode())]


def _h2_connection(role: Role, max_streams: int) -> h2.connection.H2Connection:
    client = role is Role.CLIENT
    codes = h2.settings.SettingCodes
    initial = {codes.INITIAL_WINDOW_SIZE: WINDOW, codes.MAX_HEADER_LIST_SIZE: _MAX_HEADER_LIST}
    initial |= {codes.ENABLE_PUSH: 0} if client else {codes.MAX_CONCURRENT_STREAMS: max_streams}
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=client, header_encoding=None))
    connection.local_settings = h2.settings.Settings(client=client, initial_values=initial)
    connection.decoder.max_header_list_size = _MAX_HEADER_LIST
    connection.initiate_connection()
    connection.increment_flow_control_window(_CONNECTION_WINDOW - WINDOW)
    return connection
