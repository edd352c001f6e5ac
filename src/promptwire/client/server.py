"""The place for which server is asked, as whom: an address, an API key and a person, said or from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from promptwire.client.errors import Unreachable

DEFAULT_URL: Final = "http://127.0.0.1:8000"
URL: Final = "PROMPTWIRE_URL"
API_KEY: Final = "PROMPTWIRE_API_KEY"
USER: Final = "PROMPTWIRE_USER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server and who asks it."""

    url: str
    api_key: str | None = None
    user: str | None = None

    @classmethod
    def of(
        cls,
        url: str | None = None,
        api_key: str | None = None,
        user: str | None = None,
        *,
        environment: Mapping[str, str] = os.environ,
    ) -> Server:
        """What is said wins over ``PROMPTWIRE_URL``, ``PROMPTWIRE_API_KEY`` and ``PROMPTWIRE_USER``."""
        return cls(
            url=(url or environment.get(URL) or DEFAULT_URL).rstrip("/"),
            api_key=api_key or environment.get(API_KEY) or None,
            user=user or environment.get(USER) or None,
        )

    @property
    def parts(self) -> tuple[bool, str, int | None, str]:
        """Whether it is TLS, the host, the port, and what stands before every path. Raises Unreachable."""
        address = urlsplit(self.url)
        try:
            port = address.port
        except ValueError:
            port = -1
        if address.scheme not in ("http", "https") or not address.hostname or port == -1:
            raise Unreachable(f"a server's address is like {DEFAULT_URL}, not {self.url!r}")
        return address.scheme == "https", address.hostname, port, address.path.rstrip("/")

    @property
    def headers(self) -> dict[str, str]:
        """What every request says of who asks."""
        said = {"authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        if self.user:
            said["x-promptwire-persist-user"] = quote(self.user, safe="")
        return said


def path(*segments: str, **query: str | None) -> str:
    """A path of the API: ``path("prompts", key, "fetch", label="production")``."""
    asked = {name: value for name, value in query.items() if value is not None}
    written = "/api/" + "/".join(quote(segment, safe="") for segment in segments)
    return f"{written}?{urlencode(asked)}" if asked else written
