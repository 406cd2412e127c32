"""Say of help services in which languages they answer, whose they are, and what the owner says is wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

COLUMNS = (
    ("languages", sa.JSON(), sa.text("'[\"it\"]'")),
    ("owner_name", sa.String(120), ""),
    ("owner_email", sa.String(254), ""),
    ("remark", sa.Text(), ""),
    ("is_kept_here", sa.Boolean(), sa.false()),
)


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("help_service") as batch:
        for name, kind, default in COLUMNS:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=default))
        batch.add_column(sa.Column("asked_on", sa.Date(), nullable=True))
    with op.batch_alter_table("help_service") as batch:
        for name, kind, _default in COLUMNS:
            batch.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("help_service") as batch:
        for name in ("asked_on", *(name for name, _kind, _default in COLUMNS)):
            batch.drop_column(name)
