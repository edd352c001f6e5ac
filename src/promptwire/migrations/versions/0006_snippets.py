"""Kinds of prompts, and the versions of snippets a commit was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("prompts", sa.Column("kind", sa.String(20), nullable=False, server_default="chat"))
    op.add_column("commits", sa.Column("snippets", sa.Text))


def downgrade() -> None:
    op.drop_column("commits", "snippets")
    op.drop_column("prompts", "kind")
