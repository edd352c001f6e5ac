from __future__ import annotations

import subprocess
import sys

import pytest

from thriftwire.thrift.generate.layout import (
    Text,
    body,
    call,
    chain,
    display,
    docstring,
    import_lines,
    indented,
    lay_out,
    mapping,
    string,
    subscript,
)

LONG = "x" * 50


def test_what_fits_stands_on_one_line() -> None:
    node = chain("a: ", subscript("Annotated", "int", call("Field", "1", chain("b=", display(["2", "3"])))), " = 4")
    assert lay_out(node) == "a: Annotated[int, Field(1, b=[2, 3])] = 4"


def test_what_does_not_fit_has_an_item_a_line_and_a_comma_behind_the_last() -> None:
    node = chain("a: ", subscript("Annotated", LONG, call("Field", LONG, LONG, LONG)), " = 4")
    assert lay_out(node) == (
        f"a: Annotated[\n    {LONG},\n    Field(\n        {LONG},\n        {LONG},\n        {LONG},\n    ),\n] = 4"
    )


def test_a_long_text_is_split_between_words() -> None:
    text = " ".join(["word"] * 60)
    lines = lay_out(call("Meta", chain("description=", Text(text)))).split("\n")
    assert lines[0] == "Meta("
    assert all(len(line) <= 120 for line in lines)
    assert lines[1].startswith('    description="word')
    assert "".join(line.strip().removeprefix("description=").strip(',"') for line in lines[1:-1]) == text


@pytest.mark.parametrize("text", ["plain", 'say "hi"', "it's", "both ' and \"", "back\\slash", "new\nline", "é\t"])
def test_a_string_reads_back(text: str) -> None:
    assert eval(string(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "One.",
        'Ends with "quotes"',
        'With \\ and """ inside.',
        "Two\nlines.",
        " ".join(["word"] * 60),
        "A.\n\n" + "b " * 90,
    ],
)
def test_a_docstring_reads_back_wrapped(text: str) -> None:
    lines = docstring(text, 1)
    assert all(len(line) <= 120 for line in lines)
    value = eval("\n".join(lines).strip())
    assert value.split() == text.split()


def test_classes_and_imports() -> None:
    assert body("class A:", "", []) == ["class A:", "    pass"]
    assert body("class A:", "Doc.", []) == ["class A:", '    """Doc."""']
    assert body("class A:", "Doc.", ["    x = 1"]) == ["class A:", '    """Doc."""', "", "    x = 1"]
    assert indented("a(\n    b,\n)") == ["    a(", "    b,", ")"]
    assert str(mapping({"a": "b"})) == '{"a": "b"}'
    assert import_lines("m", {"field", "I64", "I8", "Field", "X as Y"}) == [
        "from m import I8, I64, Field, field",
        "from m import X as Y",
    ]
    assert import_lines("m", {f"Name{LONG}{n}" for n in range(3)})[0] == "from m import ("


def test_the_formatter_leaves_it_alone() -> None:
    pytest.importorskip("ruff", reason="ruff is not installed")
    long_call = chain("value = ", call("make", mapping({LONG: LONG, "b": LONG}), chain("text=", Text("word " * 60))))
    source = "\n".join([lay_out(long_call), "", "", *body("class A:", 'Say "hi"', ["    x = 1"])]) + "\n"
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "120", "-"]
    formatted = subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout
    assert formatted == source
