"""A year's survey, made up: one wave over the upper secondary classes, closed and sealed like a real one.

Who is present, who refuses and what they answer comes from `surveys.simulation` (documented there, nobody's answers)
and a seed. A second, small wave is left open, so that a visitor can answer it.
"""

import uuid
from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from prevention.accounts.service import actor_of
from prevention.booking.models import Booking, BookingMeeting
from prevention.core import clock
from prevention.core.db import db
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.demo.activity import morning
from prevention.demo.district import District
from prevention.indicators import panel_service
from prevention.indicators import service as indicators
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level, school_year_label
from prevention.surveys import service as surveys
from prevention.surveys.rules import DECLINED, Answers
from prevention.surveys.simulation import class_effect, simulate_answers
from prevention.surveys.wave_rules import ClassNumbers, NewPair, NewWave, SessionPurpose, Stage

WINDOW_OPENS = (10, 12)
WINDOW_CLOSES = (10, 29)

# A before in February and an after in May.
PAIR_DAYS = (((2, 3), (2, 14)), ((5, 12), (5, 23)))
PAIR_CLASSES, PAIR_ANSWERS = 12, 0.9

SHARE_ABSENT, SHARE_REFUSED, SHARE_DISTURBED = 0.08, 0.02, 0.03
USUAL_PUPILS = 20


def run_wave(district: District, *, school_year: int, most_answers: int, year_effect: float, rng: Random) -> None:
    """Make up, close and seal the yearly wave of a school year.

    Args:
        school_year: first calendar year of the school year.
        most_answers: the wave takes whole classes until this many answers are reached.
        year_effect: shift of all use on the logit scale, so that trends show.
        rng: decides who answers what.
    """
    opens_on, closes_on = date(school_year, *WINDOW_OPENS), date(school_year, *WINDOW_CLOSES)
    office = actor_of(district.people.office)
    with clock.frozen(morning(opens_on)):
        classes = _upper_secondary_classes(district, school_year=school_year)
        chosen, expected = [], 0
        for school_class in rng.sample(classes, len(classes)):
            if expected >= most_answers:
                break
            chosen.append(school_class.id)
            expected += round((school_class.pupils or USUAL_PUPILS) * (1 - SHARE_ABSENT - SHARE_REFUSED))
        name = f"Rilevazione {school_year_label(school_year)}"
        wave = _open_wave(district, name, school_year=school_year, window=(opens_on, closes_on), class_ids=chosen)
        _answer(wave, year_effect=year_effect, rng=rng)
    with clock.frozen(morning(closes_on + timedelta(days=1))):
        surveys.close_wave(office, wave)
        indicators.close_and_seal(office, wave.id, today=clock.today())


def run_pair(district: District, *, school_year: int, rng: Random) -> None:
    """Make up a before and after of a workshop in some first years, close, seal and compare it like a real one."""
    office = actor_of(district.people.office)
    windows = [(date(school_year + 1, *first), date(school_year + 1, *last)) for first, last in PAIR_DAYS]
    first_years = [one for one in _upper_secondary_classes(district, school_year=school_year) if one.grade == 1]
    chosen = sorted(rng.sample(first_years, min(PAIR_CLASSES, len(first_years))), key=lambda one: one.cohort_id)
    with clock.frozen(morning(windows[0][0])):
        pair = surveys.create_pair(
            office,
            NewPair(
                name="Unplugged, classi prime",
                school_year=school_year,
                questionnaire_before=surveys.publish_shipped("workshop-before").id,
                questionnaire_after=surveys.publish_shipped("workshop-after").id,
                before=windows[0],
                after=windows[1],
                is_linked=False,
            ),
            class_ids=[one.id for one in chosen],
        )
    db.session.expire_all()
    for window, paired in zip(windows, sorted(pair.waves, key=lambda one: one.stage, reverse=True), strict=True):
        with clock.frozen(morning(window[0])):
            surveys.open_wave(office, paired.wave)
            is_after = paired.stage is Stage.POST
            questionnaire = surveys.published_questionnaire(paired.wave.questionnaire_id)
            surveys.put_simulated(
                paired.wave,
                [
                    (one.id, _after_the_workshop(given, rng) if is_after else given)
                    for one in sorted(paired.wave.classes, key=lambda one: one.school_class.cohort_id)
                    for given in (
                        simulate_answers(questionnaire, rng, grade=1, school_year=school_year)
                        for _ in range(round((one.school_class.pupils or USUAL_PUPILS) * PAIR_ANSWERS))
                    )
                ],
            )
        with clock.frozen(morning(window[1] + timedelta(days=1))):
            surveys.close_wave(office, paired.wave)
            indicators.close_and_seal(office, paired.wave.id, today=clock.today())
    found = panel_service.next_sealed_pair()
    if found is not None:
        panel_service.enter(panel_service.worked_out(found, today=windows[1][1] + timedelta(days=2)))


