"""Keep translated words by the set that they belong to, so that papers can be translated like the pupils' pages."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the words of the pupils' pages into the table of all sets."""
    op.create_table(
        "word_translation",
        sa.Column("word_set", sa.String(20), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("word_set", "language", name="pk_word_translation"),
    )
    op.execute(
        "INSERT INTO word_translation (word_set, language, texts, is_approved)"
        " SELECT 'pages', language, texts, is_approved FROM interface_translation"
    )
    op.drop_table("interface_translation")


def downgrade() -> None:
    """Keep the words of the pupils' pages alone, as before; those of papers are lost."""
    op.create_table(
        "interface_translation",
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("is_approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("language", name="pk_interface_translation"),
    )
    op.execute(
        "INSERT INTO interface_translation (language, texts, is_approved)"
        " SELECT language, texts, is_approved FROM word_translation WHERE word_set = 'pages'"
    )
    op.drop_table("word_translation")
