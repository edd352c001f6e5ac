"""HTTP/2 as calls need it: h2 keeps it legal, GOAWAY is kept from h2, and credit is returned in large pieces.

Each stream has HTTP/2's own window; the connection's is raised out of the way, for streams are bounded one by one and
must not hold each other up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

try:
    import h2.config
    import h2.connection
    import h2.events
    import h2.exceptions
    import h2.settings
except ImportError as missing:
    raise ImportError("Thrift over gRPC needs h2: pip install 'thriftwire[grpc]'") from missing

from thriftwire.errors import LocalProtocolError, RemoteProtocolError
from thriftwire.grpc.goaway import PREFACE_SIZE, Goaway, GoawayFilter, encode_goaway
from thriftwire.grpc.metadata import Fields
from thriftwire.states import Role

# What h2 says, for those who must not import it before this module has said what is missing.
StreamEvent = h2.events.Event
RequestReceived = h2.events.RequestReceived
ResponseReceived = h2.events.ResponseReceived
TrailersReceived = h2.events.TrailersReceived
DataReceived = h2.events.DataReceived
StreamEnded = h2.events.StreamEnded
StreamReset = h2.events.StreamReset
WindowUpdated = h2.events.WindowUpdated
SettingsChanged = h2.events.RemoteSettingsChanged
PingAnswered = h2.events.PingAckReceived

WINDOW: Final = 65_535  # per stream, HTTP/2's default and Kitex's; the connection's is this until it is raised
_CONNECTION_WINDOW: Final = 2**30
_CONNECTION_TOP_UP: Final = 2**20
_UNTOLD_MAX_STREAMS: Final = 100  # what a client assumes until the server says
_MAX_HEADER_LIST: Final = 2**20


class Http2:
    """One HTTP/2 connection as a value; ``max_streams`` is how many a server lets the client open at once.

    ``window`` is what the peer may send on a stream before credit is returned.
    """

    def __init__(self, role: Role, max_streams: int, window: int = WINDOW) -> None:
        self.stream_window = window
        self.allowed_streams = _UNTOLD_MAX_STREAMS  # by the peer
        self._h2 = _connection(role, max_streams, window)
        self._filter = GoawayFilter(skip=PREFACE_SIZE if role is Role.SERVER else 0)
        self._out: list[bytes] = []
        self._credit = 0  # of the connection's window, not yet returned

    @property
    def inside_frame(self) -> bool:
        """What has arrived ends inside a frame."""
        return self._filter.inside_frame

    def receive(self, data: bytes) -> Iterator[StreamEvent | Goaway]:
        """What the peer did, to be consumed whole. Raises RemoteProtocolError."""
        try:
            for piece in self._filter.feed(data):
                if isinstance(piece, Goaway):
                    yield piece
                else:
                    yield from map(self._noted, self._h2.receive_data(piece))
        except h2.exceptions.H2Error as error:
            raise RemoteProtocolError(f"{type(error).__name__}: {error}") from error
        if self._credit >= _CONNECTION_TOP_UP:
            self._h2.increment_flow_control_window(self._credit)
            self._credit = 0

    def _noted(self, event: StreamEvent) -> StreamEvent:
        if isinstance(event, DataReceived):
            self._credit += event.flow_controlled_length
        elif isinstance(event, SettingsChanged):
            self.allowed_streams = self._h2.remote_settings.max_concurrent_streams
        return event

    def outgoing(self) -> bytes:
        """The bytes to write now."""
        self._out.append(self._h2.data_to_send())
        data = b"".join(self._out)
        self._out.clear()
        return data

    def goaway(self, goaway: Goaway) -> None:
        """Announce the end, behind what is to be written already."""
        self._out += (self._h2.data_to_send(), encode_goaway(goaway))

    def ping(self, data: bytes) -> None:
        """Ask for an answer."""
        self._h2.ping(data)

    def headers(self, stream_id: int, fields: Fields, *, end: bool = False) -> None:
        """Write headers or trailers. Raises LocalProtocolError when HTTP/2 does not allow them here."""
        try:
            self._h2.send_headers(stream_id, fields, end_stream=end)
        except h2.exceptions.ProtocolError as error:
            raise LocalProtocolError(f"HTTP/2 does not allow it: {error}") from error

    def window(self, stream_id: int) -> int:
        """Bytes the peer takes now."""
        return self._h2.local_flow_control_window(stream_id)

    def data(self, stream_id: int, queue: bytearray, *, end: bool) -> bool:
        """Write what the windows take from the front of ``queue``, ending the stream with its last byte; True if so."""
        while queue:
            size = min(self.window(stream_id), self._h2.max_outbound_frame_size)
            if size <= 0:
                return False
            data = bytes(queue[:size])
            del queue[:size]
            self._h2.send_data(stream_id, data, end_stream=end and not queue)
        return True

    def end(self, stream_id: int) -> None:
        """End our side of a stream."""
        self._h2.end_stream(stream_id)

    def reset(self, stream_id: int, code: int) -> None:
        """Reset a stream, if it is still there."""
        try:
            self._h2.reset_stream(stream_id, code)
        except h2.exceptions.NoSuchStreamError:
            return

    def credit(self, stream_id: int, size: int) -> None:
        """Let the peer send so much more on a stream, if it is still there."""
        try:
            self._h2.increment_flow_control_window(size, stream_id)
        except (h2.exceptions.NoSuchStreamError, KeyError):  # h2 forgets closed streams when it counts the open ones
            return


def _connection(role: Role, max_streams: int, window: int) -> h2.connection.H2Connection:
    client = role is Role.CLIENT
    codes = h2.settings.SettingCodes
    initial = {codes.INITIAL_WINDOW_SIZE: window, codes.MAX_HEADER_LIST_SIZE: _MAX_HEADER_LIST}
    initial |= {codes.ENABLE_PUSH: 0} if client else {codes.MAX_CONCURRENT_STREAMS: max_streams}
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=client, header_encoding=None))
    connection.local_settings = h2.settings.Settings(client=client, initial_values=initial)
    connection.decoder.max_header_list_size = _MAX_HEADER_LIST
    connection.initiate_connection()
    connection.increment_flow_control_window(_CONNECTION_WINDOW - WINDOW)
    return connection