def _after_the_workshop(given: Answers, rng: Random) -> Answers:
    """Let some see a danger that they did not see, and some say no where they did not; of a few it is the reverse."""
    moved = dict(given)
    for item, better, worse, share in (("K2b", "great", "slight", 0.3), ("N6a", "1", "4", 0.2)):
        if item in moved and moved[item] != DECLINED and rng.random() < share:
            moved[item] = better
        elif item in moved and rng.random() < 0.03:
            moved[item] = worse
    return moved


def open_trial_wave(district: District, *, school_year: int, today: date) -> surveys.WaveClass:
    """Leave a wave open around `today` for one class of the demo's coordinator, and give that class."""
    institutes = [role.institute_id for role in district.people.coordinator.roles]
    school_class = db.session.scalars(
        select(SchoolClass)
        .join(SchoolClass.site)
        .where(
            SchoolClass.school_year == school_year,
            SchoolClass.grade == 2,
            Site.level == Level.SECONDO_GRADO,
            Site.institute_id.in_(institutes),
        )
        .order_by(Site.code, SchoolClass.section)
    ).first()
    if school_class is None:
        raise LookupError("the demo's coordinator has no class of the second year")
    window = (today - timedelta(days=2), today + timedelta(days=60))
    wave = _open_wave(
        district, "Rilevazione di prova", school_year=school_year, window=window, class_ids=[school_class.id]
    )
    return wave.classes[0]


def open_feedback(district: District, *, school_year: int, today: date) -> None:
    """Leave the feedback open that the newest session asked of its class."""
    office = actor_of(district.people.office)
    held = db.session.scalars(
        select(BookingMeeting.id)
        .join(SessionRegister, SessionRegister.booking_meeting_id == BookingMeeting.id)
        .join(BookingMeeting.booking)
        .join(SchoolClass, SchoolClass.id == Booking.school_class_id)
        .where(SessionRegister.outcome == Outcome.HELD, SchoolClass.school_year == school_year)
        .order_by(BookingMeeting.starts_at.desc(), BookingMeeting.id)
    ).first()
    if held is not None:
        surveys.open_for_session(office, surveys.session_state(office, held), SessionPurpose.FEEDBACK, today=today)


def _open_wave(
    district: District, name: str, *, school_year: int, window: tuple[date, date], class_ids: list[uuid.UUID]
) -> surveys.Wave:
    office = actor_of(district.people.office)
    questionnaire = surveys.publish_shipped()
    wave = surveys.create_wave(
        office,
        NewWave(
            name=name,
            school_year=school_year,
            questionnaire_id=questionnaire.id,
            opens_on=window[0],
            closes_on=window[1],
        ),
        class_ids=class_ids,
    )
    surveys.open_wave(office, wave)
    return wave


def _answer(wave: surveys.Wave, *, year_effect: float, rng: Random) -> None:
    """Let each class come, be absent, refuse, answer; and let the adult in the room report."""
    questionnaire = surveys.published_questionnaire(wave.questionnaire_id)
    for wave_class in sorted(wave.classes, key=lambda one: one.school_class.cohort_id):
        school_class = wave_class.school_class
        enrolled = school_class.pupils or USUAL_PUPILS
        absent = sum(rng.random() < SHARE_ABSENT for _ in range(enrolled))
        refused = sum(rng.random() < SHARE_REFUSED for _ in range(enrolled - absent))
        effect = class_effect(rng)
        answers = [
            simulate_answers(
                questionnaire,
                rng,
                grade=school_class.grade,
                track=school_class.site.track,
                class_effect=effect,
                year_effect=year_effect,
                school_year=wave.school_year,
            )
            for _ in range(enrolled - absent - refused)
        ]
        surveys.record_class_report(
            None,
            wave_class,
            ClassNumbers(
                enrolled=enrolled,
                present=enrolled - absent,
                absent=absent,
                refused=refused,
                disturbed=rng.random() < SHARE_DISTURBED,
            ),
        )
        surveys.put_simulated(wave, [(wave_class.id, given) for given in answers])


def _upper_secondary_classes(district: District, *, school_year: int) -> list[SchoolClass]:
    sites = [site.id for site in district.sites if site.level is Level.SECONDO_GRADO]
    return list(
        db.session.scalars(
            select(SchoolClass)
            .where(SchoolClass.school_year == school_year, SchoolClass.site_id.in_(sites))
            .order_by(SchoolClass.site_id, SchoolClass.grade, SchoolClass.section)
        )
    )
