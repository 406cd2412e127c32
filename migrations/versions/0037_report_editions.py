"""Keep the editions of the yearly report and their papers."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

CHECKS = {
    "state": "state IN ('draft', 'in_review', 'signed', 'published')",
    "build": "build IN ('none', 'waiting', 'building', 'stopped', 'done', 'failed')",
    "problem": "problem IN ('interrupted', 'no_space', 'bug')",
    "signed": "state IN ('draft', 'in_review') OR (identifier IS NOT NULL AND signed_at IS NOT NULL)",
    "published": "state <> 'published' OR (published_at IS NOT NULL AND build = 'done')",
    "claimed": "build <> 'building' OR (claim IS NOT NULL AND leased_until IS NOT NULL)",
}
KINDS = "kind IN ('impact', 'school', 'mayors', 'annex', 'parents', 'norms')"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "report_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("texts_version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("identifier", sa.String(64), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=True),
        sa.Column("signed_name", sa.String(120), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("build", sa.String(32), nullable=False),
        sa.Column("papers_wanted", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("build_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(32), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_report_edition_{name}")) for name, rule in CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], ["user.id"], name=f"fk_report_edition_{column}_user", ondelete="SET NULL")
            for column in ("created_by", "sent_by", "signed_by")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_report_edition"),
        sa.UniqueConstraint("school_year", "number", name="uq_report_edition_number"),
    )
    not_out, to_build = sa.text("state <> 'published'"), sa.text("build IN ('waiting', 'building')")
    op.create_index(
        "uq_report_edition_under_way",
        "report_edition",
        ["school_year"],
        unique=True,
        sqlite_where=not_out,
        postgresql_where=not_out,
    )
    op.create_index(
        "ix_report_edition_to_build", "report_edition", ["signed_at"], sqlite_where=to_build, postgresql_where=to_build
    )
    op.create_table(
        "report_paper",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("printed", sa.JSON(), nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_report_paper_kind")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["report_edition.id"], name="fk_report_paper_edition_id_report_edition", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition_id", "kind", "language", "scope", name="pk_report_paper"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("report_paper")
    op.drop_table("report_edition")
