"""The verbs of people: invite one, grant a role, turn a signed-in user into an `Actor`."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from flask_login import current_user
from flask_security import Security, SQLAlchemyUserDatastore, hash_password
from sqlalchemy import ColumnElement, select, update

from prevention.accounts.models import User, UserRole
from prevention.core import access, clock
from prevention.core.access import Actor, Mark
from prevention.core.db import db
from prevention.messages import signals as mail_signals
from prevention.messages.rules import AddressTaken
from prevention.roles import Role

# The library's own doors that everybody may open; all others of it stay shut by default.
PUBLIC_DOORS = ("security.login", "security.logout")


class _Datastore(SQLAlchemyUserDatastore):
    """The library's store of users, which leaves the commit to the one place that commits."""

    def commit(self) -> None:
        """Flush only."""
        db.session.flush()


datastore = _Datastore(db, User, UserRole)


def init_app(app: Flask) -> None:
    """Bind sign-in to the application and mark the library's doors."""
    app.config.update(
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_CHANGEABLE=False,
        SECURITY_TRACKABLE=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_URL_PREFIX="",
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_POST_LOGIN_VIEW="home.desk",
        SECURITY_POST_LOGOUT_VIEW="home.index",
        SECURITY_LOGIN_USER_TEMPLATE="accounts/sign_in.html",
        SECURITY_REDIRECT_VALIDATE_MODE=["absolute"],
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SECURITY_ANONYMOUS_USER_DISABLED=False,
        # People are added by our own command, which knows what a role is held for.
        SECURITY_CLI_ROLES_NAME=None,
        SECURITY_CLI_USERS_NAME=None,
    )
    app.config.setdefault("SECURITY_PASSWORD_HASH", "argon2")
    app.config.setdefault("SECURITY_PASSWORD_SCHEMES", ["argon2"])
    Security(app, datastore)
    access.init_app(app, load_actor=load_actor, login_endpoint="security.login")
    for endpoint in PUBLIC_DOORS:
        access.mark_endpoint(app, endpoint, Mark(is_public=True))
    # What the outbox tells of addresses, and asks about them.
    mail_signals.address_refused.connect(note_refused_address)
    mail_signals.address_accepted.connect(note_accepted_address)
    mail_signals.address_corrected.connect(change_address)
    mail_signals.owners_asked.connect(names_of_addresses)


def load_actor() -> Actor | None:
    """Give the signed-in person of this request as an `Actor`, or None."""
    return actor_of(current_user) if current_user.is_authenticated else None


def actor_of(user: User) -> Actor:
    """Turn a user row into the value that every loader asks about."""
    bodies = {body for grant in user.roles for body in (grant.institute_id, grant.organisation_id) if body}
    return Actor(
        id=user.id,
        name=user.name,
        email=user.email,
        language=user.language,
        roles=frozenset(grant.role.value for grant in user.roles),
        scope=frozenset(bodies),
        sees_all=any(grant.role is Role.OFFICE for grant in user.roles),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedMail:
    """An address that takes no mail, since when."""

    address: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role to give, and the institute or organisation it is held for (None for the office)."""

    role: Role
    institute_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None


def add_user(email: str, *, name: str, password: str | None, grants: tuple[Grant, ...], language: str = "it") -> User:
    """Add a person with roles, or bring the one with this address up to date. Flushes.

    Without a password the person is known and gets mail, but cannot sign in.
    """
    user = find_user(email)
    if user is None:
        user = User(email=email.strip().lower(), fs_uniquifier=uuid.uuid4().hex)
        db.session.add(user)
    user.name, user.language, user.active = name, language, True
    user.password = None if password is None else hash_password(password)
    held = {(role.role, role.institute_id, role.organisation_id) for role in user.roles}
    for grant in grants:
        if (grant.role, grant.institute_id, grant.organisation_id) not in held:
            user.roles.append(
                UserRole(role=grant.role, institute_id=grant.institute_id, organisation_id=grant.organisation_id)
            )
    db.session.flush()
    return user


def find_user(email: str) -> User | None:
    """Give the person with this address, or None."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def languages_of(emails: Iterable[str]) -> dict[str, str]:
    """Give the language of the active people among some addresses, by address in small letters. One query."""
    wanted = {email.strip().lower() for email in emails}
    found = db.session.scalars(select(User).where(User.email.in_(wanted), User.active))
    return {user.email: user.language for user in found}


def users_holding(role: Role, *, body: uuid.UUID | None = None) -> list[User]:
    """List active people who hold `role` (for `body` when given), by name."""
    query = select(User).join(UserRole).where(UserRole.role == role, User.active).distinct().order_by(User.name)
    if body is not None:
        query = query.where((UserRole.institute_id == body) | (UserRole.organisation_id == body))
    return list(db.session.scalars(query))


def note_refused_address(_sender: object, *, address: str) -> None:
    """Mark the person whose address a mail server refused for good; the outbox tells."""
    _note_refusal(address, User.mail_refused_at.is_(None), clock.now())


def note_accepted_address(_sender: object, *, address: str) -> None:
    """Take the mark off a person whose address takes mail again; the outbox tells. One statement."""
    _note_refusal(address, User.mail_refused_at.is_not(None), None)


def refused_mail_of(actor: Actor) -> RefusedMail | None:
    """Say which address of a person a mail server refused for good, and when; None while mail reaches them."""
    person = db.session.get(User, actor.id)
    if person is None or person.mail_refused_at is None:
        return None
    return RefusedMail(address=person.email, at=person.mail_refused_at)


def change_address(_sender: object, *, before: str, after: str) -> None:
    """Change a person's address because the office corrected it in the outbox. Flushes.

    Raises:
        AddressTaken: the new address is another person's.
    """
    person, other = find_user(before), find_user(after)
    if person is None:
        return
    if other is not None and other.id != person.id:
        raise AddressTaken
    person.email, person.mail_refused_at = after, None
    db.session.flush()


def names_of_addresses(_sender: object, *, addresses: frozenset[str]) -> dict[str, str]:
    """Answer the outbox's question whose addresses these are. One statement."""
    rows = db.session.execute(select(User.email, User.name).where(User.email.in_(addresses)))
    return {row.email: row.name for row in rows}


def _note_refusal(address: str, condition: ColumnElement[bool], at: datetime | None) -> None:
    db.session.execute(
        update(User)
        .where(User.email == address, condition)
        .values(mail_refused_at=at)
        .execution_options(synchronize_session=False)
    )
