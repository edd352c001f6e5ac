"""The place for the SQL of the library: prompts found by words, folder and tags, and many of them changed at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Row, Select, Text, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from promptwire.api.library import Entry, SearchRequest, Shelf
from promptwire.api.prompt import Content
from promptwire.database import Database
from promptwire.moment import timestamp
from promptwire.person import person
from promptwire.prompt.drafts import shown
from promptwire.prompt.filing import SEPARATOR
from promptwire.prompt.tables import living, prompts, trash, unknown

ORDERS: Final = {
    "edited": prompts.c.updated_at.desc(),
    "created": prompts.c.created_at.desc(),
    "name": func.lower(prompts.c.name),
    "key": func.lower(prompts.c.key),
}
DESCRIBED: Final = ("key", "name", "description", "folder", "tags", "kind", "created_at", "updated_at")
LONGEST_LINE: Final = 200  # characters of the line that is shown of a message


class Shelves(NamedTuple):
    """Where prompts stand, and how many there are in all."""

    folders: list[Shelf]
    tags: list[Shelf]
    kinds: list[Shelf]
    total: int
    trashed: int


class PromptIndex:
    """What is known of every prompt beside its text. Methods raise Failure (not_found)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, sought: SearchRequest) -> tuple[list[Entry], int]:
        """One page of what matches, and how many match in all."""
        words = sought.text.casefold().split()
        chosen = (
            _chosen(sought).where(*(_may_say(word) for word in words)).order_by(ORDERS[sought.order], prompts.c.key)
        )
        async with self._database.reading() as connection:
            if not words:
                total = await connection.scalar(select(func.count()).select_from(chosen.order_by(None).subquery()))
                rows = await connection.execute(chosen.offset(sought.offset).limit(sought.limit))
                return [_entry(row) for row in rows], total or 0
            # A message is kept as JSON, whose own words may match too: what it says is looked at here.
            said = ((row, _found(row, words)) for row in await connection.execute(chosen))
            found = [(row, line) for row, line in said if line is not None]
        page = found[sought.offset : sought.offset + sought.limit]
        return [_entry(row, line) for row, line in page], len(found)

    async def shelves(self) -> Shelves:
        """What there is to choose by, and how many prompts there are outside and inside the trash."""
        async with self._database.reading() as connection:
            chosen = select(prompts.c.folder, prompts.c.tags, prompts.c.kind).where(living(prompts))
            rows = (await connection.execute(chosen)).all()
            trashed = await connection.scalar(select(func.count()).select_from(trash))
        folders = Counter(row.folder for row in rows if row.folder)
        tags = Counter(tag for row in rows for tag in row.tags)
        kinds = Counter(row.kind for row in rows)
        return Shelves(_shelves(folders), _shelves(tags), _shelves(kinds), len(rows), trashed or 0)

    async def change(self, key: str, *, new_text: bool, **values: Any) -> Entry:
        """Describe one prompt anew. ``new_text``: what editors of the prompt show changes, so that they learn of it."""
        if new_text:
            values |= {"about_revision": prompts.c.about_revision + 1, "updated_at": timestamp()}
        async with self._database.transaction() as connection:
            [row] = await _rows(connection, [key])
            if values:
                await connection.execute(update(prompts).where(prompts.c.key == key).values(**values))
                [row] = await _rows(connection, [key])
            return _entry(row)

    async def organise(
        self, keys: Sequence[str], *, folder: str | None, add: Sequence[str], drop: Iterable[str]
    ) -> list[Entry]:
        """Move prompts into a folder, give them tags and take tags away; all of them or, if one is unknown, none."""
        gone = set(drop)
        async with self._database.transaction() as connection:
            rows = await _rows(connection, keys)
            for row in rows:
                tags = [tag for tag in dict.fromkeys([*row.tags, *add]) if tag not in gone]
                values = {"tags": tags, "folder": row.folder if folder is None else folder}
                await connection.execute(update(prompts).where(prompts.c.key == row.key).values(**values))
            return [_entry(row) for row in await _rows(connection, keys)]


def _chosen(sought: SearchRequest) -> Select[Any]:
    """The prompts on the shelves that are asked for."""
    if sought.trashed:
        deleted = (trash.c.deleted_at, trash.c.deleted_by)
        chosen = select(prompts, shown(person()), *deleted).join(trash, trash.c.key == prompts.c.key)
    else:
        chosen = select(prompts, shown(person())).where(living(prompts))
    if sought.kind is not None:
        chosen = chosen.where(prompts.c.kind == sought.kind)
    if sought.folder == "":
        chosen = chosen.where(prompts.c.folder == "")
    elif sought.folder is not None:
        below = prompts.c.folder.startswith(sought.folder + SEPARATOR, autoescape=True)
        chosen = chosen.where(or_(prompts.c.folder == sought.folder, below))
    return chosen.where(and_(True, *(_contains(prompts.c.tags, _as_json(tag)) for tag in sought.tags)))


def _may_say(word: str) -> ColumnElement[bool]:
    """Whether a prompt may hold ``word``: all that do, and some that do not."""
    # No plain column can hold a NUL, or be asked for one.
    plain = () if "\0" in word else (prompts.c[name] for name in ("key", "name", "description", "folder"))
    kept_as_json = (prompts.c.tags, shown(person()))
    return or_(
        *(_contains(column, word) for column in plain),
        *(_contains(column, _as_json(word)[1:-1]) for column in kept_as_json),
    )


def _contains(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return func.lower(column.cast(Text)).like(f"%{escaped}%", escape="\\")


def _as_json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _found(row: Row[Any], words: Sequence[str]) -> str | None:
    """The line of a message that holds one of the words; empty when others do; None when a word is nowhere."""
    described = " ".join([row.key, row.name, row.description, row.folder, *row.tags]).casefold()
    left = [word for word in words if word not in described]
    lines = [line for text in _texts(row.draft) for line in text.splitlines()]
    said = "\n".join(lines).casefold()
    if any(word not in said for word in left):
        return None
    return next((line.strip()[:LONGEST_LINE] for line in lines if left and left[0] in line.casefold()), "")


def _texts(content: Content) -> list[str]:
    """What the messages say."""
    parts = [part.text for message in content.messages for part in message.parts or [] if part.text]
    return [message.content for message in content.messages] + parts


def _entry(row: Row[Any], found: str | None = None) -> Entry:
    values = row._asdict()
    return Entry(
        **{name: values[name] for name in DESCRIBED},
        model=values["draft"].model,
        deleted_at=values.get("deleted_at"),
        deleted_by=values.get("deleted_by"),
        found=found or None,
    )


def _shelves(counted: Counter[str]) -> list[Shelf]:
    return [Shelf(name=name, prompts=counted[name]) for name in sorted(counted, key=lambda it: (it.casefold(), it))]


async def _rows(connection: AsyncConnection, keys: Sequence[str]) -> list[Row[Any]]:
    """The rows of prompts, in the order of their keys; nobody else changes them until the transaction ends."""
    chosen = select(prompts, shown(person())).where(prompts.c.key.in_(keys), living(prompts))
    rows = {row.key: row for row in await connection.execute(chosen.with_for_update(of=prompts))}
    for key in keys:
        if key not in rows:
            raise unknown(key)
    return [rows[key] for key in dict.fromkeys(keys)]
