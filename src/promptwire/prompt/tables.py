"""The tables of the prompt service: prompts, a draft of each for each person, versions, branches and labels."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    select,
)

from promptwire.api.prompt import Content
from promptwire.database import Encoded, Question, metadata
from promptwire.errors import Failure
from promptwire.person import LONGEST

MAIN: Final = "main"


def _key() -> Column[str]:
    return Column("key", String(100), ForeignKey("prompts.key"), primary_key=True)


prompts = Table(
    "prompts",
    metadata,
    Column("key", String(100), primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("about_revision", BigInteger, nullable=False),  # of name and description
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("tags", Encoded(list[str]), nullable=False, server_default="[]"),
    Column("folder", Text, nullable=False, server_default=""),
    Column("kind", String(20), nullable=False, server_default="chat"),
)
trash = Table(
    "trash",
    metadata,
    _key(),
    Column("deleted_at", String(32), nullable=False),
    Column("deleted_by", Text, nullable=False),
)
"""The prompts that were deleted. Their rows, drafts and versions stay; whoever asks for them finds nothing."""

drafts = Table(
    "drafts",
    metadata,
    _key(),
    Column("person", String(LONGEST), primary_key=True),
    Column("content", Encoded(Content), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("base", String(50)),  # the version it was made from
    Column("origin", Encoded(Content)),  # what it was made from when that was no version
    Column("modified", Boolean, nullable=False),  # it says something its base does not
    Column("edited_at", String(32), nullable=False),
)
commits = Table(
    "commits",
    metadata,
    _key(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", String(50), nullable=False),
    Column("branch", String(50), nullable=False),
    Column("message", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("parents", Encoded(list[str]), nullable=False),
    Column("content", Encoded(Content), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("snippets", Encoded(dict[str, str])),
    UniqueConstraint("key", "version"),
)
branches = Table(
    "branches",
    metadata,
    _key(),
    Column("name", String(50), primary_key=True),
    Column("head", String(50), nullable=False),
)
labels = Table(
    "labels",
    metadata,
    _key(),
    Column("name", String(50), primary_key=True),
    Column("version", String(50), nullable=False),
    Column("moved_at", String(32), nullable=False),
    Column("moved_by", Text, nullable=False),
    Column("keepers", Encoded(list[str]), nullable=False),
)
label_moves = Table(
    "label_moves",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(100), ForeignKey("prompts.key"), nullable=False, index=True),
    Column("name", String(50), nullable=False),
    Column("before", String(50)),
    Column("after", String(50)),
    Column("person", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(32), nullable=False),
)


def living(table: Table) -> ColumnElement[bool]:
    """The rows of ``table``, which has the keys of prompts, whose prompt is not in the trash."""
    return table.c.key.not_in(select(trash.c.key))


def unknown(key: str) -> Failure:
    """The failure of a call that names a prompt nobody wrote."""
    return Failure("not_found", f"no prompt with the key {key!r}")


KNOWN: Final = Question(select(prompts.c.key).where(prompts.c.key == bindparam("key"), living(prompts)))


def known(connection: Connection, key: str) -> None:
    """Raises Failure (not_found) when nobody wrote the prompt, or it is in the trash."""
    if KNOWN.ask(connection, key=key) is None:
        raise unknown(key)
