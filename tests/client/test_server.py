"""Which server, as whom: said, or from the environment."""

import pytest

from promptwire.client.errors import Unreachable
from promptwire.client.server import DEFAULT_URL, Server, path

ENVIRONMENT = {"PROMPTWIRE_URL": "https://x.example/p/", "PROMPTWIRE_API_KEY": "k", "PROMPTWIRE_USER": "中"}


def test_what_is_said_wins_over_the_environment_and_that_over_the_default() -> None:
    assert Server.of(environment={}) == Server(url=DEFAULT_URL)
    found = Server.of(environment=ENVIRONMENT)
    assert found.parts == (True, "x.example", None, "/p")
    assert found.headers == {"authorization": "Bearer k", "x-promptwire-persist-user": "%E4%B8%AD"}
    assert Server.of("http://y", "l", "ann", environment=ENVIRONMENT) == Server(url="http://y", api_key="l", user="ann")


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://", "http://x:99999999"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(Unreachable, match="address"):
        _ = Server(url=url).parts


def test_a_path_is_encoded_and_what_is_none_is_left_out() -> None:
    assert path("prompts", "a/b", "fetch", label="x y", version=None) == "/api/prompts/a%2Fb/fetch?label=x+y"
