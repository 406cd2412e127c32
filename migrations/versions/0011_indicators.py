"""Create the tables of indicators."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sealed_wave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("wave_name", sa.String(120), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("sealed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_sealed_wave_wave_id_wave"),
        sa.PrimaryKeyConstraint("id", name="pk_sealed_wave"),
        sa.UniqueConstraint("wave_id", name="uq_sealed_wave_wave_id"),
        sa.UniqueConstraint("file_name", name="uq_sealed_wave_file_name"),
    )
    op.create_index("ix_sealed_wave_school_year", "sealed_wave", ["school_year"])
    op.create_table(
        "published_table",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.String(16), nullable=False),
        sa.Column("dimension", sa.String(32), nullable=False),
        sa.Column("audience", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.CheckConstraint("audience IN ('district', 'school')", name=op.f("ck_published_table_audience")),
        sa.CheckConstraint(
            "dimension IN ('all', 'sex', 'level', 'grade', 'track', 'school')",
            name=op.f("ck_published_table_dimension"),
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["sealed_wave.wave_id"], name="fk_published_table_wave_id_sealed_wave"),
        sa.PrimaryKeyConstraint("id", name="pk_published_table"),
        sa.UniqueConstraint("wave_id", "indicator_id", "dimension", "audience", name="uq_published_table_what"),
    )
    op.create_index("ix_published_table_school_year_audience", "published_table", ["school_year", "audience"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("published_table")
    op.drop_table("sealed_wave")
