"""What is written of programmes: the known ones, a programme with its meetings, the edition of a school year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import constraint_of, db
from prevention.core.i18n import Localised
from prevention.programmes import rules
from prevention.programmes.known import known_programmes
from prevention.programmes.models import Edition, Programme, ProgrammeActivity, ProgrammeMeeting
from prevention.programmes.plans import EditionPlan, ProgrammePlan
from prevention.programmes.rules import EditionStatus, MeetingPlan, Topic
from prevention.schools import service as schools
from prevention.schools.rules import school_year_of

_ONE_PER_YEAR = ("uq_edition_programme_id_school_year", "edition.programme_id, edition.school_year")
_ONE_SLUG = ("uq_programme_slug", "programme.slug")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadReport:
    """What loading the known programmes did: slugs that were added, and how many were there already."""

    added: tuple[str, ...]
    kept: int


def load_known() -> LoadReport:
    """Add the known programmes that are missing, by slug; those that are there keep what the office wrote."""
    there = set(db.session.scalars(select(Programme.slug)))
    missing = [plan for plan in known_programmes() if plan.slug not in there]
    for plan in missing:
        programme = Programme(slug=plan.slug)
        _write(programme, plan)
        db.session.add(programme)
    db.session.flush()
    return LoadReport(added=tuple(plan.slug for plan in missing), kept=len(known_programmes()) - len(missing))


def add_programme(actor: Actor, plan: ProgrammePlan) -> Programme:
    """Add a programme. Flushes.

    Raises:
        GradesReversed, NoMeetings: the plan cannot be saved.
        SlugTaken: another programme has this address.
    """
    _check(plan, before=(), has_editions=False)
    added = Programme(slug=plan.slug)
    _write(added, plan)
    try:
        with db.session.begin_nested():
            db.session.add(added)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in _ONE_SLUG:
            raise rules.SlugTaken(slug=plan.slug) from error
        raise
    audit.record(actor, "programmes.added", added.id, slug=plan.slug)
    return added


def change_programme(actor: Actor, programme: Programme, plan: ProgrammePlan) -> Programme:
    """Write a programme anew; its slug stays, because addresses were printed. Flushes.

    Raises:
        GradesReversed, NoMeetings: the plan cannot be saved.
        MeetingsFixed: the programme has had an edition and would lose a meeting or an activity.
    """
    _check(
        plan,
        before=[len(meeting.activities) for meeting in programme.meetings],
        has_editions=_has_editions(programme),
    )
    _write(programme, plan)
    db.session.flush()
    audit.record(actor, "programmes.changed", programme.id, slug=programme.slug)
    return programme


def open_edition(actor: Actor, programme: Programme, plan: EditionPlan, *, today: date) -> Edition:
    """Add the edition of a school year, as a draft or open at once. Flushes.

    Raises:
        YearIsOver, GroupSizesReversed, SpacingTooLoose: the plan cannot be saved.
        EditionExists: the programme has an edition in that year.
    """
    _check_edition(plan, today=today)
    edition = Edition(programme_id=programme.id, school_year=plan.school_year, status=EditionStatus.DRAFT)
    _write_edition(edition, plan)
    try:
        with db.session.begin_nested():
            db.session.add(edition)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in _ONE_PER_YEAR:
            raise rules.EditionExists(school_year=plan.school_year) from error
        raise
    # The first edition of a year opens the year: its calendar stands ready for the first dates.
    schools.load_year(actor, plan.school_year)
    audit.record(actor, "programmes.edition_added", edition.id, school_year=plan.school_year, open=plan.is_open)
    return edition


def change_edition(actor: Actor, edition: Edition, plan: EditionPlan, *, today: date) -> Edition:
    """Write an edition's provider and terms anew; its year stays. Flushes.

    Raises:
        YearIsOver, GroupSizesReversed, SpacingTooLoose: the plan cannot be saved.
    """
    _check_edition(plan, today=today)
    _write_edition(edition, plan)
    db.session.flush()
    audit.record(actor, "programmes.edition_changed", edition.id, school_year=edition.school_year)
    return edition


def set_edition_status(actor: Actor, edition: Edition, status: EditionStatus) -> Edition:
    """Open or close an edition. Bookings already made stay. Flushes.

    Raises:
        WrongStep: it has that status already, or would become a draft again.
    """
    rules.check_step(edition.status, asked=status)
    before, edition.status = edition.status, status
    db.session.flush()
    audit.record(actor, "programmes.edition_status_set", edition.id, before=before.value, after=status.value)
    return edition


def _has_editions(programme: Programme) -> bool:
    return db.session.scalar(select(Edition.id).where(Edition.programme_id == programme.id).limit(1)) is not None


def _check(plan: ProgrammePlan, *, before: Sequence[int], has_editions: bool) -> None:
    rules.check_programme(
        grade_min=plan.grade_min,
        grade_max=plan.grade_max,
        before=before,
        after=plan.meetings,
        has_editions=has_editions,
    )


def _check_edition(plan: EditionPlan, *, today: date) -> None:
    rules.check_edition(
        school_year=plan.school_year,
        current_year=school_year_of(today),
        group_min=plan.group_min,
        group_max=plan.group_max,
        spacing_days=plan.spacing_days,
        spacing_tolerance=plan.spacing_tolerance,
    )


def _write(programme: Programme, plan: ProgrammePlan) -> None:
    programme.name = Localised(plan.name)
    programme.summary = Localised(plan.summary)
    programme.topics = [topic.value for topic in Topic if topic in plan.topics]
    programme.levels = list(plan.levels)
    programme.grade_min, programme.grade_max = plan.grade_min, plan.grade_max
    programme.method = plan.method
    programme.delivered_by = Localised(plan.delivered_by)
    programme.dose_source = plan.dose_source
    programme.evidence_class = plan.evidence_class
    programme.evidence_note = Localised(plan.evidence_note)
    programme.evidence_source = plan.evidence_source
    programme.is_active = plan.is_active
    _write_meetings(programme, plan.meetings)


def _write_meetings(programme: Programme, plans: Sequence[MeetingPlan]) -> None:
    del programme.meetings[len(plans) :]
    for number, plan in enumerate(plans, start=1):
        if number > len(programme.meetings):
            programme.meetings.append(ProgrammeMeeting(number=number))
        meeting = programme.meetings[number - 1]
        meeting.title, meeting.minutes = Localised(plan.title), plan.minutes
        del meeting.activities[len(plan.activities) :]
        for position, title in enumerate(plan.activities, start=1):
            if position > len(meeting.activities):
                meeting.activities.append(ProgrammeActivity(position=position))
            meeting.activities[position - 1].title = Localised(title)


def _write_edition(edition: Edition, plan: EditionPlan) -> None:
    edition.organisation_id = plan.organisation_id
    edition.group_min, edition.group_max = plan.group_min, plan.group_max
    edition.note = plan.note
    edition.booking_mode, edition.auto_accept = plan.booking_mode, plan.auto_accept
    edition.quota_per_school, edition.venue = plan.quota_per_school, plan.venue
    edition.acceptance_text = plan.acceptance_text
    edition.spacing_days, edition.spacing_tolerance = plan.spacing_days, plan.spacing_tolerance
    edition.room_need, edition.room_kind = plan.room_need, plan.room_kind
    edition.languages, edition.needs = list(plan.languages), Localised(plan.needs)
    if plan.is_open and edition.status is EditionStatus.DRAFT:
        edition.status = EditionStatus.OPEN
