"""Create the tables of planning: hours of facilitators, runs, and what they propose."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

UNDER_WAY = sa.text("status IN ('queued', 'running')")


def upgrade() -> None:
    """Create the tables."""
    _create_hours()
    _create_run()
    op.create_table(
        "planned_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facilitator_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_planned_meeting"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["planning_run.id"], name="fk_planned_meeting_run_id_planning_run", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name="fk_planned_meeting_booking_id_booking", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["facilitator_id"], ["user.id"], name="fk_planned_meeting_facilitator_id_user"),
        sa.UniqueConstraint("run_id", "booking_id", "number", name="uq_planned_meeting_run_booking_number"),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_planned_meeting_times")),
    )
    op.create_index("ix_planned_meeting_run_starts", "planned_meeting", ["run_id", "starts_at"])
    op.create_index(
        "ix_planned_meeting_untold",
        "planned_meeting",
        ["booking_id"],
        sqlite_where=sa.text("is_told = 0"),
        postgresql_where=sa.text("NOT is_told"),
    )
    op.create_table(
        "unplaced_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unplaced_request"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["planning_run.id"], name="fk_unplaced_request_run_id_planning_run", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name="fk_unplaced_request_booking_id_booking", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("run_id", "booking_id", name="uq_unplaced_request_run_booking"),
    )


def _create_hours() -> None:
    op.create_table(
        "facilitator_availability",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_facilitator_availability"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_facilitator_availability_user_id_user", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "weekday", "starts", name="uq_facilitator_availability_start"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_facilitator_availability_weekday")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_facilitator_availability_times")),
    )
    op.create_table(
        "availability_exception",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_availability_exception"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_availability_exception_user_id_user", ondelete="CASCADE"
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_availability_exception_days")),
        sa.CheckConstraint("(starts IS NULL) = (ends IS NULL)", name=op.f("ck_availability_exception_both_hours")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_availability_exception_times")),
    )
    op.create_index("ix_availability_exception_user", "availability_exception", ["user_id", "first_day"])
    op.create_table(
        "facilitator_terms",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("weekly_cap", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_facilitator_terms"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_facilitator_terms_user_id_user", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["base_id"], ["municipality.id"], name="fk_facilitator_terms_base_id_municipality"),
        sa.CheckConstraint("weekly_cap BETWEEN 1 AND 40", name=op.f("ck_facilitator_terms_weekly_cap")),
    )


def _create_run() -> None:
    whole_numbers = ("progress", "repairs", "asked", "placed", "changed", "trip_minutes", "smallest_share", "attempts")
    rules = {
        "days": "first_day <= last_day",
        "progress": "progress BETWEEN 0 AND 100",
        "seconds": "seconds BETWEEN 1 AND 3600",
        "claimed": "status <> 'running' OR (claim IS NOT NULL AND leased_until IS NOT NULL)",
        "published": "(status = 'published') = (published_at IS NOT NULL)",
        "status": "status IN ('queued', 'running', 'done', 'failed', 'published')",
        "problem": "problem IN ('interrupted', 'bug')",
    }
    op.create_table(
        "planning_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("wants_stop", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in whole_numbers),
        sa.Column("gap", sa.Double(), nullable=True),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(32), nullable=True),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_planning_run"),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user.id"], name="fk_planning_run_requested_by_user", ondelete="SET NULL"
        ),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_planning_run_{name}")) for name, rule in rules.items()),
    )
    for name, columns, unique in (
        ("uq_planning_run_under_way", ["school_year"], True),
        ("ix_planning_run_waiting", ["requested_at"], False),
    ):
        op.create_index(
            name, "planning_run", columns, unique=unique, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY
        )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("unplaced_request")
    op.drop_index("ix_planned_meeting_untold", "planned_meeting")
    op.drop_index("ix_planned_meeting_run_starts", "planned_meeting")
    op.drop_table("planned_meeting")
    op.drop_index("ix_planning_run_waiting", "planning_run")
    op.drop_index("uq_planning_run_under_way", "planning_run")
    op.drop_table("planning_run")
    op.drop_table("facilitator_terms")
    op.drop_index("ix_availability_exception_user", "availability_exception")
    op.drop_table("availability_exception")
    op.drop_table("facilitator_availability")
