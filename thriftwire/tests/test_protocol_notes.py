"""The notes on the protocol say what the tables and the errors say."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from thriftwire import errors
from thriftwire.events import End, Event, Headers, Message, Open, Reset
from thriftwire.states import JOINT, TOLERATED, TRANSITIONS

NOTES = Path(__file__).parents[2] / "docs" / "thriftwire" / "protocol.md"
KINDS: tuple[type[Event], ...] = (Open, Headers, Message, End, Reset)


def row(cells: list[str]) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join([row(head), "|" + "---|" * len(head), *map(row, rows)])


def state_tables() -> str:
    made = [
        table(
            [role.value, *(f"`{kind.__name__}`" for kind in KINDS)],
            [
                [state.value, *(target.value if (target := cells.get(kind)) else "" for kind in KINDS)]
                for state, cells in TRANSITIONS[role].items()
            ],
        )
        for role in TRANSITIONS
    ]
    joint = [[role.value, state.value, other.value] for (role, state), other in JOINT.items()]
    tolerated = [
        [role.value, state.value, f"`{kind.__name__}`", "is dropped" if target is None else "changes nothing else"]
        for (role, state), cells in TOLERATED.items()
        for kind, target in cells.items()
    ]
    made.append(table(["when a", "becomes", "the other side becomes"], joint))
    made.append(table(["a peer that is a", "and", "is forgiven", "which"], tolerated))
    return "\n\n".join(made)


def error_table() -> str:
    rows: list[list[str]] = []
    for name, error in inspect.getmembers(errors, inspect.isclass):
        code: int = getattr(error, "code", 0)
        if code and error is not errors.ProtocolError:
            first = " ".join((error.__doc__ or "").split("\n\n")[0].split())
            rows.append([str(code), f"`{name}`", first.replace("``", "`")])
    return table(["code", "error", "means"], sorted(rows))


def section(name: str) -> str:
    text = NOTES.read_text()
    return text[text.index(f"<!-- {name} -->") :].split("-->", 1)[1].split(f"<!-- /{name} -->")[0].strip()


@pytest.mark.parametrize(("name", "expected"), [("states", state_tables()), ("errors", error_table())])
def test_the_notes_say_what_the_code_says(name: str, expected: str) -> None:
    assert section(name) == expected, f"the section {name!r} of {NOTES} should be\n{expected}"
