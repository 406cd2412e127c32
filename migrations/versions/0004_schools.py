"""Create the school register: institutes, sites, enrolments, classes, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_institute()
    _create_site()
    _create_enrolment()
    _create_school_class()
    _create_imports()


def _create_institute() -> None:
    op.create_table(
        "institute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=True),
        sa.Column("is_state", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_institute"),
        sa.UniqueConstraint("code", name="uq_institute_code"),
        sa.CheckConstraint("length(code) = 10", name=op.f("ck_institute_code_length")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_institute_municipality_id_municipality"
        ),
    )
    op.create_index("ix_institute_municipality_id", "institute", ["municipality_id"])


def _create_site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("institute_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("address", sa.String(120), nullable=True),
        sa.Column("postcode", sa.String(5), nullable=True),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("type_description", sa.String(80), nullable=False),
        sa.Column("track", sa.String(32), nullable=True),
        sa.Column("email", sa.String(120), nullable=True),
        sa.Column("website", sa.String(200), nullable=True),
        sa.Column("is_state", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.UniqueConstraint("code", name="uq_site_code"),
        sa.CheckConstraint("length(code) = 10", name=op.f("ck_site_code_length")),
        sa.CheckConstraint("first_seen <= last_seen", name=op.f("ck_site_seen_in_order")),
        sa.CheckConstraint(
            "level IN ('infanzia', 'primaria', 'primo_grado', 'secondo_grado', 'istituto', 'adulti')",
            name=op.f("ck_site_level"),
        ),
        sa.CheckConstraint("track IN ('liceo', 'tecnico', 'professionale')", name=op.f("ck_site_track")),
        sa.ForeignKeyConstraint(["institute_id"], ["institute.id"], name="fk_site_institute_id_institute"),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name="fk_site_municipality_id_municipality"),
    )
    op.create_index("ix_site_institute_id", "site", ["institute_id"])
    op.create_index("ix_site_municipality_id", "site", ["municipality_id"])


def _create_enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
        sa.UniqueConstraint("code", "school_year", name="uq_enrolment_code_school_year"),
        sa.CheckConstraint("pupils >= 0", name=op.f("ck_enrolment_pupils_not_negative")),
        sa.CheckConstraint("(pupils IS NULL) = is_low", name=op.f("ck_enrolment_low_has_no_number")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_enrolment_site_id_site"),
    )
    op.create_index("ix_enrolment_site_id", "enrolment", ["site_id", "school_year"])


def _create_school_class() -> None:
    op.create_table(
        "school_class",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(12), nullable=False),
        sa.Column("label", sa.String(24), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_school_class"),
        sa.UniqueConstraint("site_id", "school_year", "grade", "section", name="uq_school_class_name"),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_school_class_grade_range")),
        sa.CheckConstraint("pupils BETWEEN 1 AND 60", name=op.f("ck_school_class_pupils_range")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_school_class_site_id_site"),
    )
    op.create_index("ix_school_class_cohort_id", "school_class", ["cohort_id"])


def _create_imports() -> None:
    op.create_table(
        "register_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(160), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_import"),
    )
    op.create_index("ix_register_import_imported_at", "register_import", ["imported_at"])
    op.create_table(
        "register_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("provinces", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_register_upload"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("register_upload", "register_import", "school_class", "enrolment", "site", "institute"):
        op.drop_table(table)
