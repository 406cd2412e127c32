"""Create the tables of programmes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "programme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("grade_min", sa.Integer(), nullable=False),
        sa.Column("grade_max", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("delivered_by", sa.JSON(), nullable=False),
        sa.Column("dose_source", sa.String(length=500), nullable=False),
        sa.Column("evidence_class", sa.String(32), nullable=False),
        sa.Column("evidence_note", sa.JSON(), nullable=False),
        sa.Column("evidence_source", sa.String(length=500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "1 <= grade_min AND grade_min <= grade_max AND grade_max <= 5",
            name=op.f("ck_programme_grades"),
        ),
        sa.CheckConstraint("method IN ('skills', 'peers', 'talk')", name=op.f("ck_programme_method")),
        sa.CheckConstraint(
            "evidence_class IN ('beneficial', 'likely_beneficial', 'possibly_beneficial', 'more_studies', "
            "'not_rated', 'unlikely_or_harmful')",
            name=op.f("ck_programme_evidence_class"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_programme"),
        sa.UniqueConstraint("slug", name="uq_programme_slug"),
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("group_min", sa.Integer(), nullable=False),
        sa.Column("group_max", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("1 <= group_min AND group_min <= group_max", name=op.f("ck_edition_group_sizes")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name="fk_edition_organisation_id_organisation",
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name="fk_edition_programme_id_programme"),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed')", name=op.f("ck_edition_status")),
        sa.PrimaryKeyConstraint("id", name="pk_edition"),
        sa.UniqueConstraint("programme_id", "school_year", name="uq_edition_programme_id_school_year"),
    )
    op.create_index("ix_edition_organisation_id", "edition", ["organisation_id"])
    op.create_table(
        "programme_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 10 AND 600", name=op.f("ck_programme_meeting_minutes")),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name="fk_programme_meeting_programme_id_programme",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_programme_meeting"),
        sa.UniqueConstraint("programme_id", "number", name="uq_programme_meeting_programme_id_number"),
    )
    op.create_table(
        "programme_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["programme_meeting.id"],
            name="fk_programme_activity_meeting_id_programme_meeting",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_programme_activity"),
        sa.UniqueConstraint("meeting_id", "position", name="uq_programme_activity_meeting_id_position"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("programme_activity")
    op.drop_table("programme_meeting")
    op.drop_index("ix_edition_organisation_id", table_name="edition")
    op.drop_table("edition")
    op.drop_table("programme")
