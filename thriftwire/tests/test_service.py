from __future__ import annotations

import pytest

import thriftwire
from contract.echo import ECHO_SERVICE, EchoService
from thriftwire import Mode, Service


@pytest.mark.parametrize(
    ("mode", "client", "server", "streams"),
    [
        (Mode.PING_PONG, False, False, False),
        (Mode.UNARY, False, False, False),
        (Mode.CLIENT, True, False, True),
        (Mode.SERVER, False, True, True),
        (Mode.BIDIRECTIONAL, True, True, True),
    ],
)
def test_a_mode_says_who_streams(mode: Mode, client: bool, server: bool, streams: bool) -> None:
    assert (mode.client_streams, mode.server_streams, mode.streaming) == (client, server, streams)


def test_a_mode_is_the_value_of_its_annotation() -> None:
    assert Mode("server") is Mode.SERVER
    assert ECHO_SERVICE.methods["Repeat"].annotations["streaming.mode"] == Mode.SERVER.value


def test_a_service_is_the_key_to_its_handler_and_equal_to_no_other() -> None:
    def same() -> Service[EchoService]:
        return Service(name="S", package="", methods={}, protocol=EchoService)

    service = same()
    assert {service: 1}[service] == 1
    assert service != same()


def test_methods_are_found_by_their_names_in_the_idl() -> None:
    method = ECHO_SERVICE.methods["Add"]
    assert (method.name, method.attribute, method.mode) == ("Add", "add", Mode.PING_PONG)
    assert [name for name, _ in method.request_types] == ["a", "b"]
    assert ECHO_SERVICE.methods["Fire"].oneway


def test_the_library_offers_what_it_lists_in_order() -> None:
    assert thriftwire.__all__ == sorted(thriftwire.__all__)
    for name in thriftwire.__all__:
        assert hasattr(thriftwire, name)
