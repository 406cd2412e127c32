"""Keep who takes part in a programme, who pays for it, and where it stands at the stages of quality."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

PARTS = "'coordinates', 'trains', 'delivers', 'hosts', 'supports', 'evaluates'"
STAGES = (
    "'needs', 'resources', 'formulation', 'design', 'management', 'delivery', 'evaluation', 'dissemination', "
    "'sustainability', 'communication', 'staff', 'ethics'"
)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "programme_partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programme_partner"),
        _to("programme_partner", "programme_id", "programme", ondelete="CASCADE"),
        _to("programme_partner", "organisation_id", "organisation"),
        sa.UniqueConstraint("programme_id", "organisation_id", "part", name="uq_programme_partner_part"),
        sa.CheckConstraint(f"part IN ({PARTS})", name=op.f("ck_programme_partner_part")),
    )
    op.create_table(
        "funding_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_funding_line"),
        _to("funding_line", "payer_id", "organisation"),
        _to("funding_line", "programme_id", "programme"),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_funding_line_amount")),
    )
    op.create_index("ix_funding_line_school_year", "funding_line", ["school_year"])
    op.create_table(
        "programme_stage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_programme_stage"),
        _to("programme_stage", "programme_id", "programme", ondelete="CASCADE"),
        _to("programme_stage", "owner_id", "organisation"),
        sa.UniqueConstraint("programme_id", "stage", name="uq_programme_stage"),
        sa.CheckConstraint(f"stage IN ({STAGES})", name=op.f("ck_programme_stage_stage")),
        sa.CheckConstraint("state IN ('open', 'partly', 'done')", name=op.f("ck_programme_stage_state")),
    )
    op.create_table(
        "stage_document",
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("stage_id", "document_id", name="pk_stage_document"),
        _to("stage_document", "stage_id", "programme_stage", ondelete="CASCADE"),
        _to("stage_document", "document_id", "document"),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("stage_document", "programme_stage"):
        op.drop_table(name)
    op.drop_index("ix_funding_line_school_year", "funding_line")
    for name in ("funding_line", "programme_partner"):
        op.drop_table(name)


def _to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
