"""Why a step in the life of a booking is refused: deciding, moving, calling one date off, waiting for a place."""

from datetime import datetime

from prevention.booking.rules.refusals import BookingRefusal


class AlreadyDecided(BookingRefusal):
    """Somebody approved, declined or withdrew the request before."""


class NoDatesYet(BookingRefusal):
    """A request without dates is planned, not approved."""


class HasDates(BookingRefusal):
    """What has dates is no longer a request to change: it is moved or called off."""


class DateIsOver(BookingRefusal):
    """The date has begun, so nothing about it can be changed."""

    def __init__(self, *, started_at: datetime) -> None:
        super().__init__(started_at)
        self.started_at = started_at


class DateIsOff(BookingRefusal):
    """The date was called off before."""


class DateIsOn(BookingRefusal):
    """The date takes place: there is nothing to bring back."""


class OutOfOrder(BookingRefusal):
    """The new time would not lie between the meetings before and after it."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number)
        self.number = number


class SameTime(BookingRefusal):
    """The date lies there already."""


class NotATarget(BookingRefusal):
    """The date is not one to which this one can go: another place, or places counted another way."""


class AlreadyWaiting(BookingRefusal):
    """The class stands on the list."""


class StillFree(BookingRefusal):
    """There are free places and nobody waits: the class can be booked."""


class NeverFits(BookingRefusal):
    """The group is larger than all places together, so no place that becomes free would be enough."""

    def __init__(self, *, wanted: int, places: int) -> None:
        super().__init__(wanted, places)
        self.wanted = wanted
        self.places = places


class OfferGone(BookingRefusal):
    """There is no offer to take, or no longer."""


class NotOnTheList(BookingRefusal):
    """The class has left the list already."""
