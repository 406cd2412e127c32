"""Let editions say which room they need, and plans give each date its room."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; an edition that is there goes on in the class's own classroom."""
    # Plain SQL: SQLite takes a CHECK or a foreign key on an added column only as part of that column.
    op.execute(
        "ALTER TABLE edition ADD COLUMN room_need VARCHAR(32) NOT NULL DEFAULT 'none' "
        "CONSTRAINT ck_edition_room_need CHECK (room_need IN ('none', 'room', 'projector'))"
    )
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(
        f"ALTER TABLE planned_meeting ADD COLUMN room_id {kind} "
        "CONSTRAINT fk_planned_meeting_room_id_room REFERENCES room (id)"
    )


def downgrade() -> None:
    """Drop the columns."""
    op.drop_column("planned_meeting", "room_id")
    op.drop_column("edition", "room_need")
