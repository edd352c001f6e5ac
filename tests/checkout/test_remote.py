"""What is said of a prompt beside its content."""

from promptwire.api.prompt import Content
from promptwire.checkout.remote import There, about
from promptwire.files.plain import fingerprint
from promptwire.files.prompt_file import Document


def test_only_what_says_something_and_no_content() -> None:
    document = Document(key="k", name="N", tags=["t"], content=Content(model="m"))
    assert about(document) == {"name": "N", "tags": ["t"]}
    assert There(document, "1").about == about(document)
    assert There(document, "1").hash == fingerprint(Content(model="m"))
