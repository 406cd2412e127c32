"""Say what kind a room is, and which kind an edition asks for."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_KINDS = "'classroom', 'laboratory', 'gym', 'hall', 'library', 'other'"


def upgrade() -> None:
    """Add the columns; nobody said yet what the rooms are, and no edition asks."""
    # Plain SQL: SQLite takes a CHECK on an added column only as part of that column.
    op.execute(
        "ALTER TABLE room ADD COLUMN kind VARCHAR(32) NOT NULL DEFAULT 'other' "
        f"CONSTRAINT ck_room_kind CHECK (kind IN ({_KINDS}))"
    )
    op.execute(
        "ALTER TABLE edition ADD COLUMN room_kind VARCHAR(32) "
        f"CONSTRAINT ck_edition_room_kind CHECK (room_kind IN ({_KINDS}))"
    )


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("edition", "room_kind")
    op.drop_column("room", "kind")
