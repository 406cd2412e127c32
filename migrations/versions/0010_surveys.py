"""Create the tables of surveys."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables. The three that touch an answer have no rowid on SQLite: it would keep their order."""
    _create_questionnaire()
    _create_wave()
    _create_wave_secret()
    _create_wave_class()
    _create_access_code()
    _create_code_guard()
    _create_boxes()
    _create_class_report()


def _create_questionnaire() -> None:
    op.create_table(
        "questionnaire",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_questionnaire"),
        sa.UniqueConstraint("code", "version", name="uq_questionnaire_code_version"),
    )


def _create_wave() -> None:
    op.create_table(
        "wave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.CheckConstraint("mode IN ('monitoring', 'feedback', 'pre_post')", name=op.f("ck_wave_mode")),
        sa.CheckConstraint("status IN ('draft', 'open', 'closed', 'sealed')", name=op.f("ck_wave_status")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_wave_window")),
        sa.ForeignKeyConstraint(
            ["questionnaire_id"], ["questionnaire.id"], name="fk_wave_questionnaire_id_questionnaire"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave"),
    )
    op.create_index("ix_wave_school_year", "wave", ["school_year"])


def _create_wave_secret() -> None:
    op.create_table(
        "wave_secret",
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("code_key", sa.LargeBinary(), nullable=False),
        sa.Column("cluster_key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_wave_secret_wave_id_wave", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("wave_id", name="pk_wave_secret"),
    )


def _create_wave_class() -> None:
    op.create_table(
        "wave_class",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("school_class_id", sa.Uuid(), nullable=False),
        sa.Column("codes_made", sa.Integer(), nullable=False),
        sa.Column("class_part_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("codes_made >= 0", name=op.f("ck_wave_class_codes_made")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name="fk_wave_class_wave_id_wave", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["school_class_id"], ["school_class.id"], name="fk_wave_class_school_class_id_school_class"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wave_class"),
        sa.UniqueConstraint("wave_id", "school_class_id", name="uq_wave_class_wave_class"),
        sa.UniqueConstraint("class_part_hash", name="uq_wave_class_class_part_hash"),
    )
    op.create_index("ix_wave_class_school_class_id", "wave_class", ["school_class_id"])


def _create_access_code() -> None:
    op.create_table(
        "access_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("wave_class_id", sa.Uuid(), nullable=False),
        sa.Column("is_spent", sa.Boolean(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["wave_class_id"],
            ["wave_class.id"],
            name="fk_access_code_wave_class_id_wave_class",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name="pk_access_code"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_access_code_wave_class_id", "access_code", ["wave_class_id"])


def _create_code_guard() -> None:
    op.create_table(
        "code_guard",
        sa.Column("class_part_hash", sa.LargeBinary(), nullable=False),
        sa.Column("guess_window", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_code_guard_failures")),
        sa.PrimaryKeyConstraint("class_part_hash", name="pk_code_guard"),
    )


def _create_boxes() -> None:
    for table in ("ballot", "answer"):
        op.create_table(
            table,
            sa.Column(f"{table}_key", sa.Uuid(), nullable=False),
            sa.Column("wave_id", sa.Uuid(), nullable=False),
            sa.Column("cluster_mark", sa.LargeBinary(), nullable=False),
            sa.Column("answers", sa.JSON(), nullable=False),
            sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=f"fk_{table}_wave_id_wave"),
            sa.PrimaryKeyConstraint(f"{table}_key", name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )


def _create_class_report() -> None:
    op.create_table(
        "class_report",
        sa.Column("wave_class_id", sa.Uuid(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("disturbed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "enrolled >= 0 AND present >= 0 AND absent >= 0 AND refused >= 0",
            name=op.f("ck_class_report_not_negative"),
        ),
        sa.CheckConstraint("present + absent <= enrolled", name=op.f("ck_class_report_pupils_add_up")),
        sa.CheckConstraint("refused <= present", name=op.f("ck_class_report_refused_were_present")),
        sa.ForeignKeyConstraint(
            ["wave_class_id"],
            ["wave_class.id"],
            name="fk_class_report_wave_class_id_wave_class",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("wave_class_id", name="pk_class_report"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "class_report",
        "answer",
        "ballot",
        "code_guard",
        "access_code",
        "wave_class",
        "wave_secret",
        "wave",
        "questionnaire",
    ):
        op.drop_table(table)
