"""What the rules must know of classes and of those who come to them: read, locked where two could meet.

Two bookings of one class for two slots meet in no other row than the class, two dates of one facilitator in none but
the person, two classes of a school under one quota in none but the institute: whoever comes second waits there for
the first. Always in this order: institutes, classes, people, rooms (`rooms.lock_room`), then slots (`places.lock`),
each by id, so that nobody waits for ever.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.booking.rules import STANDING, ClassFacts, Engagement, MeetingStatus, Place, Span
from prevention.booking.service import facilitator_hours
from prevention.core import clock
from prevention.core.db import db
from prevention.network import service as network
from prevention.programmes.models import Edition
from prevention.schools import service as schools
from prevention.schools.models import Institute, SchoolClass, Site

# No way in the province takes longer; dates further apart than this need not be looked at.
FAR = timedelta(hours=6)
# What others may have written of a date since it was read.
MAY_HAVE_CHANGED = ("status", "starts_at", "ends_at", "slot_meeting_id", "facilitator_id", "room_id", "sequence")


def lock_classes(classes: Collection[SchoolClass], edition: Edition) -> None:
    """Wait until no other transaction books one of these classes, or another class of their school under a quota."""
    if edition.quota_per_school is not None:
        institutes = {each.site.institute_id for each in classes}
        _lock(Institute, institutes)
    _lock(SchoolClass, {each.id for each in classes})


def lock_people(people: Collection[uuid.UUID]) -> None:
    """Wait until no other transaction gives one of these people another date."""
    if people:
        _lock(User, set(people))


def facts_of_classes(
    classes: Sequence[SchoolClass], edition: Edition, *, but_meeting: uuid.UUID | None = None
) -> dict[uuid.UUID, ClassFacts]:
    """Give what the rules need to know of classes that want to take part in an edition, by id. Eight statements.

    Args:
        but_meeting: a date that is about to move, and stands in nobody's way.
    """
    ids = [each.id for each in classes]
    bookings = _bookings_of_edition(ids, edition)
    engagements = _engagements_of_classes(ids, but_meeting)
    times = schools.school_times({each.site_id for each in classes}, school_year=edition.school_year)
    by_school = _classes_by_school({each.site.institute_id for each in classes}, edition)
    return {
        each.id: ClassFacts(
            level=each.site.level.value,
            grade=each.grade,
            school_year=each.school_year,
            booking_of_edition=bookings.get(each.id),
            engagements=tuple(engagements[each.id]),
            classes_of_school=by_school[each.site.institute_id],
            class_id=each.id,
            school_time=times[each.site_id],
        )
        for each in classes
    }


def check_facilitator(
    person_id: uuid.UUID,
    spans: Sequence[Span],
    site: Site,
    *,
    together_with: Collection[uuid.UUID] = (),
    but_meeting: uuid.UUID | None = None,
    is_published: bool = True,
) -> None:
    """Refuse dates on which a facilitator is away, elsewhere, or too far to be there in time. Three to five statements.

    Args:
        site: where the dates take place.
        together_with: dates of slots whose classes are met together with this one, in the same school.
        but_meeting: a date that is about to move.
        is_published: they are dates that the provider chose; else they must lie in the facilitator's usual week.

    Raises:
        FacilitatorAway: the facilitator said so.
        FacilitatorBusy: other classes are met at that time, or classes of the same date in another school.
        TravelTooShort: the way from the one before, or to the one after, takes longer than there is.
    """
    presence = facilitator_hours.presence_of(person_id, spans, is_published=is_published)
    rules.check_presence(spans, presence, zone=clock.ROME)
    others = _engagements_of_person(person_id, spans, but_meeting=but_meeting)
    place = place_at(site)
    apart = [
        engagement
        for engagement, date_id in others
        if date_id is None or date_id not in together_with or engagement.place != place
    ]
    clash = rules.first_clash(spans, apart)
    if clash is not None:
        raise rules.FacilitatorBusy(span=clash.span)
    if apart:
        travel = network.travel_times()
        for span in spans:
            rules.check_travel(span, place, apart, minutes=travel.minutes)


def reach_of(person_id: uuid.UUID, whole: Span, site: Site, *, but_meeting: uuid.UUID | None) -> Callable[[Span], bool]:
    """Give the question whether a facilitator can be at a site in a span inside `whole`. Four or five statements."""
    presence = facilitator_hours.presence_of(person_id, [whole], is_published=False)
    others = [engagement for engagement, _date in _engagements_of_person(person_id, [whole], but_meeting=but_meeting)]
    place = place_at(site)
    travel = network.travel_times() if others else None

    def can_be_there(span: Span) -> bool:
        if rules.first_clash([span], others) is not None:
            return False
        try:
            rules.check_presence([span], presence, zone=clock.ROME)
            if travel is not None:
                rules.check_travel(span, place, others, minutes=travel.minutes)
        except rules.BookingRefusal:
            return False
        return True

    return can_be_there


def place_at(site: Site) -> Place:
    """Give where a site is, for the way to it."""
    return Place(municipality_id=site.municipality_id, site_id=site.id, name=site.display_name)


def _lock(model: type[Institute] | type[SchoolClass] | type[User], ids: set[uuid.UUID]) -> None:
    db.session.execute(select(model.id).where(model.id.in_(ids)).order_by(model.id).with_for_update(key_share=True))


def _bookings_of_edition(class_ids: Sequence[uuid.UUID], edition: Edition) -> dict[uuid.UUID, uuid.UUID]:
    rows = db.session.execute(
        select(Booking.school_class_id, Booking.id).where(
            Booking.edition_id == edition.id, Booking.school_class_id.in_(class_ids), Booking.status.in_(STANDING)
        )
    )
    return {row.school_class_id: row.id for row in rows}


def _engagements_of_classes(
    class_ids: Sequence[uuid.UUID], but_meeting: uuid.UUID | None
) -> defaultdict[uuid.UUID, list[Engagement]]:
    query = (
        select(Booking.school_class_id, BookingMeeting.starts_at, BookingMeeting.ends_at, Booking.id)
        .join(Booking)
        .where(
            Booking.school_class_id.in_(class_ids),
            Booking.status.in_(STANDING),
            BookingMeeting.status == MeetingStatus.PLANNED,
        )
        .order_by(BookingMeeting.starts_at)
    )
    if but_meeting is not None:
        query = query.where(BookingMeeting.id != but_meeting)
    found: defaultdict[uuid.UUID, list[Engagement]] = defaultdict(list)
    for class_id, starts_at, ends_at, booking_id in db.session.execute(query):
        found[class_id].append(Engagement(span=Span(starts_at=starts_at, ends_at=ends_at), source_id=booking_id))
    return found


def _classes_by_school(institute_ids: Collection[uuid.UUID], edition: Edition) -> Counter[uuid.UUID]:
    if edition.quota_per_school is None:
        return Counter()
    rows = db.session.execute(
        select(Site.institute_id, func.count(Booking.id))
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(Site, SchoolClass.site_id == Site.id)
        .where(
            Booking.edition_id == edition.id, Booking.status.in_(STANDING), Site.institute_id.in_(list(institute_ids))
        )
        .group_by(Site.institute_id)
    )
    return Counter({row[0]: row[1] for row in rows})


def _engagements_of_person(
    person_id: uuid.UUID, spans: Sequence[Span], *, but_meeting: uuid.UUID | None
) -> list[tuple[Engagement, uuid.UUID | None]]:
    at_class, at_slot = aliased(Site), aliased(Site)
    near = or_(
        *(
            (BookingMeeting.starts_at < span.ends_at + FAR) & (BookingMeeting.ends_at > span.starts_at - FAR)
            for span in spans
        )
    )
    query = (
        select(BookingMeeting, Booking.id, at_class, at_slot, Slot.site_id.is_not(None))
        .join(BookingMeeting.booking)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(at_class, SchoolClass.site_id == at_class.id)
        .outerjoin(Slot, Booking.slot_id == Slot.id)
        .outerjoin(at_slot, Slot.site_id == at_slot.id)
        .where(
            BookingMeeting.facilitator_id == person_id,
            BookingMeeting.status == MeetingStatus.PLANNED,
            Booking.status.in_(STANDING),
            near,
        )
    )
    if but_meeting is not None:
        query = query.where(BookingMeeting.id != but_meeting)
    found: list[tuple[Engagement, uuid.UUID | None]] = []
    for meeting, booking_id, class_site, slot_site, has_own_site in db.session.execute(query):
        place = place_at(slot_site if has_own_site else class_site)
        span = Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at)
        found.append((Engagement(span=span, source_id=booking_id, place=place), meeting.slot_meeting_id))
    return found
