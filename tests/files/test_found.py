"""What is taken from a mapping, and what is left of it."""

from promptwire.api.files import Loss
from promptwire.files.found import Members, key_of, loss


def test_what_nobody_takes_is_lost() -> None:
    losses: list[Loss] = []
    members = Members({"a": "x", "b": 5, "c": {"d": 1}, "e": None, "f": True}, "in", losses)
    assert (members.take("a", str, ""), members.take("b", str, "no"), members.take("f", int, 7)) == ("x", "no", 7)
    members.within("c").left("because")
    members.left()
    assert [(each.path, each.value) for each in losses] == [("in.c.d", "1"), ("in.b", "5"), ("in.f", "true")]


def test_what_is_no_mapping_has_no_members() -> None:
    assert Members([1], "", []).every() == {}


def test_a_long_value_is_cut_short() -> None:
    assert len(loss("p", "x" * 1000, "why").value) == 200


def test_a_key_is_like_the_name() -> None:
    assert [key_of(name) for name in ("Refund (EU)!", "a.b", "../x", "中文", "-", "a" * 200)] == [
        "Refund-EU",
        "a.b",
        "x",
        "prompt",
        "prompt",
        "a" * 100,
    ]
