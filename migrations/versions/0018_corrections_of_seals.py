"""Let a seal take the place of an earlier one, and a published table say which seal and which selection it is of."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BEFORE = "dimension IN ('all', 'sex', 'level', 'grade', 'track', 'school')"
AFTER = "dimension IN ('all', 'sex', 'level', 'grade', 'track', 'school', 'sex_grade', 'municipality')"


def upgrade() -> None:
    """Add what names the earlier seal, the requests for corrections, and the seal of each table."""
    with op.batch_alter_table("published_table") as batch:
        batch.add_column(sa.Column("seal_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("selection", sa.String(1000), nullable=False, server_default=""))
        batch.drop_constraint("fk_published_table_wave_id_sealed_wave", type_="foreignkey")
        batch.drop_constraint("uq_published_table_what", type_="unique")
        batch.drop_constraint(op.f("ck_published_table_dimension"), type_="check")
        batch.create_check_constraint(op.f("ck_published_table_dimension"), AFTER)
    with op.batch_alter_table("sealed_wave") as batch:
        batch.add_column(sa.Column("corrects_id", sa.Uuid(), nullable=True))
        batch.drop_constraint("uq_sealed_wave_wave_id", type_="unique")
        batch.create_unique_constraint("uq_sealed_wave_corrects_id", ["corrects_id"])
        batch.create_foreign_key("fk_sealed_wave_corrects_id_sealed_wave", "sealed_wave", ["corrects_id"], ["id"])
    first = sa.text("corrects_id IS NULL")
    op.create_index(
        "uq_sealed_wave_first", "sealed_wave", ["wave_id"], unique=True, sqlite_where=first, postgresql_where=first
    )
    op.execute(
        "UPDATE published_table SET seal_id = "
        "(SELECT sealed_wave.id FROM sealed_wave WHERE sealed_wave.wave_id = published_table.wave_id)"
    )
    with op.batch_alter_table("published_table") as batch:
        batch.alter_column("seal_id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("selection", existing_type=sa.String(1000), existing_nullable=False, server_default=None)
        batch.create_foreign_key("fk_published_table_seal_id_sealed_wave", "sealed_wave", ["seal_id"], ["id"])
        batch.create_foreign_key("fk_published_table_wave_id_wave", "wave", ["wave_id"], ["id"])
        batch.create_unique_constraint(
            "uq_published_table_what", ["seal_id", "indicator_id", "dimension", "audience", "selection"]
        )
    op.create_table(
        "seal_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seal_id", sa.Uuid(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["sealed_wave.id"], name="fk_seal_correction_seal_id_sealed_wave"),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name="fk_seal_correction_asked_by_user"),
        sa.PrimaryKeyConstraint("id", name="pk_seal_correction"),
        sa.UniqueConstraint("seal_id", name="uq_seal_correction_seal_id"),
    )


def downgrade() -> None:
    """Go back to one seal per wave; the tables of corrections and of selections go, they could not stand there."""
    op.drop_table("seal_correction")
    op.execute("DELETE FROM published_table WHERE selection <> ''")
    op.execute(
        "DELETE FROM published_table WHERE seal_id IN (SELECT id FROM sealed_wave WHERE corrects_id IS NOT NULL)"
    )
    op.execute("DELETE FROM published_table WHERE dimension IN ('sex_grade', 'municipality')")
    op.drop_index("uq_sealed_wave_first", table_name="sealed_wave")
    with op.batch_alter_table("published_table") as batch:
        batch.drop_constraint("uq_published_table_what", type_="unique")
        batch.drop_constraint("fk_published_table_seal_id_sealed_wave", type_="foreignkey")
        batch.drop_constraint("fk_published_table_wave_id_wave", type_="foreignkey")
        batch.drop_constraint(op.f("ck_published_table_dimension"), type_="check")
        batch.create_check_constraint(op.f("ck_published_table_dimension"), BEFORE)
        batch.drop_column("selection")
        batch.drop_column("seal_id")
    with op.batch_alter_table("sealed_wave") as batch:
        batch.drop_constraint("fk_sealed_wave_corrects_id_sealed_wave", type_="foreignkey")
        batch.drop_constraint("uq_sealed_wave_corrects_id", type_="unique")
    # A correction of a correction names one that names another: from the last to the first.
    op.execute("DELETE FROM sealed_wave WHERE corrects_id IS NOT NULL")
    with op.batch_alter_table("sealed_wave") as batch:
        batch.drop_column("corrects_id")
        batch.create_unique_constraint("uq_sealed_wave_wave_id", ["wave_id"])
    with op.batch_alter_table("published_table") as batch:
        batch.create_unique_constraint("uq_published_table_what", ["wave_id", "indicator_id", "dimension", "audience"])
        batch.create_foreign_key("fk_published_table_wave_id_sealed_wave", "sealed_wave", ["wave_id"], ["wave_id"])
