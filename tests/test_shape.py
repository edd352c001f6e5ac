"""The shape of the source: small functions, small modules, each with a purpose and a test of its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Final, TypeAlias

import pytest

TESTS: Final = Path(__file__).parent
SOURCE: Final = TESTS.parent / "src/promptwire"
GENERATED: Final = {"api", "migrations"}  # migrations are proved by test_database.py, as a whole
FORBIDDEN: Final = {"util", "utils", "helper", "helpers", "common", "manager", "base", "core", "misc", "impl"}

MODULE_LINES: Final = 500
CLASS_LINES: Final = 250
FUNCTION_LINES: Final = 60
P90_FUNCTION_LINES: Final = 25
NESTING: Final = 3

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

MODULES: Final = sorted(
    path.relative_to(SOURCE)
    for path in SOURCE.rglob("*.py")
    if not GENERATED & set(path.relative_to(SOURCE).parts) and path.stat().st_size
)
every_module = pytest.mark.parametrize("module", MODULES, ids=str)
every_own_module = pytest.mark.parametrize("module", [m for m in MODULES if not m.stem.startswith("__")], ids=str)


def tree(module: Path) -> ast.Module:
    return ast.parse((SOURCE / module).read_text())


def functions(module: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(module)) if isinstance(node, Function))


def body_lines(node: Function | ast.ClassDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def depth(node: ast.AST, level: int = 0) -> int:
    """How deep the deepest branch or loop is; a chain of elifs is one level, a function inside begins anew."""
    blocks = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, depth(child, level + (isinstance(child, blocks) and not is_elif)))
    return deepest


@every_module
def test_a_module_is_small_says_what_it_is_for_and_has_a_name_of_the_domain(module: Path) -> None:
    assert module.stem not in FORBIDDEN
    assert ast.get_docstring(tree(module)), "begin with one sentence"
    assert len((SOURCE / module).read_text().splitlines()) <= MODULE_LINES


@every_module
def test_functions_and_classes_are_small(module: Path) -> None:
    long = [f"{node.name}: {body_lines(node)}" for node in functions(module) if body_lines(node) > FUNCTION_LINES]
    deep = [f"{node.name}: nested {depth(node)}" for node in functions(module) if depth(node) > NESTING]
    large = [
        f"{node.name}: {body_lines(node)}"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ClassDef) and body_lines(node) > CLASS_LINES
    ]
    assert long + deep + large == []


def test_nine_functions_of_ten_are_very_small() -> None:
    sizes = [body_lines(node) for module in MODULES for node in functions(module)]
    assert quantiles(sizes, n=10)[-1] <= P90_FUNCTION_LINES


@every_own_module
def test_a_module_has_a_test_of_its_own(module: Path) -> None:
    assert (TESTS / module.with_name(f"test_{module.name}")).exists()


@pytest.mark.parametrize("test", sorted(TESTS.rglob("test_*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_test_sleeps(test: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(test.read_text())) if isinstance(node, ast.Call)]
    sleeps = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in calls
        if ast.unparse(node.func) in {"time.sleep", "asyncio.sleep"} and ast.unparse(node.args[0]) != "0"
    ]
    assert sleeps == [], "wait for what is to happen"
