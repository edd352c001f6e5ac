"""Saved inputs of prompts, and which one each person goes on with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "inputs",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("values", sa.Text, nullable=False),
        sa.Column("messages", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key", "id", name="pk_inputs"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_inputs_key"),
        sa.UniqueConstraint("key", "owner", "name", name="uq_inputs_key_owner_name"),
    )
    op.create_table(
        "input_marks",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key", "person", name="pk_input_marks"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_input_marks_key"),
    )


def downgrade() -> None:
    op.drop_table("input_marks")
    op.drop_table("inputs")
