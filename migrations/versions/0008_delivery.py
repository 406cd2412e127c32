"""Create the tables of delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the registers, their activities, and the ids under which they were sent."""
    op.create_table(
        "session_register",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_meeting_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outcome", _enum("outcome", "held", "moved", "not_held"), nullable=False),
        sa.Column(
            "reason",
            _enum(
                "reason",
                "facilitator_away",
                "class_away",
                "lesson_took_the_hour",
                "school_closed",
                "room",
                "other",
            ),
            nullable=True,
        ),
        sa.Column("reason_note", sa.String(length=300), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("led_by", _enum("led_by", "facilitator", "teacher", "both", "peers"), nullable=True),
        sa.Column("adaptations", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'held' AND reason IS NULL AND minutes IS NOT NULL AND present IS NOT NULL"
            " AND expected IS NOT NULL AND led_by IS NOT NULL) OR "
            "(outcome <> 'held' AND reason IS NOT NULL AND minutes IS NULL AND present IS NULL"
            " AND expected IS NULL AND led_by IS NULL)",
            name=op.f("ck_session_register_counts_when_held"),
        ),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name=op.f("ck_session_register_minutes")),
        sa.CheckConstraint(
            "1 <= present AND present <= expected AND expected <= 300",
            name=op.f("ck_session_register_present_and_expected"),
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_session_register_revision")),
        sa.ForeignKeyConstraint(
            ["booking_meeting_id"],
            ["booking_meeting.id"],
            name=op.f("fk_session_register_booking_meeting_id_booking_meeting"),
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["user.id"], name=op.f("fk_session_register_recorded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_register")),
        sa.UniqueConstraint("booking_meeting_id", name=op.f("uq_session_register_booking_meeting_id")),
    )
    op.create_table(
        "activity_record",
        sa.Column("register_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("extent", _enum("extent", "full", "part", "not_done"), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["programme_activity.id"],
            name=op.f("fk_activity_record_activity_id_programme_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["session_register.id"],
            name=op.f("fk_activity_record_register_id_session_register"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("register_id", "activity_id", name=op.f("pk_activity_record")),
    )
    op.create_table(
        "register_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("register_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["session_register.id"],
            name=op.f("fk_register_submission_register_id_session_register"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_submission")),
    )
    op.create_index(op.f("ix_register_submission_register_id"), "register_submission", ["register_id"])


def downgrade() -> None:
    """Drop them, the newest first."""
    op.drop_table("register_submission")
    op.drop_table("activity_record")
    op.drop_table("session_register")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
