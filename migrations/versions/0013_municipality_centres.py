"""Give municipalities a centre point, and the office a table of travel times."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty, and the table."""
    # As SQL with its checks at the columns: SQLite cannot add a constraint to a table, nor rebuild one that others
    # point to.
    double = sa.Double().compile(op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE municipality ADD COLUMN latitude {double} "
        "CONSTRAINT ck_municipality_latitude CHECK (latitude BETWEEN -90 AND 90)"
    )
    op.execute(
        f"ALTER TABLE municipality ADD COLUMN longitude {double} CONSTRAINT ck_municipality_longitude "
        "CHECK (longitude BETWEEN -180 AND 180 AND (latitude IS NULL) = (longitude IS NULL))"
    )
    op.create_table(
        "travel_time",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_travel_time"),
        sa.ForeignKeyConstraint(["first_id"], ["municipality.id"], name="fk_travel_time_first_id_municipality"),
        sa.ForeignKeyConstraint(["second_id"], ["municipality.id"], name="fk_travel_time_second_id_municipality"),
        sa.UniqueConstraint("first_id", "second_id", name="uq_travel_time_pair"),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_travel_time_in_order")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_travel_time_minutes")),
    )


def downgrade() -> None:
    """Drop the table and the columns."""
    op.drop_table("travel_time")
    op.execute("ALTER TABLE municipality DROP COLUMN longitude")
    op.execute("ALTER TABLE municipality DROP COLUMN latitude")
