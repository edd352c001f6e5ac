from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from contract import everything
from thriftwire.thrift.compile import Compiler
from thriftwire.thrift.table import Table, table_of


def test_a_compiler_makes_each_function_once_and_shares_what_it_made() -> None:
    compiler = Compiler()
    point = table_of(everything.Point)
    reader = compiler.reader(point)
    assert compiler.reader(table_of(everything.Containers)) is not reader
    assert compiler.reader(point) is reader
    assert compiler.writer(point) is compiler.writer(point)
    assert Compiler().reader(point) is not reader


def test_compiled_functions_are_composed() -> None:
    compiler = Compiler()
    table = table_of(everything.Node)
    node = everything.Node(name="a", children=[everything.Node(name="b")])
    pieces: list[bytes] = []
    compiler.writer(table)(node, pieces.append, 0)
    data = b"".join(pieces)
    assert compiler.reader(table)(b"\xaa" + data + b"\xbb", 1, len(data) + 1, 0) == (node, len(data) + 1)


def test_threads_that_compile_at_once_get_whole_codecs() -> None:
    """In a process where nobody has compiled anything yet."""
    program = """
import threading
from concurrent.futures import ThreadPoolExecutor
from contract import everything
from thriftwire.thrift.binary import decode, encode

start = threading.Barrier(16)

def both(number):
    start.wait()
    node = everything.Node(name="a", children=[everything.Node(name="b")])
    assert decode(everything.Node, encode(node)) == node
    point = everything.Point(x=number)
    assert decode(everything.Point, encode(point)) == point

with ThreadPoolExecutor(16) as pool:
    for task in [pool.submit(both, number) for number in range(16)]:
        task.result()
"""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[1])


class Interrupted(str):
    """A table's name; whoever writes it down is interrupted, as by another thread."""

    __slots__ = ("by",)
    by: Callable[[], object]

    def __format__(self, _: str) -> str:
        self.by()
        return str(self)


def test_what_another_thread_compiles_meanwhile_is_not_forgotten() -> None:
    compiler, node, point = Compiler(), table_of(everything.Node), table_of(everything.Point)
    meanwhile: list[object] = []
    name = Interrupted(node.name)
    name.by = lambda: meanwhile.append(compiler.writer(point))
    compiler.writer(Table(name=name, kind=node.kind, members=node.members, python=node.python))
    assert compiler.writer(point) is meanwhile[0]
