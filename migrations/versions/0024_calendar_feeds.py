"""Create the table of calendar feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("renewed_by", sa.Uuid(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_feed"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_calendar_feed_kind_subject"),
        sa.UniqueConstraint("key_id", name="uq_calendar_feed_key_id"),
        sa.CheckConstraint("kind IN ('person', 'facilitator', 'institute')", name=op.f("ck_calendar_feed_kind")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("calendar_feed")
