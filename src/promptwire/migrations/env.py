"""Where Alembic is told which connection and which tables to work on."""

from alembic import context

from promptwire.database import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
context.run_migrations()
