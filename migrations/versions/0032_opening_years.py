"""Keep the schools that an edition counts on, and what opening a school year made."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "edition_school",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name="fk_edition_school_edition_id_edition", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_edition_school_site_id_site"),
        sa.PrimaryKeyConstraint("edition_id", "site_id", name="pk_edition_school"),
    )
    op.create_index("ix_edition_school_site_id", "edition_school", ["site_id"])
    op.create_table(
        "year_opening",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("editions", sa.JSON(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_year_opening"),
    )
    op.create_index("ix_year_opening_school_year", "year_opening", ["school_year"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("year_opening")
    op.drop_table("edition_school")
