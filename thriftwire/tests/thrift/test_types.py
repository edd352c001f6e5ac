from __future__ import annotations

import copy
import pickle
from typing import Annotated

import msgspec
import pytest

from contract import everything, shared
from thriftwire.thrift.types import I8, DeclaredException, Field, OptionalRaw, Raw, Struct, default, field


class Sample(Struct, kw_only=True):
    name: Annotated[str, Field(1, required=True)]
    note: Annotated[str | None, Field(2)] = None
    size: Annotated[I8, Field(3)] = default(0)
    tags: Annotated[list[str], Field(4)] = default([])
    extra: Annotated[OptionalRaw, Field(5)] = None
    class_: Annotated[str, Field(6)] = default("", name="class")


def test_json_leaves_out_what_is_absent_and_always_writes_the_rest() -> None:
    assert msgspec.json.encode(Sample(name="a")) == b'{"name":"a","size":0,"tags":[],"class":""}'
    given = Sample(name="a", note="", extra=Raw(b"[1]"))
    assert msgspec.json.encode(given) == b'{"name":"a","note":"","size":0,"tags":[],"extra":[1],"class":""}'


def test_json_is_read_strictly() -> None:
    decoder = msgspec.json.Decoder(Sample)
    assert decoder.decode(b'{"name":"a","class":"b","note":null}') == Sample(name="a", class_="b")
    for text, message in (
        (b"{}", "missing required field `name`"),
        (b'{"name":"a","nam":1}', "unknown field `nam`"),
        (b'{"name":"a","size":128}', r"Expected `int` <= 127 - at `\$\.size`"),
        (b'{"name":"a","class_":"b"}', "unknown field `class_`"),
    ):
        with pytest.raises(msgspec.ValidationError, match=message):
            decoder.decode(text)


def test_any_json_may_be_absent_and_null_is_a_value() -> None:
    assert msgspec.json.decode(b'{"name":"a"}', type=Sample).extra is None
    extra = msgspec.json.decode(b'{"name":"a","extra":null}', type=Sample).extra
    assert extra is not None
    assert bytes(extra) == b"null"


def test_defaults_are_not_shared_and_stay_when_a_struct_is_copied() -> None:
    first, second = Sample(name="a"), Sample(name="b")
    first.tags.append("x")
    assert second.tags == []
    assert copy.deepcopy(first) == first == pickle.loads(pickle.dumps(first))


def test_a_union_says_which_fields_it_got() -> None:
    with pytest.raises(ValueError, match="expected exactly one field of Choice, not text, number"):
        everything.Choice(text="a", number=1)
    with pytest.raises(msgspec.ValidationError, match="expected exactly one field of Choice, not none"):
        msgspec.json.decode(b"{}", type=everything.Choice)
    assert msgspec.json.encode(everything.Choice(text="a")) == b'{"text":"a"}'


def test_a_tagged_union_is_told_apart_in_json() -> None:
    step = everything.Answer(text="a", next=everything.Ask(question="b"))
    text = b'{"type":"answer","text":"a","next":{"type":"ask","question":"b"}}'
    assert msgspec.json.encode(step) == text
    assert msgspec.json.decode(text, type=everything.Answer) == step


def test_unknown_numbers_of_an_enum_are_kept_and_named() -> None:
    unknown = shared.Color(77)
    assert (unknown.name, unknown.value, int(unknown)) == ("UNKNOWN_77", 77, 77)
    assert unknown == shared.Color(77)
    assert msgspec.json.decode(b"77", type=shared.Color) == 77
    assert msgspec.json.encode(unknown) == b"77"
    assert unknown not in list(shared.Color)
    for value in ("RED", 1.5, 2**31, True):
        if value is True:
            assert shared.Color(value) is shared.Color.RED  # True is 1
            continue
        with pytest.raises(ValueError, match="is not a valid Color"):
            shared.Color(value)


class Failed(DeclaredException):
    code: Annotated[I8, Field(1, required=True)]
    args_: Annotated[list[str], Field(2)] = default([], name="args")
    note: Annotated[str | None, Field(3)] = None


class Worse(Failed):
    depth: Annotated[I8, Field(4)] = default(1)


class Renamed(DeclaredException):
    class_: Annotated[str, Field(1, required=True)] = field(name="class")


def test_an_exception_has_fields_like_a_struct() -> None:
    error = Failed(code=1)
    assert (error.code, error.args_, error.note) == (1, [], None)
    assert repr(error) == "Failed(code=1, args_=[], note=None)"
    assert error == Failed(code=1)
    assert error != Failed(code=2)
    assert len({error, error}) == 1
    assert Failed(code=1).args_ is not error.args_
    copied = pickle.loads(pickle.dumps(Worse(code=3)))
    assert isinstance(copied, Worse)
    assert (copied.code, copied.depth) == (3, 1)
    with pytest.raises(Failed):
        raise copied


def test_an_exception_refuses_what_it_does_not_have_and_needs_what_is_required() -> None:
    with pytest.raises(TypeError, match="missing required argument 'code'"):
        Failed()  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="unexpected keyword argument 'cod'"):
        Failed(code=1, cod=2)  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="missing required argument 'class_'"):
        Renamed()  # pyright: ignore[reportCallIssue]
    assert Renamed(class_="x").class_ == "x"
