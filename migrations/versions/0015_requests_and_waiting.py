"""Let bookings be requested and declined, count places by date, hold them, and let classes wait for them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OLD_STATES = "status IN ('confirmed', 'cancelled')"
NEW_STATES = "status IN ('requested', 'confirmed', 'declined', 'cancelled')"
STANDING = "status IN ('requested', 'confirmed')"
WAITING = "status IN ('waiting', 'offered')"


def upgrade() -> None:
    """Add the columns and tables; what is booked keeps its place on each of its slot's dates."""
    _replace_states(OLD_STATES, NEW_STATES)
    _index_one_per_edition("uq_booking_confirmed_edition_class", "uq_booking_standing_edition_class", STANDING)
    _add_columns()
    _fill_columns()
    op.create_index("ix_booking_meeting_slot_meeting_id", "booking_meeting", ["slot_meeting_id"])
    _create_wishes()
    _create_holds()
    _create_waiting_classes()


def downgrade() -> None:
    """Take it all back; what was never confirmed counts as called off."""
    op.drop_table("waiting_class")
    op.drop_table("slot_hold")
    op.drop_table("booking_wish")
    op.drop_index("ix_booking_meeting_slot_meeting_id", table_name="booking_meeting")
    _drop_columns()
    op.execute("UPDATE booking SET status = 'cancelled' WHERE status IN ('requested', 'declined')")
    _index_one_per_edition(
        "uq_booking_standing_edition_class", "uq_booking_confirmed_edition_class", "status = 'confirmed'"
    )
    _replace_states(NEW_STATES, OLD_STATES)


def _replace_states(old: str, new: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE booking DROP CONSTRAINT ck_booking_status")
        op.execute(f"ALTER TABLE booking ADD CONSTRAINT ck_booking_status CHECK ({new})")
        return
    # SQLite cannot change a CHECK, and to make the table anew would take the rows with it that hang on it. This is
    # its documented way (https://www.sqlite.org/lang_altertable.html, section 7, last part): no row is touched.
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'booking'", (old, new)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")


