"""Create the tables of resources."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the library: resources, the grades they are for, the versions of their files."""
    op.create_table(
        "resource",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            _enum("kind", "lesson_plan", "activity", "slides", "video", "letter", "poster", "manual", "other"),
            nullable=False,
        ),
        sa.Column(
            "language",
            _enum("language", "it", "en", "fr", "es", "ro", "sq", "uk", "ar", "pa", "zh"),
            nullable=False,
        ),
        sa.Column(
            "licence",
            _enum(
                "licence",
                "cc0",
                "cc_by",
                "cc_by_sa",
                "cc_by_nd",
                "cc_by_nc",
                "cc_by_nc_sa",
                "cc_by_nc_nd",
                "reserved",
            ),
            nullable=False,
        ),
        sa.Column("authors", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("search_words", sa.Text(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_resource_created_by_user")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_resource_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
    )
    op.create_index(op.f("ix_resource_programme_id"), "resource", ["programme_id"])
    op.create_table(
        "resource_grade",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column(
            "level",
            _enum("level", "infanzia", "primaria", "primo_grado", "secondo_grado", "istituto", "adulti"),
            nullable=False,
        ),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_resource_grade_grade")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_resource_grade_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource_id", "level", "grade", name=op.f("pk_resource_grade")),
    )
    op.create_table(
        "resource_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_resource_file_version")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_resource_file_size")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_resource_file_sha256")),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"], name=op.f("fk_resource_file_resource_id_resource")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name=op.f("fk_resource_file_uploaded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_file")),
        sa.UniqueConstraint("resource_id", "version", name=op.f("uq_resource_file_resource_version")),
    )


def downgrade() -> None:
    """Drop them, the newest first."""
    op.drop_table("resource_file")
    op.drop_table("resource_grade")
    op.drop_table("resource")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
