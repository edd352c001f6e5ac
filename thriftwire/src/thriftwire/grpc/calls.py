"""The live calls of a gRPC connection: what has come of each, what has yet to leave, and how each ends."""

from __future__ import annotations

from thriftwire.errors import LocalProtocolError
from thriftwire.events import End, Failure, Reset
from thriftwire.grpc import metadata
from thriftwire.grpc.http2 import Http2
from thriftwire.grpc.messages import PREFIX_SIZE, MessageBuffer, encode_prefix
from thriftwire.grpc.metadata import Fields
from thriftwire.grpc.status import ResetCode, Status
from thriftwire.states import Role, Sides, State


class Call(Sides):
    """A live call; ``call_id`` is its stream's id."""

    __slots__ = (
        "_held",
        "_max_message",
        "_messages",
        "_queue",
        "_unread",
        "call_id",
        "content_type",
        "read_end",
        "trailers",
        "wrote_end",
    )

    def __init__(self, role: Role, call_id: int, max_message: int, content_type: str = metadata.CONTENT_TYPE) -> None:
        super().__init__(role)
        self.call_id, self.content_type = call_id, content_type
        self.trailers: Fields | None = None  # a server's, to be written after the queue
        self.read_end = False  # the peer's side of the stream has ended
        self.wrote_end = False  # ours has
        self._max_message = max_message
        self._messages = MessageBuffer(max_message)
        self._queue = bytearray()  # to be written as windows allow
        self._held = 0  # bytes received whose credit is not returned
        self._unread = 0  # of these, bytes of messages the application has not consumed

    @property
    def inside_message(self) -> bool:
        """What has arrived ends inside a message."""
        return bool(self._messages.pending)

    def feed(self, data: bytes, size: int) -> list[bytes]:
        """The payloads that ``data`` completes; it took ``size`` bytes of the window. Raises MessageRefused."""
        self._held += size
        payloads = list(self._messages.feed(data))
        self._unread += sum(map(len, payloads)) + PREFIX_SIZE * len(payloads)
        return payloads

    def consumed(self, size: int) -> None:
        """The application took a message of ``size`` bytes."""
        self._unread = max(0, self._unread - size - PREFIX_SIZE)

    def return_credit(self, http: Http2) -> None:
        """Let the peer send more, in pieces of half a window.

        Only whole messages wait for the application: a part is credited as it comes, for else a message larger than
        the window would never arrive.
        """
        credit = self._held - self._unread
        if credit >= http.stream_window // 2 and self.remote not in (State.DONE, State.CLOSED):
            http.credit(self.call_id, credit)
            self._held -= credit

    def room(self, http: Http2) -> int:
        """What the windows take now, less what already waits for them."""
        return max(0, http.window(self.call_id) - len(self._queue))

    def put(self, payload: bytes) -> None:
        """Queue a message. Raises LocalProtocolError when it is too large."""
        if len(payload) > self._max_message:
            raise LocalProtocolError(f"a message of {len(payload)} bytes exceeds the limit of {self._max_message}")
        self._queue += encode_prefix(len(payload))
        self._queue += payload

    def flush(self, http: Http2) -> bool:
        """Write what the windows take, and our end behind it; False when a window stopped it."""
        half_close = self.role is Role.CLIENT and self.local is State.DONE
        carried_end = half_close and bool(self._queue)
        if not http.data(self.call_id, self._queue, end=half_close):
            return False
        if self.trailers is not None:
            http.headers(self.call_id, self.trailers, end=True)
            self.wrote_end = True
        elif half_close and not self.wrote_end:
            if not carried_end:
                http.end(self.call_id)
            self.wrote_end = True
        return True

    def finish(self, http: Http2, code: ResetCode) -> None:
        """The call is over: reset its stream unless both sides have ended it."""
        if not (self.read_end and self.wrote_end):
            http.reset(self.call_id, code)

    def with_response(self, fields: Fields) -> Fields:
        """``fields`` behind those every response begins with."""
        return [(b":status", b"200"), (b"content-type", self.content_type.encode()), *fields]


class Calls:
    """The calls that are not over, and of these the ones with something to write."""

    def __init__(self, http: Http2) -> None:
        self._http = http
        self._live: dict[int, Call] = {}
        self._due: dict[int, Call] = {}  # with something to write; ordered, so that none starves
        self._blocked: dict[int, Call] = {}  # waiting for a window

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, call_id: int) -> bool:
        return call_id in self._live

    def get(self, call_id: int) -> Call | None:
        """A live call."""
        return self._live.get(call_id)

    def ids(self) -> tuple[int, ...]:
        """The ids of the live calls."""
        return tuple(self._live)

    def add(self, call: Call) -> None:
        """A call begins."""
        self._live[call.call_id] = call

    def forget(self, call_id: int) -> None:
        """A call is over."""
        for table in (self._live, self._due, self._blocked):
            table.pop(call_id, None)

    def clear(self) -> None:
        """All are."""
        for table in (self._live, self._due, self._blocked):
            table.clear()

    # Writing

    def due(self, call: Call) -> None:
        """A call has something to write."""
        self._due[call.call_id] = call

    def unblock(self, call_id: int) -> None:
        """A call's window has opened, or (0) every call's."""
        if not call_id:
            self._due |= self._blocked
            self._blocked = {}
        elif (call := self._blocked.pop(call_id, None)) is not None:
            self._due[call_id] = call

    def flush(self) -> None:
        """Write what the windows take."""
        due, self._due = self._due, {}
        for call_id, call in due.items():
            if not call.flush(self._http):
                self._blocked[call_id] = call
            elif call.trailers is not None:
                self.finish(call, ResetCode.NO_ERROR)

    # Ending

    def finish(self, call: Call, code: ResetCode) -> None:
        """A call is over; its stream is reset with ``code`` unless both sides have ended it."""
        call.finish(self._http, code)
        self.forget(call.call_id)

    def answer(self, call: Call, fields: Fields) -> None:
        """A server's answer at once, instead of all others."""
        try:
            self._http.headers(call.call_id, fields, end=True)
        except LocalProtocolError:
            return  # the client has reset the stream in the same breath, as we are about to hear
        call.wrote_end = True
        self.finish(call, ResetCode.NO_ERROR)

    def refuse(self, call: Call, code: Status, failure: Failure) -> None:
        """A server's answer to what it cannot serve."""
        fields = metadata.refusal_fields(code, failure)
        self.answer(call, call.with_response(fields) if call.local is State.OPENED else fields)

    def break_off(self, call: Call, code: Status, failure: Failure) -> End | Reset:
        """What came cannot be taken: the call is over, the connection is not. Returns how this side sees it."""
        if call.role is Role.SERVER:
            self.refuse(call, code, failure)
            return Reset(call_id=call.call_id, failure=failure)
        call.receive(End)
        self.finish(call, ResetCode.CANCEL)
        return End(call_id=call.call_id, failure=failure)
