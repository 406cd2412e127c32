"""Remember when a missing register was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "register_chase",
        sa.Column("booking_meeting_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage BETWEEN 1 AND 3", name=op.f("ck_register_chase_stage")),
        sa.ForeignKeyConstraint(
            ["booking_meeting_id"],
            ["booking_meeting.id"],
            name="fk_register_chase_booking_meeting_id_booking_meeting",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("booking_meeting_id", "meeting_starts_at", "stage", name="pk_register_chase"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("register_chase")
