"""Keep which pieces of a file on its way have come."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "resource_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("size", number, nullable=False),
        sa.Column("received", number, nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 1", name=op.f("ck_resource_upload_size")),
        sa.CheckConstraint("received BETWEEN 0 AND size", name=op.f("ck_resource_upload_received")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name=op.f("fk_resource_upload_uploaded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_upload")),
    )
    op.create_index(op.f("ix_resource_upload_touched_at"), "resource_upload", ["touched_at"])
    op.create_index(op.f("ix_resource_upload_uploaded_by"), "resource_upload", ["uploaded_by"])
    op.create_table(
        "resource_upload_piece",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", number, nullable=False),
        sa.Column("part", sa.String(length=65), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["resource_upload.id"],
            name=op.f("fk_resource_upload_piece_upload_id_resource_upload"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_resource_upload_piece")),
        sa.UniqueConstraint("part", name=op.f("uq_resource_upload_piece_part")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("resource_upload_piece")
    op.drop_table("resource_upload")
