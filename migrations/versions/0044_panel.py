"""Keep the released results of a before and after."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "panel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["wave_pair.id"], name=op.f("fk_panel_pair_id_wave_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
        sa.UniqueConstraint("pair_id", name="uq_panel_pair_id"),
    )
    op.create_index("ix_panel_school_year", "panel", ["school_year"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("panel")
