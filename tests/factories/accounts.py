"""People, made for tests."""

import uuid

from prevention.accounts.models import User, UserRole
from prevention.core.db import db
from prevention.roles import Role


def make_user(
    name: str = "Anna",
    role: Role = Role.OFFICE,
    *,
    institute_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    language: str = "en",
) -> User:
    """Make a person who holds one role; the password is ``password``."""
    user = User(
        email=f"{name.lower()}-{uuid.uuid4().hex[:8]}@example.org",
        name=name,
        password="password",
        fs_uniquifier=uuid.uuid4().hex,
        active=True,
        language=language,
    )
    user.roles = [UserRole(role=role, institute_id=institute_id, organisation_id=organisation_id)]
    db.session.add(user)
    db.session.flush()
    return user
