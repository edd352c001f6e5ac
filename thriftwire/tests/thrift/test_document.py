from __future__ import annotations

import dataclasses

import pytest

from thriftwire.errors import IDLError
from thriftwire.thrift.document import Document, Include, Location, NamedType, ServiceDefinition, Typedef


def test_values_are_frozen_and_equal_wherever_they_stand() -> None:
    here, there = (NamedType(name="A", where=Location("f", line)) for line in (1, 2))
    assert here == there
    with pytest.raises(dataclasses.FrozenInstanceError):
        here.name = "B"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_place_makes_its_errors() -> None:
    error = Location("a.thrift", 3, 4).error("no")
    assert isinstance(error, IDLError)
    assert str(error) == "a.thrift:3:4: no"


def test_names_are_found_through_includes_and_only_through_them() -> None:
    inner = Document(file="b.thrift", definitions=(Typedef(name="T", type=NamedType(name="U")),))
    include = Include(path="b.thrift", alias="b", document=inner)
    service = ServiceDefinition(name="S", functions=())
    outer = Document(file="a.thrift", includes=(include,), definitions=(service,))
    found = outer.find("b.T")
    assert found is not None
    assert found.document is inner
    assert outer.find("T") is None
    assert outer.find("") is None
    assert outer.find("c.T") is None
    assert list(outer.services()) == [service]
