from __future__ import annotations

import contextlib
import random
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import strategies
from contract import everything, shared
from thriftwire.errors import DecodeError, EncodeError
from thriftwire.thrift import binary, careful
from thriftwire.thrift.compile import Compiler
from thriftwire.thrift.table import Kind, Table, shape_of, table_of

CLASSES: list[type[Any]] = [
    everything.Scalars,
    everything.Zeros,
    everything.Optionals,
    everything.Defaults,
    everything.Containers,
    everything.Node,
    everything.Choice,
    everything.Awkward,
    everything.Base,
    everything.Empty,
    everything.Denied,
    everything.Answer,
    shared.Broken,
]
TABLES = [*(table_of(cls) for cls in CLASSES), shape_of(everything.Shape)]
every_table = pytest.mark.parametrize("table", TABLES, ids=str)
thorough = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
_compiler = Compiler()


def scalars(**changes: Any) -> everything.Scalars:
    fields: dict[str, Any] = {
        "yes": True,
        "tiny": -1,
        "small": 2,
        "medium": 3,
        "large": 4,
        "real": 1.5,
        "text": "é",
        "raw": b"\xff",
        "color": shared.Color.GREEN,
        "size": "small",
        "json": msgspec.Raw(b'{"a":1}'),
        "id": 9,
    }
    return everything.Scalars(**{**fields, **changes})


@every_table
@thorough
@given(data=st.data())
def test_what_is_encoded_decodes_to_itself(table: Table, data: st.DataObject) -> None:
    value = data.draw(strategies.values(table))
    encoded = binary.encoder(table)(value)
    assert binary.decoder(table)(encoded) == value
    assert careful.decode(table, encoded) == value


@every_table
@settings(thorough, max_examples=15)
@given(data=st.data())
def test_every_cut_is_noticed(table: Table, data: st.DataObject) -> None:
    encoded = binary.encoder(table)(data.draw(strategies.values(table)))
    decode = binary.decoder(table)
    for size in range(len(encoded)):
        with pytest.raises(DecodeError, match=table.name):
            decode(encoded[:size])
    with pytest.raises(DecodeError, match="1 bytes follow the value"):
        decode(encoded + b"\0")


@every_table
@settings(thorough, max_examples=60)
@given(data=st.data())
def test_mangled_bytes_raise_nothing_else_and_both_codecs_agree_on_them(table: Table, data: st.DataObject) -> None:
    encoded = bytearray(binary.encoder(table)(data.draw(strategies.values(table))))
    for position in data.draw(st.lists(st.integers(0, len(encoded) - 1), min_size=1, max_size=4)):
        encoded[position] = data.draw(st.integers(0, 255))
    assert_agreement(table, bytes(encoded))


def assert_agreement(table: Table, encoded: bytes) -> None:
    """The compiled code accepts exactly what the careful walk accepts, and reads the same."""
    try:
        expected: Any = careful.decode(table, encoded)
    except DecodeError:
        expected = DecodeError
    try:
        value, position = _compiler.reader(table)(encoded, 0, len(encoded), 0)
        compiled: Any = value if position == len(encoded) else DecodeError
    except Exception:  # noqa: BLE001 - what it raises means only "no"
        compiled = DecodeError
    if compiled is DecodeError or expected is DecodeError:
        assert compiled is expected
    else:  # compared as bytes, since NaN equals nothing
        assert binary.encoder(table)(compiled) == binary.encoder(table)(expected)


