"""Keep the acts of data protection under which a wave was opened."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

# What was shown for waves that are opened already: the versions in force on their days.
_THOSE_OPENED = """
INSERT INTO wave_act (wave_id, act_id)
SELECT wave.id, protection_act.id FROM wave, protection_act
WHERE wave.status <> 'draft' AND protection_act.starts_on <= wave.closes_on
AND (protection_act.ends_on IS NULL OR protection_act.ends_on >= wave.opens_on)
"""


def upgrade() -> None:
    """Create the table, and fill it for waves that are opened already."""
    op.create_table(
        "wave_act",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["protection_act.id"], name=op.f("fk_wave_act_act_id_protection_act")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_act_wave_id_wave"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("wave_id", "act_id", name=op.f("pk_wave_act")),
    )
    op.execute(_THOSE_OPENED)


def downgrade() -> None:
    """Drop the table: acts are read from a wave's days again."""
    op.drop_table("wave_act")
