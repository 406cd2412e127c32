"""Keep documents, agreements, acts of data protection, and the steering table with its decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = (
    "table_decision",
    "table_seat",
    "table_meeting",
    "protection_act",
    "agreement_document",
    "agreement_party",
    "agreement",
    "document",
)


def upgrade() -> None:
    """Create the tables, and say of organisations where they are and how to reach them."""
    # Not rebuilt as a batch: other tables point to this one, and SQLite would not let it go.
    place = sa.ForeignKey("municipality.id", name="fk_organisation_municipality_id_municipality")
    op.add_column("organisation", sa.Column("municipality_id", sa.Uuid(), place, nullable=True), inline_references=True)
    op.add_column("organisation", sa.Column("email", sa.String(254), nullable=False, server_default=""))
    op.add_column("organisation", sa.Column("website", sa.String(200), nullable=False, server_default=""))
    op.create_index("uq_organisation_municipality_id", "organisation", ["municipality_id"], unique=True)
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(160), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_sha256", "document", ["sha256"])
    _create_agreements()
    op.create_table(
        "protection_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_protection_act"),
        _to("protection_act", "controller_id", "organisation"),
        _to("protection_act", "partner_id", "organisation"),
        _to("protection_act", "document_id", "document"),
        sa.UniqueConstraint("kind", "title", "version", name="uq_protection_act_kind_title_version"),
        sa.CheckConstraint(
            "kind IN ('joint_controllers', 'processor', 'impact_assessment', 'information', 'records')",
            name=op.f("ck_protection_act_kind"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_protection_act_version")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_protection_act_days")),
        sa.CheckConstraint(
            "kind NOT IN ('joint_controllers', 'processor') OR partner_id IS NOT NULL",
            name=op.f("ck_protection_act_has_partner"),
        ),
        sa.CheckConstraint("partner_id <> controller_id", name=op.f("ck_protection_act_two")),
    )
    _create_table_of_the_network()


def _create_agreements() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
        sa.CheckConstraint("kind IN ('protocol', 'convention', 'network', 'other')", name=op.f("ck_agreement_kind")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_agreement_days")),
    )
    for name, other in (("agreement_party", "organisation"), ("agreement_document", "document")):
        op.create_table(
            name,
            sa.Column("agreement_id", sa.Uuid(), nullable=False),
            sa.Column(f"{other}_id", sa.Uuid(), nullable=False),
            sa.PrimaryKeyConstraint("agreement_id", f"{other}_id", name=f"pk_{name}"),
            _to(name, "agreement_id", "agreement", ondelete="CASCADE"),
            _to(name, f"{other}_id", other),
        )


def _create_table_of_the_network() -> None:
    op.create_table(
        "table_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(160), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("minutes_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_table_meeting"),
        _to("table_meeting", "minutes_id", "document"),
    )
    op.create_table(
        "table_seat",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", "organisation_id", name="pk_table_seat"),
        _to("table_seat", "meeting_id", "table_meeting", ondelete="CASCADE"),
        _to("table_seat", "organisation_id", "organisation"),
    )
    op.create_table(
        "table_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_table_decision"),
        _to("table_decision", "meeting_id", "table_meeting", ondelete="CASCADE"),
        _to("table_decision", "owner_id", "organisation"),
        sa.UniqueConstraint("meeting_id", "position", name="uq_table_decision_position"),
    )
    op.create_index("ix_table_decision_due", "table_decision", ["done_on", "due_on"])


def downgrade() -> None:
    """Drop them."""
    for name in TABLES:
        op.drop_table(name)
    op.drop_index("uq_organisation_municipality_id", "organisation")
    for column in ("website", "email", "municipality_id"):
        op.drop_column("organisation", column)


def _to(table: str, column: str, other: str, *, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=ondelete)
