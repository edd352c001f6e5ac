"""Tags and folders of prompts, and the trash."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("prompts", sa.Column("tags", sa.Text, nullable=False, server_default="[]"))
    op.add_column("prompts", sa.Column("folder", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "trash",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("deleted_at", sa.String(32), nullable=False),
        sa.Column("deleted_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_trash"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_trash_key"),
    )


def downgrade() -> None:
    op.drop_table("trash")
    op.drop_column("prompts", "folder")
    op.drop_column("prompts", "tags")
