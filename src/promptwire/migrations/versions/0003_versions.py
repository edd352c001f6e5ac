"""Versions of prompts: commits, branches, labels and the history of labels."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "commits",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("version", sa.String(50), nullable=False),
        sa.Column("branch", sa.String(50), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("parents", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name="pk_commits"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_commits_key"),
        sa.UniqueConstraint("key", "version", name="uq_commits_key_version"),
    )
    op.create_table(
        "branches",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("head", sa.String(50), nullable=False),
        sa.PrimaryKeyConstraint("key", "name", name="pk_branches"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_branches_key"),
    )
    op.create_table(
        "labels",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("version", sa.String(50), nullable=False),
        sa.Column("moved_at", sa.String(32), nullable=False),
        sa.Column("moved_by", sa.Text, nullable=False),
        sa.Column("keepers", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", "name", name="pk_labels"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_labels_key"),
    )
    op.create_table(
        "label_moves",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("before", sa.String(50), nullable=True),
        sa.Column("after", sa.String(50), nullable=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_label_moves"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_label_moves_key"),
    )
    op.create_index("ix_label_moves_key", "label_moves", ["key"])


def downgrade() -> None:
    op.drop_table("label_moves")
    op.drop_table("labels")
    op.drop_table("branches")
    op.drop_table("commits")
