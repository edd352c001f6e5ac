from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from thriftwire.commands import script
from thriftwire.commands.outcome import Usage
from thriftwire.commands.script import Case, Step, choose, contains, fill
from thriftwire.thrift.runtime import load

CONTRACT = load(Path(__file__).parent.parent / "contract/everything.thrift")


def read(folder: Path, text: str, suffix: str = "yaml") -> dict[str, list[Case]]:
    path = folder / f"script.{suffix}"
    path.write_text(text)
    return script.read(path, CONTRACT)


def test_steps_and_cases_are_read_from_yaml_json_and_lines(tmp_path: Path) -> None:
    step = Step(send={"circle": {"radius": 1}}, times=2)
    yaml = read(tmp_path, "Watch:\n  - {send: {circle: {radius: 1}}, times: 2}\n")
    json = read(tmp_path, '{"Watch": [{"send": {"circle": {"radius": 1}}, "times": 2}]}', "json")
    assert yaml == json == {"Everything/Watch": [Case(steps=[step])]}
    lines = read(
        tmp_path, '{"method": "Watch", "send": {"circle": {"radius": 1}}}\n\n{"method": "Add", "send": 3}', "jsonl"
    )
    assert list(lines) == ["Everything/Watch", "Everything/Add"]
    assert read(tmp_path, "") == {}
    cases = read(tmp_path, "Add:\n  - {when: {left: 1}, steps: [{send: 2}]}\n  - {steps: []}\n")
    assert [case.when for case in cases["Everything/Add"]] == [{"left": 1}, None]
    assert script.read(None, CONTRACT) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Nope: []", "there is no method 'Nope'"),
        ("Add: 1", "Expected `array`, got `int`"),
        ("Add: [{snd: 1}]", "unknown field `snd`"),
        ("Add: [{send: x}]", "Add: i32: Expected int, got str"),
        ("Watch: [{send: {circle: {}}}]", "Watch: Shape.circle: Object missing required field radius"),
        ("Whole: [{throws: {Denied: {reason: 1}}}]", "Whole: Denied.reason: Expected str, got int"),
        ("Whole: [{throws: {Odd: {}}}]", "Whole does not throw Odd"),
        ("Add: [{biz: {code: 0}}]", "a business status code is a non-zero int32, not 0"),
        ("Add: [{biz: {code: 1}, stall: true}]", "a step fails in one way"),
        ("Add: [{receive: 1}]", "only a client's stream has requests to receive"),
        ("Add: [", "script.yaml: "),
    ],
)
def test_a_script_that_does_not_fit_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(Usage) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "part", "holds"),
    [
        ({"a": 1, "b": {"c": [1], "d": 2}}, {"b": {"c": [1]}}, True),
        ({"a": 1}, {}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"b": None}, False),
        (1, {"a": 1}, False),
        ("x", "x", True),
    ],
)
def test_a_request_fits_when_it_has_at_least_the_members(value: Any, part: Any, holds: bool) -> None:
    assert contains(value, part) is holds


def test_the_first_case_that_fits_is_taken() -> None:
    first, second = [Step(send=1)], [Step(send=2)]
    cases = [Case(steps=first, when={"a": 1}), Case(steps=second)]
    assert choose(cases, {"a": 1}) is first
    assert choose(cases, {"a": 2}) is second
    assert choose(cases[:1], {}) is None


def test_a_response_may_repeat_the_request() -> None:
    request = {"a": {"b": [1, {"c": "x"}]}}
    assert fill({"x": "$request.a.b.1.c", "y": ["$request.a.b.0"], "z": "$requested"}, request) == {
        "x": "x",
        "y": [1],
        "z": "$requested",
    }
    assert fill("$request", request) == request
    assert [fill(f"$request.{path}", request) for path in ("n", "a.b.9", "a.b.c", "a.b.0.d")] == [None] * 4


def test_without_a_script_a_method_answers_with_a_skeleton() -> None:
    steps = {name: script.silent(CONTRACT.find(name)[1])[0] for name in ("Add", "Gather", "Talk", "Watch")}
    assert steps["Add"] == Step(send=0)
    assert steps["Gather"].receive == 0
    assert steps["Talk"].each
    assert steps["Watch"] == Step(send={"circle": {"radius": 0.0}})
