"""Create school time: the year's calendar, closures, bell times, rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KINDS = ("national", "patron", "regional", "trip", "exam", "invalsi", "scrutini", "other")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "school_calendar",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.CheckConstraint("first_day < last_day", name=op.f("ck_school_calendar_days")),
        sa.PrimaryKeyConstraint("id", name="pk_school_calendar"),
        sa.UniqueConstraint("school_year", name="uq_school_calendar_school_year"),
    )
    _create_closures()
    op.create_table(
        "bell_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_bell_period_weekday")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_bell_period_times")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_bell_period_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_bell_period"),
        sa.UniqueConstraint("site_id", "weekday", "number", name="uq_bell_period_site_weekday_number"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("has_projector", sa.Boolean(), nullable=False),
        sa.Column("is_in_use", sa.Boolean(), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 1 AND 2000", name=op.f("ck_room_capacity")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_room_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("site_id", "name", name="uq_room_site_name"),
    )


def _create_closures() -> None:
    op.create_table(
        "school_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "kind", sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("reason", sa.JSON(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=True),
        sa.Column("institute_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("import_key", sa.String(400), nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_school_closure_days")),
        sa.CheckConstraint("municipality_id IS NULL OR institute_id IS NULL", name=op.f("ck_school_closure_one_scope")),
        sa.CheckConstraint(
            "site_id IS NULL OR institute_id IS NOT NULL", name=op.f("ck_school_closure_site_of_institute")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_school_closure_municipality_id_municipality"
        ),
        sa.ForeignKeyConstraint(["institute_id"], ["institute.id"], name="fk_school_closure_institute_id_institute"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_school_closure_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_school_closure"),
        sa.UniqueConstraint("import_key", name="uq_school_closure_import_key"),
    )
    op.create_index("ix_school_closure_year", "school_closure", ["school_year", "first_day"])
    op.create_index("ix_school_closure_institute_id", "school_closure", ["institute_id"])
    op.create_table(
        "closure_class",
        sa.Column("closure_id", sa.Uuid(), nullable=False),
        sa.Column("school_class_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["school_closure.id"], name="fk_closure_class_closure_id_school_closure", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["school_class_id"], ["school_class.id"], name="fk_closure_class_school_class_id_school_class"
        ),
        sa.PrimaryKeyConstraint("closure_id", "school_class_id", name="pk_closure_class"),
    )
    op.create_index("ix_closure_class_school_class_id", "closure_class", ["school_class_id"])


def downgrade() -> None:
    """Drop them, the newest first."""
    for table in ("room", "bell_period", "closure_class", "school_closure", "school_calendar"):
        op.drop_table(table)
