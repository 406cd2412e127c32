"""Have PostgreSQL keep no statistics of answers and codes: a sample of values would outlive the rows in its catalogue.

Every row is found by its key, so nothing is planned worse without them. SQLite keeps none that anybody asks for.
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

COLUMNS = {
    "access_code": ("code_hash", "wave_class_id", "is_spent", "receipt_hash"),
    "answer": ("answer_key", "wave_id", "cluster_mark", "answers"),
    "ballot": ("ballot_key", "wave_id", "cluster_mark", "answers"),
    "code_guard": ("class_part_hash", "guess_window", "failures"),
    "credential_key": ("wave_class_id", "key_mark", "private_key"),
    "spent_credential": ("credential_hash", "wave_id"),
}


def upgrade() -> None:
    """Set how many values are sampled to none."""
    _sample(0)


def downgrade() -> None:
    """Set it back to what the server does by itself."""
    _sample(-1)


def _sample(values: int) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {values}")
