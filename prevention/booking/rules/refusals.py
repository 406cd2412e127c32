"""Every reason to say no, each with its name and the values that its sentence needs."""

import uuid
from datetime import date, datetime, time

from prevention.booking.rules.values import Span
from prevention.core.web import Refusal
from prevention.schools.school_time import Closure


class BookingRefusal(Refusal):
    """Base of what this room refuses."""


class SlotCancelled(BookingRefusal):
    """The dates were called off."""


class NotOpenYet(BookingRefusal):
    """Bookings begin on a later day."""

    def __init__(self, *, opens_on: date) -> None:
        super().__init__(opens_on)
        self.opens_on = opens_on


class BookingClosed(BookingRefusal):
    """The last day for booking has passed."""

    def __init__(self, *, closed_on: date) -> None:
        super().__init__(closed_on)
        self.closed_on = closed_on


class AlreadyStarted(BookingRefusal):
    """The first date has begun."""

    def __init__(self, *, started_at: datetime) -> None:
        super().__init__(started_at)
        self.started_at = started_at


class EditionClosed(BookingRefusal):
    """The programme takes no bookings this year, or no more."""


class ClassOfAnotherYear(BookingRefusal):
    """The class belongs to another school year than the offer."""

    def __init__(self, *, class_year: int, offer_year: int) -> None:
        super().__init__(class_year, offer_year)
        self.class_year = class_year
        self.offer_year = offer_year


class WrongLevel(BookingRefusal):
    """The programme is for another level of school."""

    def __init__(self, *, level: str, levels: frozenset[str]) -> None:
        super().__init__(level, levels)
        self.level = level
        self.levels = levels


class WrongGrade(BookingRefusal):
    """The programme is for other grades."""

    def __init__(self, *, grade: int, grade_min: int, grade_max: int) -> None:
        super().__init__(grade, grade_min, grade_max)
        self.grade = grade
        self.grade_min = grade_min
        self.grade_max = grade_max


class GroupTooSmall(BookingRefusal):
    """Fewer pupils than the programme works with."""

    def __init__(self, *, pupils: int, smallest: int) -> None:
        super().__init__(pupils, smallest)
        self.pupils = pupils
        self.smallest = smallest


class GroupTooLarge(BookingRefusal):
    """More pupils than the programme works with."""

    def __init__(self, *, pupils: int, largest: int) -> None:
        super().__init__(pupils, largest)
        self.pupils = pupils
        self.largest = largest


class AlreadyBooked(BookingRefusal):
    """The class already has a booking of this programme this year."""

    def __init__(self, *, booking_id: uuid.UUID | None) -> None:
        super().__init__(booking_id)
        self.booking_id = booking_id


class ClassBusy(BookingRefusal):
    """The class already has something else at one of the times."""

    def __init__(self, *, span: Span, booking_id: uuid.UUID) -> None:
        super().__init__(span, booking_id)
        self.span = span
        self.booking_id = booking_id


class SlotFull(BookingRefusal):
    """No place is left."""

    def __init__(self, *, places: int) -> None:
        super().__init__(places)
        self.places = places


class AlreadyCancelled(BookingRefusal):
    """It was called off before."""


class WrongPlaces(BookingRefusal):
    """The number of places is not one that can be offered."""

    def __init__(self, *, places: int, most: int) -> None:
        super().__init__(places, most)
        self.places = places
        self.most = most


class WrongNumberOfDates(BookingRefusal):
    """There must be one date for each meeting of the programme."""

    def __init__(self, *, wanted: int, given: int) -> None:
        super().__init__(wanted, given)
        self.wanted = wanted
        self.given = given


class DateOutOfOrder(BookingRefusal):
    """A date ends before it starts, lasts too long, or begins before the one before it has ended."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number)
        self.number = number


class DateOutsideYear(BookingRefusal):
    """A date lies outside the school year of the edition, or in the past."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number)
        self.number = number


