"""Let a report fail because the survey results that it was made from were corrected in the meantime."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TABLES = ("report_run", "report_edition")


def upgrade() -> None:
    """Allow the new reason."""
    _allow("'interrupted', 'no_space', 'bug', 'results_changed'")


def downgrade() -> None:
    """Forget the new reason: what failed for it is said to have failed for an unknown one."""
    for table in TABLES:
        op.execute(f"UPDATE {table} SET problem = 'bug' WHERE problem = 'results_changed'")
    _allow("'interrupted', 'no_space', 'bug'")


def _allow(reasons: str) -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_problem"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_problem"), f"problem IN ({reasons})")
