"""JSON Schemas are checked and values validated, without calling anywhere or running away."""

import pytest

from promptwire.template.schema import MAX_VIOLATIONS, SchemaError, violations


def test_what_fits_has_no_violations() -> None:
    assert violations({"type": "array", "items": {"type": "integer"}}, [1, 2]) == []


def test_violations_name_their_place() -> None:
    schema = {"properties": {"a": {"items": {"type": "integer"}}}}
    [violation] = violations(schema, {"a": [1, "x"]})
    assert violation.startswith("a[1]: ")


def test_not_more_is_said_than_a_person_reads() -> None:
    assert len(violations({"items": {"type": "integer"}}, ["x"] * 100)) == MAX_VIOLATIONS


@pytest.mark.parametrize(
    "schema",
    [{"type": "nonsense"}, {"$ref": "https://example.com/x.json"}, {"$ref": "#/nowhere"}, {"pattern": "("}, 5, "x"],
)
def test_what_is_no_schema_is_said(schema: object) -> None:
    with pytest.raises(SchemaError):
        violations(schema, {})


def test_a_schema_may_refer_to_itself() -> None:
    schema = {"$defs": {"n": {"type": "integer"}}, "items": {"$ref": "#/$defs/n"}}
    assert violations(schema, [1]) == []
    assert len(violations(schema, ["x"])) == 1
