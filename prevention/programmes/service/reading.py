"""What is read of programmes: the catalogue, one programme, its editions, the alternative to a weak choice."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.network.models import Organisation
from prevention.programmes import rules, signals
from prevention.programmes.models import Edition, Programme, ProgrammeMeeting
from prevention.programmes.plans import EditionPlan, ProgrammePlan
from prevention.programmes.rules import EditionStatus, Facts, MeetingPlan, Method, Topic
from prevention.programmes.signals import EditionPlaces, PastYear
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A programme with its edition of one school year, if any, and the places to be booked now, if known.

    `months` are those in which bookable dates begin, `before` what happened in the year before, `better` the programme
    to suggest beside a weak choice.
    """

    programme: Programme
    edition: Edition | None
    places: EditionPlaces | None
    months: frozenset[tuple[int, int]] = frozenset()
    before: PastYear | None = None
    better: Programme | None = None


def programme(slug: str) -> Programme:
    """Give the programme with this slug, with its meetings and activities.

    Raises:
        NotYours: there is none.
    """
    found = db.session.scalar(_with_meetings().where(Programme.slug == slug))
    if found is None:
        raise NotYours(slug)
    return found


def programmes() -> list[Programme]:
    """List all programmes, hidden ones too, by their Italian name."""
    return sorted(db.session.scalars(select(Programme)), key=lambda found: found.name.text("it").casefold())


def programme_for(actor: Actor | None, slug: str) -> Programme:
    """Give a programme that this person (None: nobody signed in) may see; the office sees inactive ones too.

    Raises:
        NotYours: it is not there or not theirs to see.
    """
    found = programme(slug)
    if not found.is_active and not _is_office(actor):
        raise NotYours(slug)
    return found


def offer_of(programme: Programme, *, school_year: int, now: datetime) -> Offer:
    """Give a programme with its edition of the year and the places that can be booked now."""
    edition = edition_of(programme, school_year)
    places = signals.ask_places(frozenset({edition.id}), now=now) if edition is not None else {}
    return Offer(
        programme=programme,
        edition=edition,
        places=places.get(edition.id) if edition else None,
        before=signals.ask_past_year(school_year - 1).get(programme.id),
    )


def edition_of(programme: Programme, school_year: int) -> Edition | None:
    """Give the edition of a school year, with its provider, or None."""
    return db.session.scalar(
        _editions().where(Edition.programme_id == programme.id, Edition.school_year == school_year)
    )


def editions_of(actor: Actor | None, programme: Programme) -> list[Edition]:
    """List a programme's editions, newest first; drafts for the office only."""
    query = _editions().where(Edition.programme_id == programme.id).order_by(Edition.school_year.desc())
    if not _is_office(actor):
        query = query.where(Edition.status != EditionStatus.DRAFT)
    return list(db.session.scalars(query))


def open_editions(school_year: int) -> list[Edition]:
    """List the editions open for bookings in a school year, by the programme's Italian name."""
    query = _editions().where(Edition.school_year == school_year, Edition.status == EditionStatus.OPEN)
    return sorted(db.session.scalars(query), key=lambda edition: edition.programme.name.text("it").casefold())


def editions_of_year(school_year: int) -> list[Edition]:
    """List the editions of a school year that are or were open, by the programme's Italian name."""
    query = _editions().where(Edition.school_year == school_year, Edition.status != EditionStatus.DRAFT)
    return sorted(db.session.scalars(query), key=lambda edition: edition.programme.name.text("it").casefold())


def edition_for(actor: Actor, edition_id: uuid.UUID) -> Edition:
    """Give an edition that this person works with: the office any, a facilitator those of their organisation.

    Raises:
        NotYours: it is not there or not theirs.
    """
    edition = db.session.scalar(_editions().where(Edition.id == edition_id))
    if edition is None or not (
        _is_office(actor) or (actor.has(Role.FACILITATOR) and actor.may_act_for(edition.organisation_id))
    ):
        raise NotYours(edition_id)
    return edition


def edition_with_all(edition_id: uuid.UUID) -> Edition | None:
    """Give an edition with its programme and provider, whoever asks, or None."""
    return db.session.scalar(_editions().where(Edition.id == edition_id))


def providers() -> list[Organisation]:
    """List the organisations that can provide an edition, by name."""
    return list(db.session.scalars(select(Organisation).order_by(Organisation.name)))


def is_weak_choice(programme: Programme) -> bool:
    """Say whether research advises against this offer taken by itself."""
    return rules.is_weak_choice(facts_of(programme))


