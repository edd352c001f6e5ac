"""Several people in one test: what is called inside ``by(name)`` is called by that person."""

from contextlib import AbstractContextManager

from thriftwire.call import Call, Metadata, serving


def by(name: str) -> AbstractContextManager[Call]:
    """Calls made inside are made for ``name``."""
    return serving(Call(metadata=Metadata(persistent={"user": name})))
