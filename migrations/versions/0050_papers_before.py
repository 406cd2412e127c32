"""Remember how many papers of an edition were there when their making was begun or taken up again."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; editions under way count from nothing."""
    with op.batch_alter_table("report_edition") as batch:
        batch.add_column(sa.Column("papers_before", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the count."""
    with op.batch_alter_table("report_edition") as batch:
        batch.drop_column("papers_before")