def test_seeded_mutations_of_everything_hold_memory_and_raise_only_decode_errors() -> None:
    chooser = random.Random(20261124)
    table = table_of(everything.Containers)
    encoded = binary.encode(
        everything.Containers(
            flags=[True], texts=["a", "b"], matrix=[[1], []], names={1: "x"}, choices=[everything.Choice(many=[])]
        )
    )
    decode = binary.decoder(table)
    tracemalloc.start()
    try:
        for _ in range(1000):
            mutant = bytearray(encoded)
            for _ in range(chooser.randint(1, 6)):
                mutant[chooser.randrange(len(mutant))] = chooser.choice(
                    [0, 1, 0x7F, 0x80, 0xFF, chooser.randrange(256)]
                )
            with contextlib.suppress(DecodeError):
                decode(bytes(mutant))
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "announced",
    [
        "0b0001 7fffffff 61",  # a string of 2 GiB
        "0f0003 0b 7fffffff 00000000",  # a list
        "0e0005 0a 10000000 00",  # a set
        "0d0007 08 0b 7fffffff 00",  # a map
        "0f0063 0c 7fffffff 00",  # an unknown list of structs
        "0d0063 02 02 7fffffff 01",  # an unknown map
    ],
)
def test_an_announced_size_allocates_nothing(announced: str) -> None:
    tracemalloc.start()
    try:
        for cls in (everything.Containers, everything.Awkward):
            with pytest.raises(DecodeError):
                binary.decode(cls, bytes.fromhex(announced))
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("hex_bytes", "message"),
    [
        ("00", "Awkward.class: missing"),
        ("0b0001 ffffffff", "Awkward.class: negative size -1"),
        ("0b0001 00000002 61", "Awkward.class: size 2 is impossible: 1 bytes follow"),
        ("0b0001 00000001 ff 00", "Awkward.class: expected UTF-8: invalid start byte at byte 0"),
        ("0b00", "Awkward: truncated: expected 2 bytes, not 1"),
        ("", "Awkward: truncated: expected 1 bytes, not 0"),
        ("0f0004 0c 00000002 00 08000100", "Awkward.str[1].int: truncated: expected 4 bytes, not 1"),
        ("010063 00", "Awkward.99: 1 is no Thrift type"),
        ("0f0063 01 00000001 00", "Awkward.99: 1 is no Thrift type"),
        ("0b0063 00000009", "Awkward.99: truncated"),
        ("0f0063 0a 00000002 00", "Awkward.99: 2 elements in 1 bytes"),
    ],
)
def test_bad_bytes_are_refused_with_the_path(hex_bytes: str, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        binary.decode(everything.Awkward, bytes.fromhex(hex_bytes))
    assert str(caught.value) == message


def test_elements_and_keys_are_named_in_the_path() -> None:
    node = everything.Node(name="a", named={"b": everything.Node(name="c")})
    encoded = binary.encode(node).replace(b"c", b"\xff")
    with pytest.raises(DecodeError, match=r"Node\.named\['b'\]\.name: expected UTF-8"):
        binary.decode(everything.Node, encoded)


def test_fields_may_come_in_any_order_and_the_last_of_two_counts() -> None:
    data = bytes.fromhex("0b0003 00000001 61 080001 00000001 080001 00000002 00")
    assert binary.decode(everything.Point, data) == everything.Point(x=2, label="a")


def test_unknown_fields_of_every_type_are_skipped() -> None:
    unknown = (
        "020064 01 030065 01 040066 0000000000000000 060067 0001 080068 00000001 0a0069 0000000000000001 "
        "0b006a 00000001 61 0c006b 080001 00000001 00 0d006c 0b0c 00000001 00000001 61 00 "
        "0e006d 08 00000001 00000001 0f006e 0f 00000001 02 00000000"
    )
    data = bytes.fromhex(unknown + "080001 00000007 00")
    assert binary.decode(everything.Point, data) == everything.Point(x=7)


def test_a_field_or_elements_of_another_type_are_skipped() -> None:
    wrong = bytes.fromhex("0b0001 00000001 61 00")  # x as a string
    assert binary.decode(everything.Point, wrong) == everything.Point()
    elements = bytes.fromhex("0f0003 08 00000001 00000001 0d0007 0b0b 00000000 00")  # texts as list<i32>
    assert binary.decode(everything.Containers, elements) == everything.Containers()
    nested = bytes.fromhex("0f0004 0f 00000001 08 00000001 00000001 00")  # matrix as list<list<i32>>
    with pytest.raises(DecodeError, match=r"Containers.matrix\[0\]: expected elements of type 6, not 8"):
        binary.decode(everything.Containers, nested)


def test_an_empty_container_may_say_any_element_type() -> None:
    data = bytes.fromhex("0f0003 00 00000000 0d0007 0000 00000000 0f0004 0f 00000001 00 00000000 00")
    assert binary.decode(everything.Containers, data) == everything.Containers(matrix=[[]])


def test_of_a_byte_only_one_is_true() -> None:
    for byte, expected in ((0, False), (1, True), (2, False), (255, False)):
        data = bytes([2, 0, 1, byte, 0])
        assert binary.decode(everything.Zeros, data).yes is expected
        run = binary.encode(scalars()).replace(bytes.fromhex("02000101"), bytes([2, 0, 1, byte]))
        assert binary.decode(everything.Scalars, run).yes is expected


def deep_node(depth: int) -> everything.Node:
    node = everything.Node(name="leaf")
    for _ in range(depth):
        node = everything.Node(name="x", next=node)
    return node


def test_values_are_nested_at_most_64_deep() -> None:
    assert binary.decode(everything.Node, binary.encode(deep_node(63))) == deep_node(63)
    with pytest.raises(EncodeError, match=r"Node(\.next){65}: nested deeper than 64"):
        binary.encode(deep_node(65))
    deep = b"\x0b\0\1\0\0\0\0\x0c\0\2" * 70 + b"\0" * 70
    with pytest.raises(DecodeError, match=r"Node(\.next){65}: nested deeper than 64"):
        binary.decode(everything.Node, deep)
    unknown = b"\x0c\0\x63" * 100_000
    with pytest.raises(DecodeError, match="nested deeper than 64"):
        binary.decode(everything.Point, unknown)
    containers = b"\x0f\0\x63" + b"\x0f\0\0\0\1" * 100
    with pytest.raises(DecodeError, match="nested deeper than 64"):
        binary.decode(everything.Point, containers)


def test_a_value_that_contains_itself_is_refused() -> None:
    node = everything.Node(name="ring")
    node.next = node
    with pytest.raises(EncodeError, match="nested deeper than 64"):
        binary.encode(node)


def test_a_message_larger_than_the_limit_is_refused_unread() -> None:
    data = binary.encode(everything.Point(label="x" * 100))
    assert binary.decode(everything.Point, memoryview(data), max_size=len(data)).label == "x" * 100
    with pytest.raises(DecodeError, match=r"Point: a message of \d+ bytes exceeds the limit of 50"):
        binary.decode(everything.Point, bytearray(data), max_size=50)
    assert binary.MAX_MESSAGE_SIZE == 16 * 1024 * 1024


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"yes": 1}, "Scalars.yes: expected bool, not int 1"),
        ({"tiny": 128}, "Scalars.tiny: expected i8, not int 128"),
        ({"small": "2"}, "Scalars.small: expected i16, not str '2'"),
        ({"medium": 2**31}, "Scalars.medium: expected i32, not int 2147483648"),
        ({"large": 1.0}, "Scalars.large: expected i64, not float 1.0"),
        ({"real": None}, "Scalars.real: expected double, not None"),
        ({"text": b"x"}, "Scalars.text: expected string, not bytes b'x'"),
        ({"text": "\ud800"}, "Scalars.text: expected text that UTF-8 can write, not str '\\ud800'"),
        ({"raw": "x"}, "Scalars.raw: expected binary, not str 'x'"),
        ({"color": 2}, "Scalars.color: expected Color, not int 2"),
        ({"size": "huge"}, "Scalars.size: expected one of 'small', 'large', not str 'huge'"),
        ({"size": ["large"]}, "Scalars.size: expected one of 'small', 'large', not list ['large']"),
        ({"json": "{}"}, "Scalars.json: expected msgspec.Raw that holds JSON, not str '{}'"),
        ({"json": msgspec.Raw(b"{")}, "Scalars.json: expected msgspec.Raw that holds JSON, not b'{'"),
        (
            {"json": msgspec.Raw(b'"\xff"')},
            "Scalars.json: expected msgspec.Raw that holds JSON, not b'\"\\xff\"'",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_path(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EncodeError) as caught:
        binary.encode(scalars(**change))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"texts": "abc"}, r"Containers.texts: expected list<string>, not str 'abc'"),
        ({"texts": ["a", 2]}, r"Containers.texts\[1\]: expected string, not int 2"),
        ({"reals": [0.5, "x"]}, r"Containers.reals\[1\]: expected double, not str 'x'"),
        ({"matrix": [[1], [99999]]}, r"Containers.matrix\[1\]\[0\]: expected i16, not int 99999"),
        ({"numbers": [1]}, r"Containers.numbers: expected set<i64>, not list \[1\]"),
        ({"names": {1: 2}}, r"Containers.names\[1\]: expected string, not int 2"),
        ({"names": {"1": "x"}}, r"Containers.names key '1': expected i32, not str '1'"),
        ({"names": []}, r"Containers.names: expected map<i32,string>, not list \[\]"),
        ({"by_flag": [(True,)]}, r"Containers.by_flag\[0\]: expected a tuple of 2, not tuple \(True,\)"),
        ({"points": [everything.Empty()]}, r"Containers.points\[0\]: expected Point, not Empty Empty\(\)"),
        ({"shapes": [everything.Empty()]}, r"Containers.shapes\[0\]: expected one of Circle, Square, Point, not Empty"),
    ],
)
def test_a_part_that_does_not_fit_is_refused_with_the_path(change: dict[str, Any], message: str) -> None:
    with pytest.raises(EncodeError, match=message):
        binary.encode(everything.Containers(**change))


