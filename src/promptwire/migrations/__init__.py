"""The place for the database's history: one chain of Alembic revisions, applied by `promptwire.database`."""
