"""Create the table of report runs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UNDER_WAY = sa.text("status IN ('queued', 'running')")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "report_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("file_sha256", sa.String(64), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.String(120), nullable=True),
        sa.Column("problem", sa.String(32), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_report_run"),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user.id"], name="fk_report_run_requested_by_user", ondelete="SET NULL"
        ),
        *_checks(),
    )
    op.create_index(
        "uq_report_run_under_way",
        "report_run",
        ["school_year", "language"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    op.create_index(
        "ix_report_run_waiting",
        "report_run",
        ["requested_at"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "progress": "progress BETWEEN 0 AND 100",
        "done_has_file": "status <> 'done' OR (file_sha256 IS NOT NULL AND file_name IS NOT NULL AND "
        "finished_at IS NOT NULL)",
        "claimed": "status <> 'running' OR (claim IS NOT NULL AND leased_until IS NOT NULL)",
        "status": "status IN ('queued', 'running', 'done', 'failed')",
        "step": "step IN ('waiting', 'collecting', 'drawing', 'laying_out', 'keeping')",
        "problem": "problem IN ('interrupted', 'no_space', 'bug')",
    }
    return [sa.CheckConstraint(rule, name=op.f(f"ck_report_run_{name}")) for name, rule in rules.items()]


def downgrade() -> None:
    """Drop the table."""
    op.drop_index("ix_report_run_waiting", "report_run")
    op.drop_index("uq_report_run_under_way", "report_run")
    op.drop_table("report_run")
