"""Tools reach the open internet and what an operator allows, and nothing inside."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from promptwire.prompt.tools.arguments import ToolFault
from promptwire.prompt.tools.reach import SETTING, Outbound, Reach, reason, split

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "ff02::1",
    "no address",
]


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_inside_is_refused(address: str) -> None:
    assert not Reach().permits(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_what_is_outside_is_open(address: str) -> None:
    assert Reach().permits(address)


def test_an_operator_allows_addresses_networks_and_names() -> None:
    reach = Reach("10.0.0.0/8 ::1 [fd00::1] tools.internal api.internal:8443")
    assert [reach.permits(one) for one in ("10.9.9.9", "::1", "fd00::1", "127.0.0.1")] == [True, True, True, False]
    assert reach.names("tools.internal", 80)
    assert reach.names("api.internal", 8443)
    assert not reach.names("api.internal", 443)


async def test_an_address_is_judged_after_its_name_was_resolved() -> None:
    outbound = Outbound(Reach())
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        for url in (f"http://localhost:{port}/", f"http://127.0.0.1:{port}/", f"http://[::ffff:127.0.0.1]:{port}/"):
            with pytest.raises(aiohttp.ClientConnectorError) as caught:
                await outbound.session(url).get(url)
            assert SETTING in reason(caught.value)
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody even knocked
            listening.accept()
    await outbound.close()


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "//host/", "http://", "http://h:0/", "http://h:x/", "gopher://h"]
)
def test_only_http_is_an_address(url: str) -> None:
    with pytest.raises(ToolFault, match="begins with http"):
        split(url)


def test_a_reason_is_in_words() -> None:
    assert reason(TimeoutError()) == "no answer in time"
    assert reason(aiohttp.InvalidURL("x")) == "the address is not one of HTTP"
    assert reason(ValueError("secret")) == "the request cannot be made of these headers"
    assert reason(aiohttp.ServerDisconnectedError()) == "the connection broke (ServerDisconnectedError)"
