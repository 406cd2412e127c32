"""What the tests of booking say often: a class of one's own school, a booking, a provider, the outbox."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import service
from prevention.booking.models import Booking, Slot
from prevention.booking.service import Party
from prevention.core.db import db
from prevention.messages.models import OutboxMessage
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools.models import SchoolClass
from tests.factories.accounts import make_user
from tests.factories.schools import make_school_class, make_site

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def own_class(person: User, **values: Any) -> SchoolClass:
    """A class of the person's own school."""
    return make_school_class(site=make_site(institute_id=person.roles[0].institute_id), **values)


def party(person: User, school_class: SchoolClass | None = None, **values: Any) -> Party:
    """A class of the person's own school, with 25 pupils and one adult."""
    return Party(**{"school_class": school_class or own_class(person), "pupils": 25, "adults": 1, **values})


def book(person: User, slot: Slot, school_class: SchoolClass | None = None, **values: Any) -> Booking:
    """Book as this person, for a class of their own school."""
    return service.book(
        actor_of(person),
        service.slot_for(actor_of(person), slot.id),
        school_class or own_class(person),
        **{"pupils": 25, "adults": 1, "now": NOW, **values},
    )


def provider_of(edition: Edition, name: str = "Dario") -> User:
    """A facilitator of the edition's provider."""
    return make_user(name, Role.FACILITATOR, organisation_id=edition.organisation_id)


def letters(start: str) -> list[OutboxMessage]:
    """The messages whose occasion begins like this."""
    return list(
        db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.key.startswith(start)).order_by(OutboxMessage.queued_at)
        )
    )
