"""The place for the SQL of drafts: what each person has written of each prompt, and what they begin with.

Everything here works on the connection of its caller: `Database.read`, or `run_sync` inside a transaction.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, insert, select, type_coerce, update

from promptwire.api.prompt import Content, Drafted
from promptwire.database import Encoded, Question
from promptwire.errors import Failure
from promptwire.moment import timestamp
from promptwire.prompt.tables import MAIN, branches, commits, drafts, prompts


class Draft(NamedTuple):
    """What a person has written (``revision`` 0: not yet, it is what they begin with), and what of."""

    content: Content
    revision: int = 0
    base: str | None = None
    origin: Content | None = None
    modified: bool = False


class Edit(NamedTuple):
    """A draft to be kept. ``revision`` is the one it was made on; None: on any.

    ``moved``: it is made from ``base`` now, or from ``origin`` when that is no version; else from what it was.
    """

    content: Content
    revision: int | None = None
    base: str | None = None
    origin: Content | None = None
    moved: bool = False


def own(connection: Connection, key: str, person: str) -> Draft | None:
    """What a person has written; None when that is nothing yet."""
    row = _OWN.ask(connection, key=key, person=person)
    return None if row is None else _draft(row)


def current(connection: Connection, key: str, person: str) -> Draft:
    """What a person has written, or begins with: the newest main version, else the newest draft of anybody."""
    if (mine := own(connection, key, person)) is not None:
        return mine
    if (row := _HEAD.ask(connection, key=key)) is not None:
        return Draft(row.content, base=row.version)
    row = _NEWEST.ask(connection, key=key)
    return Draft(Content()) if row is None else _borrowed(row)


def every(connection: Connection, person: str) -> dict[str, Draft]:
    """`current` of each prompt."""
    written = select(drafts.c.key).where(drafts.c.person == person)
    heads = _heads().where(branches.c.key.not_in(written))
    begun = select(branches.c.key).where(branches.c.name == MAIN)
    others = select(drafts).where(drafts.c.key.not_in(written), drafts.c.key.not_in(begun))
    found = {row.key: _borrowed(row) for row in connection.execute(others.order_by(drafts.c.edited_at))}
    found |= {row.key: Draft(row.content, base=row.version) for row in connection.execute(heads)}
    mine = select(drafts).where(drafts.c.person == person)
    return found | {row.key: _draft(row) for row in connection.execute(mine)}


def shown(person: str) -> ColumnElement[Content]:
    """The content of `current` beside a row of ``prompts``, as a column called ``draft``."""
    of_prompt = select(drafts.c.content).where(drafts.c.key == prompts.c.key).correlate(prompts)
    mine = of_prompt.where(drafts.c.person == person).scalar_subquery()
    head = _heads().with_only_columns(commits.c.content).where(branches.c.key == prompts.c.key).correlate(prompts)
    newest = of_prompt.order_by(drafts.c.edited_at.desc()).limit(1).scalar_subquery()
    return type_coerce(func.coalesce(mine, head.scalar_subquery(), newest), Encoded(Content)).label("draft")


def others(connection: Connection, key: str, person: str) -> list[Drafted]:
    """Who else has a draft, the last edited first."""
    columns = [drafts.c[name] for name in Drafted.__struct_fields__]
    chosen = select(*columns).where(drafts.c.key == key, drafts.c.person != person)
    rows = connection.execute(chosen.order_by(drafts.c.edited_at.desc()))
    return [Drafted(**row._asdict()) for row in rows]


def keep(connection: Connection, key: str, person: str, edit: Edit) -> None:
    """Keep an edit. Raises Failure: conflict when it is of another revision than the one kept, not_found for a base."""
    was = current(connection, key, person)
    if edit.revision is not None and edit.revision != was.revision:
        said = f"it is at revision {was.revision}, the edit was of {edit.revision}"
        raise Failure("conflict", f"the draft has moved on: {said}")
    base = edit.base if edit.moved else was.base
    kept = was.origin if was.revision and not edit.moved else edit.origin
    origin = kept if base is None else None
    beginning = origin if base is None else _content(connection, key, base)
    values = {
        "content": edit.content,
        "revision": was.revision + 1,
        "base": base,
        "origin": origin,
        "modified": beginning is None or not _same(beginning, edit.content),
        "edited_at": timestamp(),
    }
    if was.revision:
        connection.execute(update(drafts).where(_at(key, person)).values(**values))
    else:
        connection.execute(insert(drafts).values(key=key, person=person, **values))


def settle(connection: Connection, key: str, person: str, content: Content, version: str) -> None:
    """A person's draft is now of ``version``, when it says what was committed as that."""
    mine = own(connection, key, person)
    if mine is not None and _same(mine.content, content):
        values = {"base": version, "origin": None, "modified": False}
        connection.execute(update(drafts).where(_at(key, person)).values(**values))


def _at(key: Any, person: Any) -> Any:
    return (drafts.c.key == key) & (drafts.c.person == person)


def _heads() -> Select[*tuple[Any, ...]]:
    """The newest version of each main branch."""
    at = (commits.c.key == branches.c.key) & (commits.c.version == branches.c.head)
    chosen = select(branches.c.key, commits.c.version, commits.c.content)
    return chosen.select_from(branches.join(commits, at)).where(branches.c.name == MAIN)


_OWN: Final = Question(select(drafts).where(_at(bindparam("key"), bindparam("person"))))
_HEAD: Final = Question(_heads().where(branches.c.key == bindparam("key")))
_NEWEST: Final = Question(
    select(drafts).where(drafts.c.key == bindparam("key")).order_by(drafts.c.edited_at.desc()).limit(1)
)


def _content(connection: Connection, key: str, version: str) -> Content:
    chosen = select(commits.c.content).where(commits.c.key == key, commits.c.version == version)
    content: Content | None = connection.scalar(chosen)
    if content is None:
        raise Failure("not_found", f"{key!r} has no version {version!r}")
    return content


def _draft(row: Row[Any]) -> Draft:
    return Draft(**{name: getattr(row, name) for name in Draft._fields})


def _borrowed(row: Row[Any]) -> Draft:
    """Somebody's draft as another person begins with it."""
    return Draft(row.content, base=row.base, origin=row.content if row.base is None else None)


def _same(one: Content, other: Content) -> bool:
    return msgspec.json.encode(one) == msgspec.json.encode(other)
