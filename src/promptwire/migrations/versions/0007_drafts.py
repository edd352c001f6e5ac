"""A draft for each person. What was the one draft of a prompt is nobody's, made from the newest main version."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

CARRY = """
INSERT INTO drafts (key, person, content, revision, base, origin, modified, edited_at)
SELECT prompts.key, '', prompts.draft, prompts.revision, branches.head, NULL,
       CASE WHEN commits.content = prompts.draft THEN false ELSE true END, prompts.updated_at
FROM prompts
LEFT JOIN branches ON branches.key = prompts.key AND branches.name = 'main'
LEFT JOIN commits ON commits.key = prompts.key AND commits.version = branches.head
"""
BACK = """
UPDATE prompts SET draft = coalesce(
    (SELECT content FROM drafts WHERE drafts.key = prompts.key ORDER BY edited_at DESC LIMIT 1), '{}')
"""


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("person", sa.String(100), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("base", sa.String(50), nullable=True),
        sa.Column("origin", sa.Text, nullable=True),
        sa.Column("modified", sa.Boolean, nullable=False),
        sa.Column("edited_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("key", "person", name="pk_drafts"),
        sa.ForeignKeyConstraint(["key"], ["prompts.key"], name="fk_drafts_key"),
    )
    op.execute(CARRY)
    op.execute("ALTER TABLE prompts DROP COLUMN draft")
    op.execute("ALTER TABLE prompts RENAME COLUMN revision TO about_revision")


def downgrade() -> None:
    op.execute("ALTER TABLE prompts RENAME COLUMN about_revision TO revision")
    op.execute("ALTER TABLE prompts ADD COLUMN draft TEXT NOT NULL DEFAULT '{}'")
    op.execute(BACK)
    op.drop_table("drafts")
