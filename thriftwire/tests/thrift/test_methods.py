from __future__ import annotations

import pytest

import thriftwire
from contract import everything, shared
from thriftwire.errors import DecodeError, EncodeError
from thriftwire.service import Mode
from thriftwire.thrift.methods import LazyCodec, method

METHODS = everything.EVERYTHING.methods
POINT = everything.Point(x=1)
POINT_HEX = "08000100000001" + "0b000300000000" + "00"


def test_a_service_is_described_with_what_it_extends() -> None:
    service = everything.EVERYTHING
    assert (service.name, service.package, service.protocol) == ("Everything", "demo.everything", everything.Everything)
    assert list(METHODS)[:2] == ["Ping", "Whole"]
    assert METHODS["Ping"].doc == "Is anybody there?"
    assert METHODS["Watch"].doc == "Many answers."
    assert METHODS["Watch"].annotations["api.get"] == "/watch"
    assert METHODS["Whole"].throws == (shared.Broken, everything.Denied)
    assert METHODS["List"].attribute == "list_"
    assert METHODS["Class"].attribute == "class_"
    assert METHODS["Fire"].oneway
    modes = {name: METHODS[name].mode for name in ("Whole", "Alone", "Watch", "Gather", "Talk")}
    assert list(modes.values()) == [Mode.PING_PONG, Mode.UNARY, Mode.SERVER, Mode.CLIENT, Mode.BIDIRECTIONAL]
    assert METHODS["Add"].request_types[0][0] == "left"
    assert shared.HEALTH.doc == ""


def test_a_stream_carries_bare_structs() -> None:
    # kitex-wire 2.1: DATA holds the struct itself, with neither an envelope nor an args struct around it.
    gather = METHODS["Gather"]
    assert gather.request.encode(POINT).hex() == POINT_HEX
    assert gather.request.decode(bytes.fromhex(POINT_HEX)) == POINT
    with pytest.raises(EncodeError, match="Point: expected Point, not Empty"):
        gather.request.encode(everything.Empty())


def test_a_stream_carries_unions_too() -> None:
    watch, talk = METHODS["Watch"], METHODS["Talk"]
    assert watch.response.encode(POINT).hex() == f"0c0003{POINT_HEX}00"
    assert watch.response.decode(watch.response.encode(POINT)) == POINT
    choice = everything.Choice(text="a")
    assert talk.response.decode(talk.response.encode(choice)) == choice


def test_arguments_are_a_struct() -> None:
    # kitex-wire 1.9: each parameter at its field id, `0c 0001 <Request...00> 00`.
    fire = METHODS["Fire"]
    assert fire.request.encode((POINT,)).hex() == f"0c0001{POINT_HEX}00"
    assert fire.request.decode(bytes.fromhex(f"0c0001{POINT_HEX}00")) == (POINT,)
    add = METHODS["Add"].request
    assert add.encode((1, 2)).hex() == "0800010000000108000200000002" + "00"
    assert add.decode(b"\0") == (0, 5)
    assert METHODS["Class"].request.encode(("x",)).hex() == "0b0003000000017800"
    pick = METHODS["Pick"].request
    assert pick.decode(pick.encode((POINT, None))) == (POINT, None)


def test_a_result_is_a_struct_with_the_value_at_zero() -> None:
    # kitex-wire 1.9: `0c 0000 <Response...00> 00`; a void result is just `00`.
    alone = METHODS["Alone"].response
    assert alone.encode(everything.Empty()).hex() == "0c00000000"
    assert alone.decode(bytes.fromhex("0c00000000")) == everything.Empty()
    add = METHODS["Add"].response
    assert add.encode(3).hex() == "0800000000000300"
    assert add.decode(add.encode(0)) == 0
    nothing = METHODS["Nothing"].response
    assert nothing.encode(None) == b"\0"
    assert nothing.decode(b"\0") is None
    assert METHODS["Ping"].response.decode(METHODS["Ping"].response.encode(False)) is False


def test_a_declared_exception_is_a_result_at_its_number() -> None:
    # kitex-wire 1.9: `0c 0001 <EchoErr...00> 00`, message type REPLY.
    whole = METHODS["Whole"].response
    error = everything.Denied(reason="no")
    encoded = whole.encode(error)
    assert encoded.hex() == "0c0002" + "0b0001000000026e6f" + "00" + "00"
    assert whole.decode(encoded) == error
    with pytest.raises(EncodeError, match="Whole: does not throw ValueError"):
        whole.encode(ValueError())
    with pytest.raises(EncodeError, match=r"Whole\.broken\.code: expected i32, not str 'x'"):
        whole.encode(shared.Broken(code="x"))  # pyright: ignore[reportArgumentType]


def test_a_missing_result_is_said() -> None:
    with pytest.raises(DecodeError, match=r"Add\.success: missing"):
        METHODS["Add"].response.decode(b"\0")
    with pytest.raises(EncodeError, match=r"Add\.success: expected a value, not NoneType"):
        METHODS["Add"].response.encode(None)
    with pytest.raises(EncodeError, match=r"Nothing\.success: expected None, not int"):
        METHODS["Nothing"].response.encode(1)
    with pytest.raises(EncodeError, match=r"Whole\.success: expected Scalars, not str 'x'"):
        METHODS["Whole"].response.encode("x")


def test_a_codec_is_made_when_it_is_first_used() -> None:
    made: list[int] = []

    def make() -> tuple[object, object]:
        made.append(1)
        return bytes, str

    codec = LazyCodec(make)  # pyright: ignore[reportArgumentType]
    assert made == []
    assert codec.encode is bytes
    assert codec.decode is str
    assert made == [1]
    with pytest.raises(AttributeError):
        _ = codec.other


def test_what_a_stream_carries_must_be_a_struct() -> None:
    broken = method("Broken", mode=Mode.SERVER, arguments={1: ("a", str)}, returns=everything.Point)
    with pytest.raises(TypeError, match="a stream carries structs, not string"):
        broken.request.encode("x")


class Handler:
    """Everything that the contract asks; pyright checks it below."""

    async def ping(self) -> bool:
        return True


async def test_a_generated_service_is_served_and_called() -> None:
    health: shared.Health = Handler()
    async with thriftwire.local.connect(shared.HEALTH, health) as client:
        assert await client.ping() is True