def _index_one_per_edition(old: str, new: str, where: str) -> None:
    op.drop_index(old, table_name="booking")
    condition = sa.text(where)
    op.create_index(
        new,
        "booking",
        ["edition_id", "school_class_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


# Table, column, and what follows its name; written out, because SQLite takes a CHECK or a reference on an added
# column only as part of that column. {id} is the type of ids, {moment} that of moments.
COLUMNS = (
    (
        "slot",
        "counted_by",
        (
            "VARCHAR(32) NOT NULL DEFAULT 'classes' "
            "CONSTRAINT ck_slot_counted_by CHECK (counted_by IN ('classes', 'heads'))"
        ),
    ),
    ("slot", "dates_to_take", "INTEGER CONSTRAINT ck_slot_dates_to_take CHECK (dates_to_take >= 1)"),
    ("slot_meeting", "places", "INTEGER NOT NULL DEFAULT 1"),
    (
        "slot_meeting",
        "places_taken",
        (
            "INTEGER NOT NULL DEFAULT 0 CONSTRAINT ck_slot_meeting_places "
            "CHECK (0 <= places_taken AND places_taken <= places)"
        ),
    ),
    (
        "slot_meeting",
        "status",
        (
            "VARCHAR(32) NOT NULL DEFAULT 'planned' CONSTRAINT ck_slot_meeting_status "
            "CHECK (status IN ('planned', 'cancelled'))"
        ),
    ),
    ("booking", "places", "INTEGER NOT NULL DEFAULT 0"),
    ("booking", "decided_by", '{id} CONSTRAINT fk_booking_decided_by_user REFERENCES "user" (id)'),
    ("booking", "decided_at", "{moment}"),
    ("booking", "decision_message", "VARCHAR(500) NOT NULL DEFAULT ''"),
    (
        "booking_meeting",
        "slot_meeting_id",
        "{id} CONSTRAINT fk_booking_meeting_slot_meeting_id_slot_meeting REFERENCES slot_meeting (id)",
    ),
)


def _add_columns() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    types = (
        {"id": "UUID", "moment": "TIMESTAMP WITH TIME ZONE"}
        if is_postgresql
        else {"id": "CHAR(32)", "moment": "DATETIME"}
    )
    for table, column, definition in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition.format(**types)}")


def _drop_columns() -> None:
    for table, column, _definition in reversed(COLUMNS):
        op.drop_column(table, column)


def _fill_columns() -> None:
    # First the places, then what is taken of them: the CHECK holds in between.
    op.execute("UPDATE slot_meeting SET places = (SELECT places FROM slot WHERE slot.id = slot_meeting.slot_id)")
    op.execute(
        "UPDATE slot_meeting SET places_taken = (SELECT places_taken FROM slot WHERE slot.id = slot_meeting.slot_id)"
    )
    op.execute("UPDATE booking SET places = 1 WHERE slot_id IS NOT NULL")
    op.execute(
        "UPDATE booking_meeting SET slot_meeting_id = (SELECT slot_meeting.id FROM slot_meeting "
        "JOIN booking ON booking.slot_id = slot_meeting.slot_id "
        "WHERE booking.id = booking_meeting.booking_id AND slot_meeting.number = booking_meeting.number)"
    )


def _create_wishes() -> None:
    op.create_table(
        "booking_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("earliest", sa.Time(), nullable=True),
        sa.Column("latest", sa.Time(), nullable=True),
        sa.Column("weeks_to_avoid", sa.JSON(), nullable=False),
        sa.Column("facilitator_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("earliest < latest", name=op.f("ck_booking_wish_hours")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name="fk_booking_wish_booking_id_booking", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["facilitator_id"], ["user.id"], name="fk_booking_wish_facilitator_id_user"),
        sa.PrimaryKeyConstraint("id", name="pk_booking_wish"),
        sa.UniqueConstraint("booking_id", name="uq_booking_wish_booking_id"),
    )


def _create_holds() -> None:
    op.create_table(
        "slot_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_meeting_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("places >= 1", name=op.f("ck_slot_hold_places")),
        sa.ForeignKeyConstraint(
            ["slot_meeting_id"],
            ["slot_meeting.id"],
            name="fk_slot_hold_slot_meeting_id_slot_meeting",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_slot_hold_user_id_user", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_slot_hold"),
        sa.UniqueConstraint("slot_meeting_id", "user_id", name="uq_slot_hold_date_user"),
    )
    op.create_index("ix_slot_hold_user_id", "slot_hold", ["user_id"])


def _create_waiting_classes() -> None:
    op.create_table(
        "waiting_class",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("school_class_id", sa.Uuid(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("special_needs", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("joined_by", sa.Uuid(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skips", sa.JSON(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("pupils >= 1", name=op.f("ck_waiting_class_pupils")),
        sa.CheckConstraint("adults >= 0", name=op.f("ck_waiting_class_adults")),
        sa.CheckConstraint("places >= 1", name=op.f("ck_waiting_class_places")),
        sa.CheckConstraint(
            "(status = 'offered') = (offer_expires_at IS NOT NULL)", name=op.f("ck_waiting_class_offer_has_end")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'offered', 'booked', 'withdrawn', 'expired', 'closed')",
            name=op.f("ck_waiting_class_status"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name="fk_waiting_class_booking_id_booking"),
        sa.ForeignKeyConstraint(["joined_by"], ["user.id"], name="fk_waiting_class_joined_by_user"),
        sa.ForeignKeyConstraint(
            ["school_class_id"], ["school_class.id"], name="fk_waiting_class_school_class_id_school_class"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_waiting_class_slot_id_slot"),
        sa.PrimaryKeyConstraint("id", name="pk_waiting_class"),
    )
    condition = sa.text(WAITING)
    op.create_index(
        "uq_waiting_class_standing_slot_class",
        "waiting_class",
        ["slot_id", "school_class_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.create_index("ix_waiting_class_status", "waiting_class", ["status", "offer_expires_at"])
