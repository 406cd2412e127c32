"""Give dated places, and the dates of bookings, the room in which they take place."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = ("slot", "booking_meeting")


def upgrade() -> None:
    """Add the columns."""
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    for table in TABLES:
        # Plain SQL: SQLite takes a column with its foreign key only in this form without copying the table.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN room_id {kind} CONSTRAINT fk_{table}_room_id_room REFERENCES room (id)"
        )
        op.create_index(f"ix_{table}_room_id", table, ["room_id"])


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_room_id", table_name=table)
        op.drop_column(table, "room_id")
