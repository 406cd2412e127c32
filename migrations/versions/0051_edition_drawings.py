"""Keep the charts of an edition with it, so that no page has to draw them."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the drawings; the jobs process makes those of editions that are there."""
    with op.batch_alter_table("report_edition") as batch:
        batch.add_column(sa.Column("drawings", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop the drawings."""
    with op.batch_alter_table("report_edition") as batch:
        batch.drop_column("drawings")