def alternative_to(
    programme: Programme, *, level: str, grade: int | None, school_year: int, now: datetime
) -> Offer | None:
    """Give the better-evidenced offer to show beside a weak choice, or None when such a class has none."""
    offers = offers_of_year(school_year=school_year, now=now)
    by_slug = {offer.programme.slug: offer for offer in offers}
    best = rules.nearest_better(
        facts_of(programme),
        [facts_of(offer.programme, is_bookable=_has_free_places(offer)) for offer in offers],
        level=level,
        grade=grade,
    )
    return by_slug[best.slug] if best is not None else None


def better_than(programme: Programme, *, school_year: int, now: datetime) -> Offer | None:
    """Give the better-evidenced offer to show on the page of a weak choice, whatever the class; else None."""
    if not is_weak_choice(programme):
        return None
    return alternative_to(programme, level=programme.levels[0], grade=None, school_year=school_year, now=now)


def facts_of(programme: Programme, *, is_bookable: bool = False) -> Facts:
    """Give what the rules know of a programme; reads its meetings."""
    texts = [*programme.name.values(), *programme.summary.values(), *programme.delivered_by.values()]
    return Facts(
        slug=programme.slug,
        levels=frozenset(programme.levels),
        grade_min=programme.grade_min,
        grade_max=programme.grade_max,
        topics=frozenset(Topic(topic) for topic in programme.topics),
        method=Method(programme.method),
        evidence_class=programme.evidence_class,
        meetings=len(programme.meetings),
        is_bookable=is_bookable,
        searchable=" ".join(texts),
        minutes=programme.minutes,
    )


def plan_of(programme: Programme) -> ProgrammePlan:
    """Give a programme as a plan, to be changed and written again; reads its meetings and activities."""
    return ProgrammePlan(
        slug=programme.slug,
        name=dict(programme.name),
        summary=dict(programme.summary),
        topics=tuple(Topic(topic) for topic in programme.topics),
        levels=tuple(programme.levels),
        grade_min=programme.grade_min,
        grade_max=programme.grade_max,
        method=programme.method,
        delivered_by=dict(programme.delivered_by),
        dose_source=programme.dose_source,
        evidence_class=programme.evidence_class,
        evidence_note=dict(programme.evidence_note),
        evidence_source=programme.evidence_source,
        is_active=programme.is_active,
        meetings=tuple(
            MeetingPlan(
                title=dict(meeting.title),
                minutes=meeting.minutes,
                activities=tuple(dict(activity.title) for activity in meeting.activities),
            )
            for meeting in programme.meetings
        ),
    )


def edition_plan_of(edition: Edition) -> EditionPlan:
    """Give an edition as a plan, to be changed and written again."""
    return EditionPlan(
        school_year=edition.school_year,
        organisation_id=edition.organisation_id,
        group_min=edition.group_min,
        group_max=edition.group_max,
        note=edition.note,
        is_open=edition.status is EditionStatus.OPEN,
        booking_mode=edition.booking_mode,
        auto_accept=edition.auto_accept,
        acceptance_text=edition.acceptance_text,
        quota_per_school=edition.quota_per_school,
        spacing_days=edition.spacing_days,
        spacing_tolerance=edition.spacing_tolerance,
        venue=edition.venue,
        room_need=edition.room_need,
        room_kind=edition.room_kind,
        languages=tuple(edition.languages),
        needs=dict(edition.needs),
    )


def offers_of_year(*, school_year: int, now: datetime, with_inactive: bool = False) -> list[Offer]:
    """List every programme with its edition of a year and its free places, by slug. A fixed number of queries."""
    query = select(Programme).options(selectinload(Programme.meetings)).order_by(Programme.slug)
    if not with_inactive:
        query = query.where(Programme.is_active)
    editions = {
        edition.programme_id: edition
        for edition in db.session.scalars(
            _editions().where(Edition.school_year == school_year, Edition.status != EditionStatus.DRAFT)
        )
    }
    places = signals.ask_places(frozenset(edition.id for edition in editions.values()), now=now)
    offers = []
    for found in db.session.scalars(query):
        edition = editions.get(found.id)
        offers.append(Offer(programme=found, edition=edition, places=places.get(edition.id) if edition else None))
    return offers


def _editions() -> Select[Edition]:
    return select(Edition).options(joinedload(Edition.programme), joinedload(Edition.organisation))


def _with_meetings() -> Select[Programme]:
    return select(Programme).options(selectinload(Programme.meetings).selectinload(ProgrammeMeeting.activities))


def _is_office(actor: Actor | None) -> bool:
    return actor is not None and actor.has(Role.OFFICE)


def is_open(edition: Edition | None) -> bool:
    """Say whether an edition takes bookings."""
    return edition is not None and edition.status is EditionStatus.OPEN


def _has_free_places(offer: Offer) -> bool:
    return is_open(offer.edition) and offer.places is not None and offer.places.free > 0
