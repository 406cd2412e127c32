"""Create the tables of blindly signed credentials: a key per class, and which credentials were spent."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "credential_key",
        sa.Column("wave_class_id", sa.Uuid(), nullable=False),
        sa.Column("key_mark", sa.LargeBinary(), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("wave_class_id", name="pk_credential_key"),
        sa.UniqueConstraint("key_mark", name="uq_credential_key_key_mark"),
        sa.ForeignKeyConstraint(
            ["wave_class_id"], ["wave_class.id"], name="fk_credential_key_wave_class_id_wave_class", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "spent_credential",
        sa.Column("credential_hash", sa.LargeBinary(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("credential_hash", name="pk_spent_credential"),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_spent_credential_wave_id_wave", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("spent_credential")
    op.drop_table("credential_key")
