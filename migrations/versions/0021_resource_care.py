"""Say more about resources, follow their life, and index them for search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What was published before reviews had a day is looked at again within a year.
DAYS_UNTIL_REVIEW = 365


def upgrade() -> None:
    """Add the columns and tables; what was published stays so. The index is filled by ``flask resources reindex``."""
    for column in (
        sa.Column("other_languages", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("source_link", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("topics", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("access", sa.JSON(), nullable=False, server_default="[]"),
    ):
        op.add_column("resource", column)
    # SQLite takes a check with a new column, and with nothing else.
    op.execute(
        "ALTER TABLE resource ADD COLUMN minutes INTEGER "
        "CONSTRAINT ck_resource_minutes CHECK (minutes BETWEEN 1 AND 480)"
    )
    op.add_column("resource_file", sa.Column("is_released", sa.Boolean(), nullable=False, server_default=sa.true()))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("resource_file", "size", type_=sa.BigInteger())
    _create_care()
    _create_use()
    _create_index()
    op.execute(
        sa.text(
            "INSERT INTO resource_care (resource_id, status, owner_id, changed_by, changed_at, reviewed_at, review_by, "
            "published_at, remark, link_failures, link_trouble) "
            "SELECT id, CASE WHEN is_published THEN 'published' ELSE 'draft' END, created_by, created_by, created_at, "
            f"created_at, {_day_after('created_at', DAYS_UNTIL_REVIEW)}, created_at, '', 0, '' FROM resource"
        )
    )
    op.drop_column("resource", "search_words")
    op.drop_column("resource", "is_published")


def downgrade() -> None:
    """Take it all away again; only what is published stays so."""
    op.add_column("resource", sa.Column("is_published", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("resource", sa.Column("search_words", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE resource SET search_words = lower(title), is_published = EXISTS (SELECT 1 FROM resource_care "
        "WHERE resource_care.resource_id = resource.id AND resource_care.status = 'published')"
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE resource_fts")
    for table in ("resource_index", "resource_use", "resource_care"):
        op.drop_table(table)
    op.drop_column("resource_file", "is_released")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("resource_file", "size", type_=sa.Integer())
    for column in ("minutes", "access", "skills", "topics", "source_link", "other_languages"):
        op.drop_column("resource", column)


def _create_care() -> None:
    op.create_table(
        "resource_care",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("status", _enum("status", "draft", "waiting", "reviewed", "published", "retired"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column(
            "evidence_class",
            _enum(
                "evidence_class",
                "beneficial",
                "likely_beneficial",
                "possibly_beneficial",
                "more_studies",
                "not_rated",
                "unlikely_or_harmful",
            ),
            nullable=True,
        ),
        sa.Column("warned_for", sa.Date(), nullable=True),
        sa.Column("link_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_failures", sa.Integer(), nullable=False),
        sa.Column("link_trouble", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "status <> 'published' OR review_by IS NOT NULL", name=op.f("ck_resource_care_published_has_review_day")
        ),
        sa.CheckConstraint(
            "status <> 'published' OR reviewed_at IS NOT NULL", name=op.f("ck_resource_care_published_was_reviewed")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_resource_care_resource_id_resource"),
            ondelete="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint([column], ["user.id"], name=op.f(f"fk_resource_care_{column}_user"))
            for column in ("owner_id", "changed_by", "reviewed_by")
        ),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_resource_care")),
    )
    op.create_index(op.f("ix_resource_care_owner_id"), "resource_care", ["owner_id"])
    op.create_index("ix_resource_care_due", "resource_care", ["status", "review_by"])


def _create_use() -> None:
    op.create_table(
        "resource_use",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("moment", _enum("moment", "before", "during", "after"), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_resource_use_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["programme_meeting.id"],
            name=op.f("fk_resource_use_meeting_id_programme_meeting"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("resource_id", "meeting_id", "moment", name=op.f("pk_resource_use")),
    )
    op.create_index(op.f("ix_resource_use_meeting_id"), "resource_use", ["meeting_id"])


def _create_index() -> None:
    op.create_table(
        "resource_index",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("review_day", sa.Integer(), nullable=False),
        sa.Column("published_day", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("facets", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_resource_index_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_resource_index_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_resource_index")),
        sa.UniqueConstraint("resource_id", name=op.f("uq_resource_index_resource_id")),
    )
    op.create_index("ix_resource_index_words", "resource_index", ["words"], postgresql_using="gin")
    if op.get_bind().dialect.name == "sqlite":
        # Words come in folded and stemmed, so the tokenizer has only to split at spaces.
        op.execute(
            "CREATE VIRTUAL TABLE resource_fts USING fts5(title, labels, abstract, rest, "
            "tokenize = 'unicode61 remove_diacritics 2')"
        )


def _day_after(column: str, days: int) -> str:
    if op.get_bind().dialect.name == "postgresql":
        return f"({column} + interval '{days} days')::date"
    return f"date({column}, '+{days} days')"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