def test_encoding_what_is_no_thrift_struct_says_so() -> None:
    with pytest.raises(TypeError, match="expected a generated Thrift struct, not <class 'int'>"):
        binary.encode(1)


def test_a_number_an_enum_does_not_have_is_kept() -> None:
    encoded = binary.encode(scalars(color=shared.Color(99)))
    decoded = binary.decode(everything.Scalars, encoded)
    assert decoded.color == 99
    assert decoded.color.name == "UNKNOWN_99"
    assert binary.encode(decoded) == encoded


def test_a_word_outside_the_closed_set_and_text_that_is_no_json_are_refused() -> None:
    encoded = binary.encode(scalars())
    with pytest.raises(DecodeError, match=r"Scalars.size: expected one of 'small', 'large', not b'smale'"):
        binary.decode(everything.Scalars, encoded.replace(b"small", b"smale"))
    with pytest.raises(DecodeError, match=r"Scalars.json: expected JSON: "):
        binary.decode(everything.Scalars, encoded.replace(b'{"a":1}', b'{"a":1,'))
    with pytest.raises(DecodeError, match=r"Scalars.json: expected UTF-8: "):
        binary.decode(everything.Scalars, encoded.replace(b'{"a":1}', b'{"\xff":1'))


def test_a_union_has_exactly_one_field() -> None:
    choice = everything.Choice(text="a")
    choice.number = 1
    with pytest.raises(EncodeError, match="Choice: expected exactly one field, not text, number"):
        binary.encode(choice)
    for data, given_fields in (
        ("00", "none that is known"),
        ("0b0001 00000000 0a0002 0000000000000001 00", "text, number"),
    ):
        with pytest.raises(DecodeError, match=f"Choice: expected exactly one field, not {given_fields}"):
            binary.decode(everything.Choice, bytes.fromhex(data))


