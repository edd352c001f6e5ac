"""Rows that govern models (providers, models, limits, budgets, rule sets), and what was spent."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "rows",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_rows"),
    )
    op.create_index("ix_rows_revision", "rows", ["revision"])
    op.create_table(
        "spending",
        sa.Column("bucket", sa.String(400), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("spent", sa.Float, nullable=False),
        sa.Column("reserved", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "period", name="pk_spending"),
    )
    op.create_table(
        "spending_reservations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("bucket", sa.String(400), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("amount", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", "bucket", name="pk_spending_reservations"),
    )
    op.create_index("ix_spending_reservations_expires_at", "spending_reservations", ["expires_at"])


def downgrade() -> None:
    op.drop_table("spending_reservations")
    op.drop_table("spending")
    op.drop_table("rows")
