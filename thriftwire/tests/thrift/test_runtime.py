from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from thriftwire.errors import IDLError
from thriftwire.thrift.runtime import load

EVERYTHING = Path(__file__).parent.parent / "contract/everything.thrift"


def test_a_file_becomes_services_without_being_written() -> None:
    contract = load(EVERYTHING)
    assert list(contract.services) == ["Everything"]
    service, method = contract.find("Watch")
    assert (service.name, service.package) == ("Everything", "demo.everything")
    assert method.doc == "Many answers."
    assert contract.find("Everything/Watch") == (service, method)


def test_every_union_has_a_member_in_json() -> None:
    _, method = load(EVERYTHING).find("Watch")
    shape = msgspec.json.decode(b'{"circle": {"radius": 1}}', type=method.response_type)
    encoded = method.response.encode(shape)
    assert encoded.hex() == "0c0001" + "0400013ff0000000000000" + "00" + "00"
    assert msgspec.json.encode(method.response.decode(encoded)) == b'{"circle":{"radius":1.0}}'


def test_names_that_are_none_or_of_several_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.thrift"
    path.write_text("service A { void F() } service B { void F() void G() }")
    contract = load(path)
    assert contract.find("B/F")[0].name == "B"
    assert contract.find("G")[0].name == "B"
    with pytest.raises(LookupError, match="'F' is a method of A, B: say which"):
        contract.find("F")
    with pytest.raises(LookupError, match="there is no method 'A/G'; there are A/F, B/F, B/G"):
        contract.find("A/G")


def test_two_contracts_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "a.thrift").write_text("struct S { 1: i32 a } service V { S F() }")
    first = load(tmp_path / "a.thrift")
    (tmp_path / "a.thrift").write_text("struct S { 1: string a } service V { S F() }")
    second = load(tmp_path / "a.thrift")
    types = [contract.find("F")[1].response_type for contract in (first, second)]
    assert msgspec.json.decode(b'{"a": 1}', type=types[0]).a == 1
    assert msgspec.json.decode(b'{"a": "x"}', type=types[1]).a == "x"


def test_mistakes_are_those_of_the_idl(tmp_path: Path) -> None:
    (tmp_path / "a.thrift").write_text("struct S { 1: Nope a }")
    with pytest.raises(IDLError, match="there is no type 'Nope'"):
        load(tmp_path / "a.thrift")
