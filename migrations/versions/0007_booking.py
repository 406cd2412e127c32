"""Create the tables of booking."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("facilitator_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("places_taken", sa.Integer(), nullable=False),
        sa.Column("books_from", sa.Date(), nullable=True),
        sa.Column("books_until", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.CheckConstraint("0 <= places_taken AND places_taken <= places", name=op.f("ck_slot_places")),
        sa.CheckConstraint(
            "books_from IS NULL OR books_from <= books_until",
            name=op.f("ck_slot_booking_days"),
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_slot_edition_id_edition"),
        sa.ForeignKeyConstraint(["facilitator_id"], ["user.id"], name="fk_slot_facilitator_id_user"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_slot_site_id_site"),
        sa.CheckConstraint("status IN ('open', 'cancelled')", name=op.f("ck_slot_status")),
        sa.PrimaryKeyConstraint("id", name="pk_slot"),
    )
    op.create_index("ix_slot_edition_id", "slot", ["edition_id"])
    op.create_index("ix_slot_facilitator_id", "slot", ["facilitator_id"])
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=True),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("school_class_id", sa.Uuid(), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("special_needs", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("chosen_despite_evidence", sa.Boolean(), nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("adults >= 0", name=op.f("ck_booking_adults")),
        sa.CheckConstraint("pupils >= 1", name=op.f("ck_booking_pupils")),
        sa.ForeignKeyConstraint(["booked_by"], ["user.id"], name="fk_booking_booked_by_user"),
        sa.ForeignKeyConstraint(["cancelled_by"], ["user.id"], name="fk_booking_cancelled_by_user"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_booking_edition_id_edition"),
        sa.ForeignKeyConstraint(
            ["school_class_id"],
            ["school_class.id"],
            name="fk_booking_school_class_id_school_class",
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name="fk_booking_slot_id_slot"),
        sa.CheckConstraint("status IN ('confirmed', 'cancelled')", name=op.f("ck_booking_status")),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
    )
    op.create_index("ix_booking_school_class_id", "booking", ["school_class_id"])
    op.create_index("ix_booking_slot_id", "booking", ["slot_id"])
    op.create_index(
        "uq_booking_confirmed_edition_class",
        "booking",
        ["edition_id", "school_class_id"],
        unique=True,
        sqlite_where=sa.text("status = 'confirmed'"),
        postgresql_where=sa.text("status = 'confirmed'"),
    )
    op.create_table(
        "slot_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_slot_meeting_times")),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot.id"],
            name="fk_slot_meeting_slot_id_slot",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_slot_meeting"),
        sa.UniqueConstraint("slot_id", "number", name="uq_slot_meeting_slot_number"),
    )
    op.create_index("ix_slot_meeting_first", "slot_meeting", ["number", "starts_at"])
    op.create_table(
        "booking_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("programme_meeting_id", sa.Uuid(), nullable=True),
        sa.Column("facilitator_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_meeting_times")),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name="fk_booking_meeting_booking_id_booking",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["facilitator_id"],
            ["user.id"],
            name="fk_booking_meeting_facilitator_id_user",
        ),
        sa.ForeignKeyConstraint(
            ["programme_meeting_id"],
            ["programme_meeting.id"],
            name="fk_booking_meeting_programme_meeting_id_programme_meeting",
        ),
        sa.CheckConstraint("status IN ('planned', 'cancelled')", name=op.f("ck_booking_meeting_status")),
        sa.PrimaryKeyConstraint("id", name="pk_booking_meeting"),
        sa.UniqueConstraint("booking_id", "number", name="uq_booking_meeting_booking_number"),
    )
    op.create_index(
        "ix_booking_meeting_facilitator",
        "booking_meeting",
        ["facilitator_id", "starts_at"],
    )
    op.create_index("ix_booking_meeting_starts_at", "booking_meeting", ["starts_at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_booking_meeting_starts_at", table_name="booking_meeting")
    op.drop_index("ix_booking_meeting_facilitator", table_name="booking_meeting")
    op.drop_table("booking_meeting")
    op.drop_index("ix_slot_meeting_first", table_name="slot_meeting")
    op.drop_table("slot_meeting")
    op.drop_index("uq_booking_confirmed_edition_class", table_name="booking")
    op.drop_index("ix_booking_slot_id", table_name="booking")
    op.drop_index("ix_booking_school_class_id", table_name="booking")
    op.drop_table("booking")
    op.drop_index("ix_slot_facilitator_id", table_name="slot")
    op.drop_index("ix_slot_edition_id", table_name="slot")
    op.drop_table("slot")
