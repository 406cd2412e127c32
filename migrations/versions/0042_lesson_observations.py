"""Keep what teachers saw of meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

ITEMS = ("interest", "participation", "climate", "clarity", "preparation", "usefulness")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "lesson_observation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_meeting_id", sa.Uuid(), nullable=False),
        *(sa.Column(item, _scale(item), nullable=False) for item in ITEMS),
        sa.Column("worked", sa.String(500), nullable=False),
        sa.Column("to_change", sa.String(500), nullable=False),
        sa.Column("observed_by", sa.Uuid(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_meeting_id"],
            ["booking_meeting.id"],
            name="fk_lesson_observation_booking_meeting_id_booking_meeting",
        ),
        sa.ForeignKeyConstraint(["observed_by"], ["user.id"], name="fk_lesson_observation_observed_by_user"),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_observation"),
        sa.UniqueConstraint("booking_meeting_id", name="uq_lesson_observation_booking_meeting_id"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("lesson_observation")


def _scale(name: str) -> sa.Enum:
    return sa.Enum("not", "little", "quite", "very", name=name, native_enum=False, create_constraint=True, length=32)
