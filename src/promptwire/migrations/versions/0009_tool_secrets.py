"""Secrets that tools' headers name."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "tool_secrets",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("hosts", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tool_secrets"),
    )
