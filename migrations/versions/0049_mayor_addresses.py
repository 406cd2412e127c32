"""Keep where papers for mayors and planning areas go."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    # Not as a batch: SQLite cannot rebuild a table that others point to, with its checks at the columns.
    op.add_column("municipality", sa.Column("mayor_email", sa.String(254), nullable=False, server_default=""))
    op.create_table(
        "planning_area_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planning_area_contact")),
        sa.UniqueConstraint("name", name="uq_planning_area_contact_name"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("planning_area_contact")
    op.drop_column("municipality", "mayor_email")
