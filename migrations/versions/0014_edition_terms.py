"""Give editions the terms on which classes book them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# Written out, because SQLite takes a CHECK on an added column only as part of that column.
COLUMNS = (
    (
        "booking_mode VARCHAR(32) NOT NULL DEFAULT 'dates' "
        "CONSTRAINT ck_edition_booking_mode CHECK (booking_mode IN ('dates', 'requests', 'both'))"
    ),
    "acceptance_text VARCHAR(500) NOT NULL DEFAULT ''",
    "quota_per_school INTEGER CONSTRAINT ck_edition_quota_per_school CHECK (quota_per_school >= 1)",
    "spacing_days INTEGER NOT NULL DEFAULT 7",
    (
        "spacing_tolerance INTEGER NOT NULL DEFAULT 3 CONSTRAINT ck_edition_spacing "
        "CHECK (0 <= spacing_tolerance AND spacing_tolerance <= spacing_days AND spacing_days <= 60)"
    ),
    (
        "venue VARCHAR(32) NOT NULL DEFAULT 'at_school' "
        "CONSTRAINT ck_edition_venue CHECK (venue IN ('at_school', 'elsewhere'))"
    ),
)


def upgrade() -> None:
    """Add the columns; editions that are there keep taking bookings of dates that stand at once."""
    for column in COLUMNS:
        op.execute(f"ALTER TABLE edition ADD COLUMN {column}")
    op.add_column("edition", sa.Column("auto_accept", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("edition", sa.Column("languages", sa.JSON(), nullable=False, server_default='["it"]'))
    op.add_column("edition", sa.Column("needs", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Drop the columns."""
    for name in ("needs", "languages", "auto_accept"):
        op.drop_column("edition", name)
    for name in (column.split()[0] for column in reversed(COLUMNS)):
        op.drop_column("edition", name)
