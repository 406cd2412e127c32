"""Rows of people who sign in and of the roles they hold."""

import uuid
from datetime import datetime

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.roles import Role


class UserRole(Model, RoleMixin):
    """One role of one person, held for an institute (coordinator), an organisation (facilitator, partner) or all."""

    __tablename__ = "user_role"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "institute_id", "organisation_id", name="uq_user_role_grant"),
        CheckConstraint("role <> 'coordinator' OR institute_id IS NOT NULL", name="coordinator_has_institute"),
        CheckConstraint("role <> 'facilitator' OR organisation_id IS NOT NULL", name="facilitator_has_organisation"),
        CheckConstraint("role <> 'partner' OR organisation_id IS NOT NULL", name="partner_has_organisation"),
    )

    id: Mapped[UUIDPk]  # type: ignore[assignment]  # the library takes ids for numbers, and uses none
    user_id: Mapped[uuid.UUID] = mapped_column(Uuid, ForeignKey("user.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(enum_column(Role, name="role"))
    institute_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("institute.id"))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, ForeignKey("organisation.id"))

    @property
    def name(self) -> str:  # type: ignore[override]  # the library writes it only where it makes roles itself
        """The role's name, as the sign-in library asks for it."""
        return self.role.value


class User(Model, UserMixin):
    """A person who signs in."""

    __tablename__ = "user"

    id: Mapped[UUIDPk]  # type: ignore[assignment]  # as above
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    # Changing it ends every session of the person.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="it")
    # When a mail server last refused the address for good; None once it takes mail again.
    mail_refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    roles: Mapped[list[UserRole]] = relationship(  # type: ignore[assignment]  # as above
        lazy="selectin", cascade="all, delete-orphan"
    )
