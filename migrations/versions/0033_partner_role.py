"""Let people hold the role of a partner of the network, for an organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BEFORE = "role IN ('office', 'coordinator', 'facilitator')"
AFTER = "role IN ('office', 'coordinator', 'facilitator', 'partner')"
HAS_ORGANISATION = "role <> 'partner' OR organisation_id IS NOT NULL"


def upgrade() -> None:
    """Widen the list of roles."""
    with op.batch_alter_table("user_role") as batch:
        batch.drop_constraint(op.f("ck_user_role_role"), type_="check")
        batch.create_check_constraint(op.f("ck_user_role_role"), AFTER)
        batch.create_check_constraint(op.f("ck_user_role_partner_has_organisation"), HAS_ORGANISATION)


def downgrade() -> None:
    """Take the role from everybody and narrow the list again."""
    op.execute(sa.text("DELETE FROM user_role WHERE role = 'partner'"))
    with op.batch_alter_table("user_role") as batch:
        batch.drop_constraint(op.f("ck_user_role_partner_has_organisation"), type_="check")
        batch.drop_constraint(op.f("ck_user_role_role"), type_="check")
        batch.create_check_constraint(op.f("ck_user_role_role"), BEFORE)
