"""The matrix has no hole: each cell is covered by a test, or impossible for a written reason, and never both."""

from __future__ import annotations

from types import ModuleType

import pytest

from interop.matrix import COLUMNS, DIRECTIONS, NOTES, Cell, Direction, Row, covered, reason, table


def module_of(direction: Direction) -> ModuleType:
    import interop.test_calling_kitex
    import interop.test_serving_kitex

    return interop.test_calling_kitex if direction == "to" else interop.test_serving_kitex


def covered_cells() -> set[Cell]:
    return {
        Cell(said[0], direction, wire)
        for direction in DIRECTIONS
        for test in vars(module_of(direction)).values()
        if (said := covered(test)) is not None
        for wire in said[1]
    }


@pytest.mark.parametrize("row", Row, ids=lambda row: row.name.lower())
def test_every_cell_is_covered_or_impossible(row: Row) -> None:
    cells = {Cell(row, direction, wire) for direction, wire in COLUMNS}
    impossible = {cell for cell in cells if reason(cell) is not None}
    assert {cell for cell in covered_cells() if cell.row is row} == cells - impossible


def test_notes_are_about_cells_that_are_tried() -> None:
    assert {Cell(row, direction, wire) for row, direction, wire in NOTES if direction is not None} <= covered_cells()


def test_the_table_says_what_was_found_and_why_not() -> None:
    text = table({Cell(Row.PING, "to", "framed"): "ok"})
    ping = next(line for line in text.splitlines() if line.startswith("ping-pong"))
    assert ping.split()[1:4] == ["hole", "ok", "hole"]
    assert "(1) " in text
