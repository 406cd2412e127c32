"""Create the people who sign in and the roles they hold."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLE = sa.Enum(
    "office", "coordinator", "facilitator", name="role", native_enum=False, create_constraint=False, length=32
)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("email", name="uq_user_email"),
        sa.UniqueConstraint("fs_uniquifier", name="uq_user_fs_uniquifier"),
    )
    op.create_table(
        "user_role",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", ROLE, nullable=False),
        sa.Column("institute_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_user_role"),
        sa.UniqueConstraint("user_id", "role", "institute_id", "organisation_id", name="uq_user_role_grant"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_user_role_user_id_user", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["institute_id"], ["institute.id"], name="fk_user_role_institute_id_institute"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_user_role_organisation_id_organisation"
        ),
        sa.CheckConstraint("role IN ('office', 'coordinator', 'facilitator')", name=op.f("ck_user_role_role")),
        sa.CheckConstraint(
            "role <> 'coordinator' OR institute_id IS NOT NULL", name=op.f("ck_user_role_coordinator_has_institute")
        ),
        sa.CheckConstraint(
            "role <> 'facilitator' OR organisation_id IS NOT NULL",
            name=op.f("ck_user_role_facilitator_has_organisation"),
        ),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("user_role")
    op.drop_table("user")
