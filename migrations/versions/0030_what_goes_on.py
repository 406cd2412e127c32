"""Keep which codes and classes go on as which, and what was carried into a school year."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and write down what the generations of classes say already."""
    op.create_table(
        "site_succession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("old_code", sa.String(10), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(old_code) = 10", name=op.f("ck_site_succession_code_length")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_site_succession_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_site_succession"),
        sa.UniqueConstraint("old_code", name="uq_site_succession_old_code"),
    )
    op.create_index("ix_site_succession_site_id", "site_succession", ["site_id"])
    op.create_table(
        "class_lineage",
        sa.Column("from_class_id", sa.Uuid(), nullable=False),
        sa.Column("to_class_id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], ["school_class.id"], name=f"fk_class_lineage_{column}_school_class", ondelete="CASCADE"
            )
            for column in ("from_class_id", "to_class_id")
        ),
        sa.PrimaryKeyConstraint("from_class_id", "to_class_id", name="pk_class_lineage"),
    )
    op.create_index("ix_class_lineage_to_class_id", "class_lineage", ["to_class_id"])
    op.create_table(
        "class_forwarding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("created", sa.JSON(), nullable=False),
        sa.Column("relinked", sa.JSON(), nullable=False),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_class_forwarding_site_id_site"),
        sa.PrimaryKeyConstraint("id", name="pk_class_forwarding"),
        sa.UniqueConstraint("site_id", "school_year", name="uq_class_forwarding_site_year"),
    )
    op.execute(
        "INSERT INTO class_lineage (from_class_id, to_class_id)"
        " SELECT earlier.id, later.id FROM school_class AS earlier JOIN school_class AS later"
        " ON later.cohort_id = earlier.cohort_id AND later.school_year = earlier.school_year + 1"
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("class_forwarding", "class_lineage", "site_succession"):
        op.drop_table(table)
