"""Keep rows of spreadsheets of materials until they are confirmed."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "resource_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name=op.f("fk_resource_import_uploaded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_import")),
    )
    op.create_index(op.f("ix_resource_import_uploaded_at"), "resource_import", ["uploaded_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("resource_import")
