"""The codec against bytes recorded from Kitex: what it sent is read, and what we write is the same byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thriftwire.thrift.jsonvalues import exception_from, response_from, to_value
from thriftwire.thrift.runtime import load
from thriftwire.thrift.types import DeclaredException

METHODS = load(Path(__file__).parents[1] / "interop/kitex/echo.thrift").services["EchoSvc"].methods


def body(payload: bytes, method: str) -> bytes:
    """The struct behind a message's envelope: name and sequence id come before it."""
    return payload[payload.index(method.encode()) + len(method) + 4 :]


@pytest.mark.parametrize(("vector_name", "method"), [("U1", "Ping"), ("U4", "Ping"), ("U10", "Fire")])
def test_arguments(vectors: Callable[[str], list[Any]], vector_name: str, method: str) -> None:
    (vector,) = vectors(vector_name)
    data = body(vector.frame.payload, method)
    (request,) = METHODS[method].request.decode(data)
    assert to_value(request) == {"message": "hi"}
    assert METHODS[method].request.encode((request,)) == data


def test_a_result(vectors: Callable[[str], list[Any]]) -> None:
    (vector,) = vectors("U2")
    data = body(vector.frame.payload, "Ping")
    assert to_value(METHODS["Ping"].response.decode(data)) == {"message": "hi"}
    assert METHODS["Ping"].response.encode(response_from(METHODS["Ping"], {"message": "hi"})) == data


def test_a_declared_exception(vectors: Callable[[str], list[Any]]) -> None:
    (vector,) = vectors("U7")
    data = body(vector.frame.payload, "Ping")
    error = METHODS["Ping"].response.decode(data)
    assert isinstance(error, DeclaredException)
    assert to_value(error) == {"reason": "declared"}
    assert METHODS["Ping"].response.encode(exception_from(type(error), {"reason": "declared"})) == data


def test_messages_of_streams(vectors: Callable[[str], list[Any]]) -> None:
    (single,) = vectors("S2")
    assert to_value(METHODS["EchoBidi"].request.decode(single.frame.payload)) == {"message": "a"}
    data = [vector for vector in vectors("S11") if vector.frame.header.ints.get(27) == "3"]
    server = METHODS["EchoServer"]
    assert [vector.sender for vector in data] == ["client", "server", "server"]
    for vector, text in zip(data, ("q", "q-0", "q-1"), strict=True):
        codec = server.request if vector.sender == "client" else server.response
        message = codec.decode(vector.frame.payload)
        assert to_value(message) == {"message": text}
        assert codec.encode(message) == vector.frame.payload
