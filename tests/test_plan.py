"""The words of a command line make a whole plan, or are refused with what is wrong."""

import os
import socket
from contextlib import closing

import pytest

from promptwire.plan import ROLES, Plan, PlanError, address, bound, handed_down


def test_no_role_is_every_role() -> None:
    assert Plan.of([]) == Plan(roles=frozenset(ROLES), connect={})


def test_a_role_alone_says_where_it_listens_and_where_the_others_are() -> None:
    plan = Plan.of(["prompt"], listen="0.0.0.0:9001", connect=["llm=10.0.0.2:9000"])
    assert plan == Plan(roles=frozenset({"prompt"}), listen="0.0.0.0:9001", connect={"llm": "10.0.0.2:9000"})


@pytest.mark.parametrize(
    ("roles", "listen", "connect", "said"),
    [
        (["teapot"], None, [], "'teapot'"),
        (["gateway"], None, [], "llm, prompt"),
        (["gateway"], None, ["prompt=h:1"], "neither started here nor connected to: llm"),
        (["prompt"], "h:1", [], "llm"),
        (["llm"], None, [], "--listen"),
        (["llm"], "h", [], "HOST:PORT, not 'h'"),
        (["llm"], ":1", [], "HOST:PORT"),
        (["llm"], "h:65536", [], "HOST:PORT"),
        (["llm"], "h:1", ["prompt=h:2"], "nothing here connects to: prompt"),
        ([], None, ["llm=h:1"], "nothing here connects to: llm"),
        (["gateway"], "h:1", ["llm=h:1", "prompt=h:2"], "--port"),
        (["prompt"], "h:1", ["llm"], "ROLE=HOST:PORT, not 'llm'"),
        (["prompt"], "h:1", ["llm=h"], "HOST:PORT, not 'h'"),
    ],
)
def test_what_is_not_whole_is_refused(roles: list[str], listen: str | None, connect: list[str], said: str) -> None:
    with pytest.raises(PlanError) as caught:
        Plan.of(roles, listen=listen, connect=connect)
    assert said in str(caught.value)


def test_an_address_may_be_of_either_family() -> None:
    assert address("127.0.0.1:80") == ("127.0.0.1", 80)
    assert address("[::1]:80") == ("::1", 80)


def test_a_socket_is_handed_down_by_number() -> None:
    with closing(bound("127.0.0.1", 0)) as sock, closing(handed_down(f"fd:{os.dup(sock.fileno())}")) as same:
        assert same.getsockname() == sock.getsockname()
        with socket.create_connection(sock.getsockname()):
            same.accept()[0].close()


@pytest.mark.parametrize("text", ["fd:", "fd:x", "fd:99999"])
def test_a_number_that_is_no_socket_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match=text):
        handed_down(text)
