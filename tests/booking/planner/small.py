"""The smallest problems of planning: one site with four hours a day, one facilitator who is always there."""

import uuid
from datetime import date
from typing import Any

from prevention.booking.plan_values import (
    Facilitator,
    Period,
    Place,
    Problem,
    Request,
    Room,
    Spacing,
    Stretch,
    Window,
)

MONDAY = date(2027, 1, 11)
EDITION = uuid.UUID(int=1)
PERIODS = tuple(Period(starts=starts, ends=starts + 60) for starts in (480, 540, 610, 670))


def place(**values: Any) -> Place:
    """Make a school of its own in a municipality of its own, Monday to Friday, with a break after the second hour."""
    return Place(
        **{
            "id": uuid.uuid4(),
            "institute": uuid.uuid4(),
            "municipality": uuid.uuid4(),
            "periods": dict.fromkeys(range(5), PERIODS),
            "rooms": (Room(id=uuid.uuid4(), seats=30, has_projector=True),),
            **values,
        }
    )


def facilitator(*, cap: int = 20, **values: Any) -> Facilitator:
    """Make somebody who is there from Monday to Saturday, all day."""
    return Facilitator(
        **{
            "id": uuid.uuid4(),
            "editions": frozenset({EDITION}),
            "windows": tuple(Window(weekday=weekday, starts=420, ends=1080) for weekday in range(6)),
            "weekly_cap": cap,
            **values,
        }
    )


HERE = place()


def request(*, site: Place = HERE, **values: Any) -> Request:
    """Make a class of 20 pupils that asks for two meetings of an hour."""
    return Request(
        **{
            "id": uuid.uuid4(),
            "school_class": uuid.uuid4(),
            "site": site.id,
            "edition": EDITION,
            "minutes": (60, 60),
            "people": 20,
            "spacing": Spacing(),
            **values,
        }
    )


def problem(
    *requests: Request, places: tuple[Place, ...] = (HERE,), people: tuple[Facilitator, ...] | None = None
) -> Problem:
    """Make a problem of seven weeks."""
    return Problem(
        first_day=MONDAY,
        last_day=date(2027, 2, 26),
        facilitators=(facilitator(),) if people is None else people,
        places=places,
        requests=requests,
    )


def at_nine(day: date) -> Stretch:
    """Give the second hour of a day."""
    return Stretch(day=day, starts=540, ends=600)
