from __future__ import annotations

import pytest

from thriftwire.errors import IDLError
from thriftwire.thrift.tokens import Cursor, clean_doc, head_doc, to_number


def words(text: str) -> list[tuple[str, str]]:
    cursor = Cursor(text, "t.thrift")
    found: list[tuple[str, str]] = []
    while cursor.next.kind != "end":
        token = cursor.take()
        found.append((token.kind, token.text))
    return found


def test_words_numbers_texts_and_signs() -> None:
    assert words("struct a.b {1: -0x1F = 'x\"y'; 2.5e-3}") == [
        ("name", "struct"),
        ("name", "a.b"),
        ("symbol", "{"),
        ("number", "1"),
        ("symbol", ":"),
        ("number", "-0x1F"),
        ("symbol", "="),
        ("text", "'x\"y'"),
        ("symbol", ";"),
        ("number", "2.5e-3"),
        ("symbol", "}"),
    ]


def test_every_kind_of_comment_is_passed_over() -> None:
    assert words("a // b\n# c\n/* d\n e */ f /**/ g /** h */") == [("name", "a"), ("name", "f"), ("name", "g")]


def test_a_token_carries_the_documentation_before_it_and_its_place() -> None:
    cursor = Cursor("/** One. */\n  struct\n/* no */ A /** lost */ /** Two. */ {", "t.thrift")
    struct, name, brace = cursor.take(), cursor.take(), cursor.take()
    assert (struct.doc, struct.where.line, struct.where.column) == ("One.", 2, 3)
    assert (name.doc, name.where.line, name.where.column) == ("", 3, 10)
    assert brace.doc == "Two."


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("/** One line. */", "One line."),
        ("/**\n * Two\n * lines.\n */", "Two\nlines."),
        ("/** First.\n *\n *   indented\n * not\n */", "First.\n\n  indented\nnot"),
        ("/**\n    no stars\n    at all */", "no stars\nat all"),
    ],
)
def test_documentation_loses_its_margin(comment: str, text: str) -> None:
    assert clean_doc(comment) == text


def test_the_comments_at_the_head_of_a_file_are_what_it_says_of_itself() -> None:
    assert head_doc("// One.\n//   Two.\n# Three.\n\n// Not this.\nstruct") == "One.\n  Two.\nThree."
    assert head_doc("struct") == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n  @", "t.thrift:2:3: expected a Thrift word or sign, not '@'"),
        ("a /* b", "t.thrift:1:3: expected a comment that ends, not '/*'"),
        ("'abc", "t.thrift:1:1: expected a text that ends with ', not \"'abc\""),
        ("12abc", "t.thrift:1:1: expected a number, not '12abc'"),
    ],
)
def test_what_is_no_token_is_refused_at_its_place(text: str, message: str) -> None:
    with pytest.raises(IDLError) as caught:
        words(text)
    assert str(caught.value) == message


def test_a_text_may_escape() -> None:
    cursor = Cursor(r"""'a\n\t\\\'\q' "b'" """, "t.thrift")
    assert cursor.literal("a text") == "a\n\t\\'\\q"
    assert cursor.literal("a text") == "b'"


def test_keywords_and_base_types_are_no_names() -> None:
    for word in ("struct", "i32", "1", "'a'", "go.tag-x"):
        with pytest.raises(IDLError, match="expected a name, not"):
            Cursor(word, "t.thrift").name("a name")
    with pytest.raises(IDLError, match="expected a name, not the end of the file"):
        Cursor("", "t.thrift").name("a name")
    assert Cursor("list", "t.thrift").name("a name").text == "list"


def test_integers_are_whole() -> None:
    assert Cursor("0x10", "t.thrift").integer("a number") == 16
    with pytest.raises(IDLError, match=r"expected a number, not '1\.5'"):
        Cursor("1.5", "t.thrift").integer("a number")
    assert [to_number(text) for text in ("-3", "+4", "-0xF", "1e2", ".5")] == [-3, 4, -15, 100.0, 0.5]
