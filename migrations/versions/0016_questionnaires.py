"""Create the tables of the item bank, translations, instruments, wave pairs, session waves and opt-outs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = (
    "family_opt_out",
    "session_wave",
    "paired_wave",
    "wave_pair_secret",
    "wave_pair",
    "instrument_text",
    "interface_translation",
    "questionnaire_translation",
    "bank_item",
    "questionnaire_draft",
)


def upgrade() -> None:
    """Create the tables."""
    _create_items()
    _create_texts()
    _create_pairs()
    _create_session_wave()
    _create_family_opt_out()


def _create_items() -> None:
    op.create_table(
        "questionnaire_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_questionnaire_draft_revision")),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire_draft"),
        sa.UniqueConstraint("code", name="uq_questionnaire_draft_code"),
    )
    op.create_table(
        "bank_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_bank_item_version")),
        sa.PrimaryKeyConstraint("id", name="pk_bank_item"),
        sa.UniqueConstraint("code", "version", name="uq_bank_item_code_version"),
    )


def _create_texts() -> None:
    op.create_table(
        "questionnaire_translation",
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"],
            ["questionnaire.id"],
            name="fk_questionnaire_translation_questionnaire_id_questionnaire",
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "language", name="pk_questionnaire_translation"),
    )
    op.create_table(
        "interface_translation",
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("language", name="pk_interface_translation"),
    )
    op.create_table(
        "instrument_text",
        sa.Column("instrument", sa.String(40), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("licence", sa.String(300), nullable=False),
        sa.Column("loaded_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("instrument", name="pk_instrument_text"),
    )


def _create_pairs() -> None:
    op.create_table(
        "wave_pair",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("is_linked", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("key_destroyed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_wave_pair"),
    )
    op.create_table(
        "wave_pair_secret",
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("element_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["wave_pair.id"], name="fk_wave_pair_secret_pair_id_wave_pair", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pair_id", name="pk_wave_pair_secret"),
    )
    op.create_table(
        "paired_wave",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("pair_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.CheckConstraint("stage IN ('pre', 'post')", name=op.f("ck_paired_wave_stage")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_paired_wave_wave_id_wave", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pair_id"], ["wave_pair.id"], name="fk_paired_wave_pair_id_wave_pair"),
        sa.PrimaryKeyConstraint("wave_id", name="pk_paired_wave"),
        sa.UniqueConstraint("pair_id", "stage", name="uq_paired_wave_pair_stage"),
    )


def _create_session_wave() -> None:
    op.create_table(
        "session_wave",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.CheckConstraint("purpose IN ('feedback', 'post')", name=op.f("ck_session_wave_purpose")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_session_wave_wave_id_wave", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["booking_meeting.id"], name="fk_session_wave_meeting_id_booking_meeting"
        ),
        sa.PrimaryKeyConstraint("wave_id", name="pk_session_wave"),
        sa.UniqueConstraint("meeting_id", "purpose", name="uq_session_wave_meeting_purpose"),
    )


def _create_family_opt_out() -> None:
    op.create_table(
        "family_opt_out",
        sa.Column("wave_class_id", sa.Uuid(), nullable=False),
        sa.Column("families", sa.Integer(), nullable=False),
        sa.CheckConstraint("families >= 0", name=op.f("ck_family_opt_out_families")),
        sa.ForeignKeyConstraint(
            ["wave_class_id"], ["wave_class.id"], name="fk_family_opt_out_wave_class_id_wave_class", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wave_class_id", name="pk_family_opt_out"),
    )


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