class BooksUntilTooLate(BookingRefusal):
    """Booking would end after the first date, or before it begins."""

    def __init__(self, *, books_until: date, first_day: date) -> None:
        super().__init__(books_until, first_day)
        self.books_until = books_until
        self.first_day = first_day


class FacilitatorBusy(BookingRefusal):
    """The facilitator already has other dates at one of the times."""

    def __init__(self, *, span: Span) -> None:
        super().__init__(span)
        self.span = span


class WrongFacilitator(BookingRefusal):
    """The person does not work for the organisation that provides the edition."""


class WrongRoom(BookingRefusal):
    """The room is not one in use of the site where the dates take place."""


class SchoolClosed(BookingRefusal):
    """The school, or the class, has no lessons on that day; the closure says why."""

    def __init__(self, *, day: date, closure: Closure) -> None:
        super().__init__(day, closure.kind)
        self.day = day
        self.closure = closure


class OutsideSchoolYear(BookingRefusal):
    """Lessons have not begun yet on that day, or are over."""

    def __init__(self, *, day: date, first_day: date, last_day: date) -> None:
        super().__init__(day, first_day, last_day)
        self.day = day
        self.first_day = first_day
        self.last_day = last_day


class OutsideBellTimes(BookingRefusal):
    """The time does not lie within lessons. `hours` are the first and last bells of that day, none on a free one."""

    def __init__(self, *, span: Span, hours: tuple[tuple[time, time], ...]) -> None:
        super().__init__(span, hours)
        self.span = span
        self.hours = hours


class EditionPlansDates(BookingRefusal):
    """The edition has no dates to take: classes ask, and the office plans."""


class NoRequests(BookingRefusal):
    """The edition takes no requests: there are dates to take."""


class OthersWaiting(BookingRefusal):
    """A place is free, but other classes wait for it."""


class PlacesHeld(BookingRefusal):
    """The last places are kept for somebody else for a while."""

    def __init__(self, *, until: datetime | None) -> None:
        super().__init__(until)
        self.until = until


class DoNotFit(BookingRefusal):
    """Fewer places are left than people want to come; places are counted by heads."""

    def __init__(self, *, wanted: int, free: int) -> None:
        super().__init__(wanted, free)
        self.wanted = wanted
        self.free = free


class WrongChoiceOfDates(BookingRefusal):
    """A class takes another number of the dates than was chosen."""

    def __init__(self, *, wanted: int, given: int) -> None:
        super().__init__(wanted, given)
        self.wanted = wanted
        self.given = given


class QuotaReached(BookingRefusal):
    """As many classes of the school as the edition takes have a place already."""

    def __init__(self, *, quota: int) -> None:
        super().__init__(quota)
        self.quota = quota


class TravelTooShort(BookingRefusal):
    """The facilitator could not get from one school to the next in time. Both times in minutes."""

    def __init__(self, *, span: Span, needed: int, there: int, place: str) -> None:
        super().__init__(span, needed, there)
        self.span = span
        self.needed = needed
        self.there = there
        self.place = place


class RoomBusy(BookingRefusal):
    """The room is taken at one of the times."""

    def __init__(self, *, span: Span) -> None:
        super().__init__(span)
        self.span = span


class FacilitatorAway(BookingRefusal):
    """The facilitator said that they are not there at one of the times."""

    def __init__(self, *, span: Span) -> None:
        super().__init__(span)
        self.span = span


class HostClosed(BookingRefusal):
    """The school at which it takes place, not the class's own, has no lessons at one of the times."""

    def __init__(self, *, place: str, no: BookingRefusal) -> None:
        super().__init__(place, no)
        self.place = place
        self.no = no


class SeveralRefused(BookingRefusal):
    """Some of several classes that were to be booked in one act cannot be: each by its label, with its reason."""

    def __init__(self, *, refusals: tuple[tuple[str, BookingRefusal], ...]) -> None:
        super().__init__(refusals)
        self.refusals = refusals
