"""Keep what readers say of resources and look for, and kits for meetings."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

LEVELS = ("infanzia", "primaria", "primo_grado", "secondo_grado", "istituto", "adulti")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "resource_feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", _enum("outcome", "worked", "partly", "did_not"), nullable=False),
        sa.Column("level", _enum("level", *LEVELS), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=1000), nullable=False),
        sa.Column("state", _enum("state", "waiting", "shown", "hidden"), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_resource_feedback_grade")),
        _to_resource("resource_feedback"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_resource_feedback_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_feedback")),
        sa.UniqueConstraint("resource_id", "user_id", name="uq_resource_feedback_person"),
    )
    op.create_index("ix_resource_feedback_state", "resource_feedback", ["state", "given_on"])
    op.create_table(
        "resource_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=1000), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_resource_wish_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_wish")),
    )
    op.create_index("ix_resource_wish_open", "resource_wish", ["is_done", "wished_on"])
    op.create_table(
        "resource_kit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("intro", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_resource_kit_programme_id_programme")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["programme_meeting.id"],
            name=op.f("fk_resource_kit_meeting_id_programme_meeting"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_kit")),
    )
    op.create_index(op.f("ix_resource_kit_programme_id"), "resource_kit", ["programme_id"])
    op.create_table(
        "resource_kit_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kit_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("moment", _enum("moment", "before", "during", "after"), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"],
            ["resource_kit.id"],
            name=op.f("fk_resource_kit_item_kit_id_resource_kit"),
            ondelete="CASCADE",
        ),
        _to_resource("resource_kit_item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_kit_item")),
        sa.UniqueConstraint("kit_id", "position", name="uq_resource_kit_item_position"),
    )
    op.create_index(op.f("ix_resource_kit_item_resource_id"), "resource_kit_item", ["resource_id"])


def downgrade() -> None:
    """Drop them, the newest first."""
    for table in ("resource_kit_item", "resource_kit", "resource_wish", "resource_feedback"):
        op.drop_table(table)


def _to_resource(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["resource_id"], ["resource.id"], name=op.f(f"fk_{table}_resource_id_resource"), ondelete="CASCADE"
    )


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