def test_a_union_of_distinct_structs_is_the_struct() -> None:
    table = shape_of(everything.Shape)
    assert isinstance(table, Table)
    assert table.kind is Kind.VARIANTS
    encode, decode = binary.encoder(table), binary.decoder(table)
    square = everything.Square(side=2.0)
    assert encode(square).hex() == "0c0002" + "0400014000000000000000" + "00" + "00"
    assert decode(encode(square)) == square
    with pytest.raises(EncodeError, match="Shape: expected one of Circle, Square, Point, not str 'x'"):
        encode("x")
    both = encode(square)[:-1] + encode(everything.Circle(radius=1.0))
    with pytest.raises(DecodeError, match="Shape: expected exactly one field, not square, circle"):
        decode(both)
    with pytest.raises(DecodeError, match="Shape: expected exactly one field, not none that is known"):
        decode(bytes.fromhex("0c0009 00 00"))


def test_a_subclass_is_written_as_its_base() -> None:
    class Labelled(everything.Point):
        pass

    assert binary.encode(everything.Answer(text="x")) == bytes.fromhex("0b0001 00000001 78 00")
    table = table_of(everything.Point)
    assert binary.encoder(table)(Labelled(x=1)) == binary.encode(everything.Point(x=1))


def test_defaults_stand_in_and_are_not_shared() -> None:
    first, second = (binary.decode(everything.Defaults, b"\0") for _ in range(2))
    assert first == everything.Defaults()
    first.numbers.append(4)
    first.point.x = 9
    assert second == everything.Defaults()


def test_the_bytes_are_those_of_the_reference() -> None:
    # kitex-wire 1.8: one byte of type, i16 id, value; a struct ends with 00; containers say their element types.
    value = everything.Containers(flags=[True, False], names={1: "a"}, numbers={7})
    assert binary.encode(value)[:42].hex() == (
        "0f0001 02 00000002 0100" + "0f0002 04 00000000" + "0f0003 0b 00000000" + "0f0004 0f 000000000e0005 0a 00000001"
    ).replace(" ", "")
