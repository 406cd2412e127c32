"""Remember the daily runs of tasks, when dates changed, and how early an edition reminds."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Rows from before: as if unchanged since they were booked.
LONG_AGO = sa.text("'2000-01-01 00:00:00+00'")


def upgrade() -> None:
    """Create the tables and the column."""
    op.create_table(
        "daily_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_daily_run"),
        sa.UniqueConstraint("task", "day", name="uq_daily_run_task_day"),
    )
    op.create_table(
        "edition_reminder",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("edition_id", name="pk_edition_reminder"),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_reminder_edition_id_edition", ondelete="CASCADE"
        ),
        sa.CheckConstraint("days BETWEEN 0 AND 60", name=op.f("ck_edition_reminder_days")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column(
        "booking_meeting",
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("'2000-01-01 00:00:00.000000'") if is_sqlite else LONG_AGO,
        ),
    )
    op.execute(
        "UPDATE booking_meeting SET changed_at ="
        " (SELECT booked_at FROM booking WHERE booking.id = booking_meeting.booking_id)"
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("booking_meeting", "changed_at")
    op.drop_table("edition_reminder")
    op.drop_table("daily_run")
