"""The conformance kit: ``check_machine(make_pair)`` runs what every machine owes its shell.

A new wire gets its tests free. Each check builds its own pairs and raises AssertionError with what went wrong; under
pytest, parametrise over ``checks(streaming=…)`` to see them one by one.
"""

from __future__ import annotations

from thriftwire.testing.every_wire import EVERY_WIRE
from thriftwire.testing.samples import Check, MakePair
from thriftwire.testing.streaming_wires import STREAMING_WIRES
from thriftwire.testing.unary_wires import UNARY_WIRES


def check_machine(make_pair: MakePair) -> None:
    """Run every check that applies to the wire ``make_pair`` builds."""
    for check in checks(streaming=make_pair().streaming):
        check(make_pair)


def checks(*, streaming: bool) -> tuple[Check, ...]:
    """The checks of a streaming wire, or of a unary one."""
    return EVERY_WIRE + (STREAMING_WIRES if streaming else UNARY_WIRES)
