"""Let people hold the role of an analyst."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

BEFORE = "role IN ('office', 'coordinator', 'facilitator', 'partner')"
AFTER = "role IN ('office', 'coordinator', 'facilitator', 'partner', 'analyst')"


def upgrade() -> None:
    """Widen the list of roles."""
    with op.batch_alter_table("user_role") as batch:
        batch.drop_constraint(op.f("ck_user_role_role"), type_="check")
        batch.create_check_constraint(op.f("ck_user_role_role"), AFTER)


def downgrade() -> None:
    """Take the role from everybody and narrow the list again."""
    op.execute(sa.text("DELETE FROM user_role WHERE role = 'analyst'"))
    with op.batch_alter_table("user_role") as batch:
        batch.drop_constraint(op.f("ck_user_role_role"), type_="check")
        batch.create_check_constraint(op.f("ck_user_role_role"), BEFORE)
