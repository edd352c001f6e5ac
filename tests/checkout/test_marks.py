"""Two edits between marks: each can be had back, and nobody takes them for a prompt."""

from hypothesis import given
from hypothesis import strategies as st

from promptwire.checkout.marks import BETWEEN, HERE, THERE, has_marks, marked

texts = st.lists(st.sampled_from(["a", "b", "c", ""])).map(lambda lines: "".join(f"{line}\n" for line in lines))


def side(text: str, *, here: bool) -> str:
    kept: list[str] = []
    taking: bool | None = None
    for line in text.splitlines(keepends=True):
        if line.startswith((HERE, THERE)) or line == f"{BETWEEN}\n":
            taking = True if line.startswith(HERE) else False if line.startswith(BETWEEN) else None
        elif taking in (None, here):
            kept.append(line)
    return "".join(kept)


@given(texts, texts)
def test_both_sides_are_in_it(here: str, there: str) -> None:
    text = marked(here, there, "version 2")
    assert (side(text, here=True), side(text, here=False)) == (here, there)
    assert has_marks(text) == (here != there)


def test_a_prompt_about_merging_is_no_conflict() -> None:
    assert not has_marks("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> branch\n")
