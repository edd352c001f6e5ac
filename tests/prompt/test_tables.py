"""What every table of the prompt service needs: a moment, a key that is there, and drafts that a migration keeps."""

from __future__ import annotations

from pathlib import Path

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from promptwire.api.message import Message
from promptwire.api.prompt import Content
from promptwire.database import MIGRATIONS, Database
from promptwire.prompt.history import History
from promptwire.prompt.store import PromptStore
from promptwire.prompt.tables import unknown


def says(text: str) -> Content:
    return Content(messages=[Message(role="user", content=text)])


def test_a_prompt_nobody_wrote_is_not_found() -> None:
    assert unknown("k").class_ == "not_found"


async def test_the_one_draft_of_a_prompt_is_carried_over(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/promptwire.db")

    def before(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        draft = {"d": msgspec.json.encode(says("typed")).decode()}
        prompt = "INSERT INTO prompts VALUES (:k, 'N', '', :d, 7, '2026-01-01T', '2026-01-02T')"
        for key in ("new", "old"):
            connection.execute(sa.text(prompt), {"k": key, **draft})
        made = "INSERT INTO commits VALUES ('old', 1, '1.0.0', 'main', '', '', '[]', :d, '2026-01-01T')"
        connection.execute(sa.text(made), draft)
        connection.execute(sa.text("INSERT INTO branches VALUES ('old', 'main', '1.0.0')"))

    async with database.transaction() as connection:
        await connection.run_sync(before)
    await database.migrate()
    new, old = [await PromptStore(database).prompt(key) for key in ("new", "old")]
    assert (new.draft, new.revision, new.base, new.modified) == (says("typed"), 7, None, True)
    assert (old.draft, old.revision, old.base, old.modified) == (says("typed"), 7, "1.0.0", False)
    assert (old.name, old.person, old.updated_at) == ("N", "", "2026-01-02T")
    released = await History(database).floating("old")
    assert released is not None
    assert released.content == says("typed")
    await database.close()
