"""One tree, and a number for each kind of failure."""

from __future__ import annotations

import inspect
import re

import pytest

from thriftwire import errors
from thriftwire.errors import (
    ApplicationError,
    BizStatusError,
    Cancelled,
    ConnectError,
    DecodeError,
    IDLError,
    LimitExceeded,
    RPCError,
    ThriftwireError,
    TransportError,
)

KINDS = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, ThriftwireError) and not name.startswith("_")
}


def drawn() -> dict[str, str]:
    """Each error in the module's docstring, and the one it hangs on."""
    parents: dict[str, str] = {}
    levels: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^( {4}[│├└─ ]*)([A-Z]\w+)(?= |$)", line)
        if found is None:
            continue
        level, name = len(found[1]), found[2]
        while levels and levels[-1][0] >= level:
            levels.pop()
        if levels:
            parents[name] = levels[-1][1]
        levels.append((level, name))
    return parents


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_the_tree_is_drawn_as_it_is(name: str, kind: type[ThriftwireError]) -> None:
    parent = next(base.__name__ for base in kind.__mro__[1:] if base.__name__ in KINDS or base is Exception)
    assert drawn().get(name, "Exception") == parent


@pytest.mark.parametrize("code", [0, 2**31, -(2**31) - 1])
def test_a_business_status_is_a_non_zero_int32(code: int) -> None:
    with pytest.raises(ValueError, match="non-zero int32"):
        BizStatusError(code, "m")


def test_a_business_status_keeps_a_copy_of_its_extra() -> None:
    extra = {"k": "v"}
    error = BizStatusError(-5, "m", extra)
    extra["k"] = "w"
    assert (error.code, error.message, error.extra) == (-5, "m", {"k": "v"})
    assert BizStatusError(5, "m").extra == {}
    assert "5" in str(error)


def test_a_code_may_be_given_and_is_else_the_kinds() -> None:
    assert TransportError("m").code == 12006
    assert Cancelled("m", code=12010, path=("A", "B")).code == 12010
    assert Cancelled("m", path=("A", "B")).path == ("A", "B")
    assert RPCError("m").message == "m"
    assert ApplicationError(7, "m").type == 7
    assert LimitExceeded("m").code == 12429


def test_what_never_began_is_safe_to_try_elsewhere() -> None:
    assert issubclass(errors.ServerDraining, ConnectError)
    assert not issubclass(errors.StreamTimeout, ConnectError)


def test_places_are_named() -> None:
    assert str(DecodeError("too short", "Request.messages[2]")) == "Request.messages[2]: too short"
    assert str(DecodeError("too short")) == "too short"
    error = IDLError("unexpected }", file="a.thrift", line=3, column=7)
    assert str(error) == "a.thrift:3:7: unexpected }"
    assert (error.file, error.line, error.column) == ("a.thrift", 3, 7)
