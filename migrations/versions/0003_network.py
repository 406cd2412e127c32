"""Create municipalities, organisations and help services."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "municipality",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("istat_code", sa.String(6), nullable=False),
        sa.Column("cadastral_code", sa.String(4), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("planning_area", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_municipality"),
        sa.UniqueConstraint("istat_code", name="uq_municipality_istat_code"),
        sa.UniqueConstraint("cadastral_code", name="uq_municipality_cadastral_code"),
        sa.CheckConstraint("length(istat_code) = 6", name=op.f("ck_municipality_istat_code_length")),
        sa.CheckConstraint("length(cadastral_code) = 4", name=op.f("ck_municipality_cadastral_code_length")),
        sa.CheckConstraint("population >= 0", name=op.f("ck_municipality_population_not_negative")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("name", name="uq_organisation_name"),
        sa.CheckConstraint(
            "kind IN ('education_office', 'municipality', 'health_authority', 'hospital_trust', 'third_sector',"
            " 'other')",
            name=op.f("ck_organisation_kind"),
        ),
    )
    op.create_table(
        "help_service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("url", sa.String(200), nullable=True),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("reach", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_help_service"),
        sa.UniqueConstraint("code", name="uq_help_service_code"),
        sa.CheckConstraint(
            "kind IN ('emergency', 'listening', 'addiction', 'health', 'violence')",
            name=op.f("ck_help_service_kind"),
        ),
        sa.CheckConstraint("scope IN ('national', 'local')", name=op.f("ck_help_service_scope")),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("help_service")
    op.drop_table("organisation")
    op.drop_table("municipality")
