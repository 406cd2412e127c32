"""Count the releases of a wave, so that of two that are tested at once one is tested again."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count."""
    op.add_column("sealed_wave", sa.Column("releases", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop it, in place: other tables point at this one."""
    op.drop_column("sealed_wave", "releases")
