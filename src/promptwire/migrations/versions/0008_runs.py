"""Records of runs, and the spans of their traces."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("prompt", sa.String(100), nullable=True),
        sa.Column("version", sa.Text, nullable=True),
        sa.Column("label", sa.Text, nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=False),
        sa.Column("duration_ms", sa.Float, nullable=True),
        sa.Column("ttft_ms", sa.Float, nullable=True),
        sa.Column("finish_reason", sa.String(20), nullable=True),
        sa.Column("model", sa.Text, nullable=True),
        sa.Column("usage", sa.Text, nullable=True),
        sa.Column("cost", sa.Float, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("replay_of", sa.String(100), nullable=True),
        sa.Column("attempts", sa.Text, nullable=True),
        sa.Column("excerpt", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=True),
        sa.Column("content", sa.Text, nullable=True),
        sa.Column("messages", sa.Text, nullable=True),
        sa.Column("answer", sa.Text, nullable=True),
        sa.Column("cut", sa.Text, nullable=False),
        sa.Column("writer", sa.String(32), nullable=False),
        sa.Column("alive_until", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_started_at_id", "runs", ["started_at", "id"])
    op.create_index("ix_runs_prompt_started_at_id", "runs", ["prompt", "started_at", "id"])
    op.create_index("ix_runs_trace_id", "runs", ["trace_id"])
    op.create_index("ix_runs_status", "runs", ["status"])
    op.create_table(
        "spans",
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("parent_id", sa.String(16), nullable=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("duration_us", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "id", name="pk_spans"),
    )
    op.create_index("ix_spans_started_us", "spans", ["started_us"])


def downgrade() -> None:
    op.drop_table("spans")
    op.drop_table("runs")
