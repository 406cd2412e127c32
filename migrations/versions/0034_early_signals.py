"""Keep what schools signal, and the alerts that follow."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

KINDS = "'new_product', 'smoking', 'alcohol', 'drugs', 'medicines', 'gambling', 'online', 'incidents', 'distress'"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "early_signal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institute_id", sa.Uuid(), nullable=False),
        sa.Column("municipality_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("message", sa.String(500), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_early_signal"),
        sa.ForeignKeyConstraint(["institute_id"], ["institute.id"], name="fk_early_signal_institute_id_institute"),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name="fk_early_signal_municipality_id_municipality"
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["user.id"], name="fk_early_signal_sent_by_user"),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name="fk_early_signal_decided_by_user"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_early_signal_kind")),
        sa.CheckConstraint("status IN ('waiting', 'accepted', 'refused')", name=op.f("ck_early_signal_status")),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_early_signal_decided")),
    )
    op.create_index("ix_early_signal_week", "early_signal", ["status", "kind", "week"])
    op.create_index("ix_early_signal_institute_id", "early_signal", ["institute_id"])
    op.create_table(
        "early_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("series", sa.String(160), nullable=False),
        sa.Column("kind", sa.String(32), nullable=True),
        sa.Column("planning_area", sa.String(80), nullable=True),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_early_alert"),
        sa.UniqueConstraint("series", "week", name="uq_early_alert_series_week"),
        sa.CheckConstraint("origin IN ('signals', 'survey')", name=op.f("ck_early_alert_origin")),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_early_alert_kind")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("early_alert")
    op.drop_index("ix_early_signal_institute_id", "early_signal")
    op.drop_index("ix_early_signal_week", "early_signal")
    op.drop_table("early_signal")
