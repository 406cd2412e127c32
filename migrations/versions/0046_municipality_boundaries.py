"""Keep the boundaries of municipalities, with the file that they come from."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "boundary_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("licence", sa.String(length=80), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source <> ''", name=op.f("ck_boundary_file_source_said")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boundary_file")),
    )
    op.create_table(
        "municipality_boundary",
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("shape", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality_id"],
            ["municipality.id"],
            name=op.f("fk_municipality_boundary_municipality_id_municipality"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["boundary_file.id"], name=op.f("fk_municipality_boundary_file_id_boundary_file")
        ),
        sa.PrimaryKeyConstraint("municipality_id", name=op.f("pk_municipality_boundary")),
    )
    op.create_index(op.f("ix_municipality_boundary_file_id"), "municipality_boundary", ["file_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("municipality_boundary")
    op.drop_table("boundary_file")
