"""Going away without cutting calls, in Kitex's way (kitex-wire 3.7).

A server says GOAWAY for no stream and asks with a PING; once that is answered the client knows, and a second GOAWAY
names the last stream served. A client that hears either opens nothing more.
"""

from __future__ import annotations

from typing import Final

from thriftwire.grpc.goaway import ALL_STREAMS, Goaway
from thriftwire.grpc.http2 import Http2
from thriftwire.grpc.status import ResetCode
from thriftwire.states import Role

_PING: Final = bytes.fromhex("0106010800030309")  # Kitex's


class Draining:
    """How far a connection has got on its way out; ``last_stream`` is the newest a server has accepted."""

    def __init__(self, role: Role, http: Http2) -> None:
        self.begun = False
        self.last_stream = 0
        self._role, self._http = role, http
        self._refuse_after: int | None = None  # said (server) or heard (client)

    @property
    def takes_no_more(self) -> bool:
        """No call will follow the live ones."""
        return self._refuse_after is not None or (self.begun and self._role is Role.CLIENT)

    def begin(self) -> None:
        """Announce the end; a client just opens nothing more."""
        if not self.begun and self._role is Role.SERVER:
            self._http.goaway(Goaway(ALL_STREAMS, ResetCode.NO_ERROR, b"graceful shutdown"))
            self._http.ping(_PING)
        self.begun = True

    def answered(self, data: bytes) -> None:
        """A ping came back: ours means that the client knows."""
        if self.begun and self._role is Role.SERVER and data == _PING and self._refuse_after is None:
            self._refuse_after = self.last_stream
            self._http.goaway(Goaway(self.last_stream, ResetCode.NO_ERROR))

    def hear(self, goaway: Goaway) -> None:
        """The server is going away. A client's word changes nothing: it would refuse pushes, and none are made."""
        if self._role is Role.CLIENT:
            self.begun, self._refuse_after = True, goaway.last_stream_id

    def refuses(self, stream_id: int) -> bool:
        """The stream came, or went, after the end."""
        return self._refuse_after is not None and stream_id > self._refuse_after
