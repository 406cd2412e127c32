"""Let the ledger hold the crossings of the open-data cube."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

KNOWN = "'all', 'sex', 'level', 'grade', 'track', 'school', 'sex_grade', 'municipality'"
BEFORE = f"dimension IN ({KNOWN})"
AFTER = f"dimension IN ({KNOWN}, 'cube')"


def upgrade() -> None:
    """Widen the list of dimensions."""
    with op.batch_alter_table("published_table") as batch:
        batch.drop_constraint(op.f("ck_published_table_dimension"), type_="check")
        batch.create_check_constraint(op.f("ck_published_table_dimension"), AFTER)


def downgrade() -> None:
    """Take the crossings out and narrow the list again."""
    op.execute(sa.text("DELETE FROM published_table WHERE dimension = 'cube'"))
    with op.batch_alter_table("published_table") as batch:
        batch.drop_constraint(op.f("ck_published_table_dimension"), type_="check")
        batch.create_check_constraint(op.f("ck_published_table_dimension"), BEFORE)
