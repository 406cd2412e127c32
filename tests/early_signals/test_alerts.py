"""Accepted signals become one alert, told once; small numbers never; published figures that moved the wrong way too."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.early_signals import rules, service
from prevention.early_signals.models import EarlyAlert, EarlySignal
from prevention.early_signals.rules import SignalKind, SignalStatus
from prevention.early_signals.tasks import watch_signals
from prevention.indicators.published import Dimension
from prevention.messages.models import OutboxMessage
from prevention.network.models import Municipality
from prevention.roles import Role
from prevention.schools.models import Institute
from tests.factories.accounts import make_user
from tests.factories.early_signals import make_signal
from tests.factories.network import make_municipality, make_organisation
from tests.factories.published import make_table, publish, shown_cell
from tests.factories.schools import make_institute

Rows = scoped_session[Session]
# A Monday in March, long after the Christmas holidays.
MARCH = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)


@pytest.fixture
def schools(app: Flask) -> list[Institute]:
    return [make_institute() for _ in range(12)]


def accepted(school: Institute, place: Municipality, *, weeks_ago: int, kind: SignalKind = SignalKind.ALCOHOL) -> None:
    make_signal(
        institute_id=school.id, municipality=place, weeks_ago=weeks_ago, kind=kind, status=SignalStatus.ACCEPTED
    )


def background(schools: Sequence[Institute], place: Municipality) -> None:
    """Signal alcohol now and then since the autumn."""
    for number, weeks_ago in enumerate((6, 10, 14, 18, 22)):
        accepted(schools[number % 2], place, weeks_ago=weeks_ago)


def raise_now() -> list[EarlyAlert]:
    return service.raise_alerts(now=clock.now(), today=clock.today())


def test_an_outbreak_raises_an_alert_within_two_weeks_of_its_first_signal(schools: list[Institute]) -> None:
    place = make_municipality(planning_area="Cremasco")
    first_monday = rules.monday_of(MARCH.date())
    with clock.frozen(MARCH):
        background(schools, place)
        assert [] == raise_now()
        for school in schools[:5]:
            accepted(school, place, weeks_ago=0)
    with clock.frozen(MARCH + timedelta(days=7)):
        for school in schools[5:10]:
            accepted(school, place, weeks_ago=0)

        raised = raise_now()

    assert [("alcohol|Cremasco", SignalKind.ALCOHOL, "Cremasco")] == [
        (alert.series, alert.kind, alert.planning_area) for alert in raised
    ]
    assert raised[0].week - first_monday <= timedelta(days=14)
    assert 10 == raised[0].figures["schools"]


def test_a_rise_that_goes_on_is_one_alert(schools: list[Institute], session: Rows) -> None:
    place = make_municipality()
    with clock.frozen(MARCH):
        background(schools, place)
        for school in schools:
            accepted(school, place, weeks_ago=1)
            accepted(school, place, weeks_ago=0)
        first, second = raise_now(), raise_now()
    with clock.frozen(MARCH + timedelta(days=7)):
        for school in schools:
            accepted(school, place, weeks_ago=0)
        third = raise_now()

    assert (1, 0, 0) == (len(first), len(second), len(third))


def test_a_matter_of_one_area_is_no_news_of_the_whole_district_as_well(schools: list[Institute]) -> None:
    place = make_municipality(planning_area="Cremasco")
    with clock.frozen(MARCH):
        background(schools, place)
        for school in schools:
            accepted(school, place, weeks_ago=1)
            accepted(school, place, weeks_ago=0)

        assert ["alcohol|Cremasco"] == [alert.series for alert in raise_now()]
        assert [] == raise_now()


def test_a_matter_of_two_areas_is_news_of_the_whole_district(schools: list[Institute]) -> None:
    places = [make_municipality(planning_area=area) for area in ("Cremasco", "Casalasco")]
    with clock.frozen(MARCH):
        background(schools, places[0])
        for number, school in enumerate(schools):
            accepted(school, places[number % 2], weeks_ago=0)

        raised = raise_now()

    assert "alcohol|" in [alert.series for alert in raised]


def test_one_school_that_signals_five_times_is_one_school(schools: list[Institute]) -> None:
    place = make_municipality()
    with clock.frozen(MARCH):
        background(schools, place)
        for _ in range(5):
            accepted(schools[0], place, weeks_ago=0)
            accepted(schools[1], place, weeks_ago=1)

        assert [] == raise_now()


def test_signals_that_wait_or_were_refused_do_not_count(schools: list[Institute]) -> None:
    place = make_municipality()
    with clock.frozen(MARCH):
        background(schools, place)
        for school in schools:
            make_signal(institute_id=school.id, municipality=place, weeks_ago=0)
            make_signal(institute_id=school.id, municipality=place, weeks_ago=0, status=SignalStatus.REFUSED, words="")

        assert [] == raise_now()


def test_an_alert_is_told_once_to_office_partners_and_coordinators(
    schools: list[Institute], anna: User, bruno: User, dario: User, session: Rows
) -> None:
    partner = make_user("Elena", Role.PARTNER, organisation_id=make_organisation().id)
    place = make_municipality()
    with clock.frozen(MARCH):
        background(schools, place)
        for school in schools:
            accepted(school, place, weeks_ago=0)
        # The job runs on the same day again and again.
        for _ in range(3):
            watch_signals()

    told = session.scalars(select(OutboxMessage.recipient).where(OutboxMessage.key.startswith("early-alert:"))).all()
    mails = session.scalars(select(OutboxMessage.body).where(OutboxMessage.key.startswith("early-alert:"))).all()
    assert {anna.email, bruno.email, partner.email} <= set(told)
    assert dario.email not in told
    assert len(told) == len(set(told))
    assert all("11 to 20 schools" in body for body in mails)


def test_the_job_waits_for_its_hour_and_erases_old_words(app: Flask, session: Rows) -> None:
    old = make_signal(status=SignalStatus.ACCEPTED, weeks_ago=rules.KEPT_DAYS // 7 + 1)
    young = make_signal(status=SignalStatus.ACCEPTED)
    with clock.frozen(datetime.combine(clock.today(), time(3), tzinfo=UTC)):
        watch_signals()
        assert old.words
    watch_signals()
    session.expire_all()

    assert ("", True) == (old.words, bool(young.words))


def test_groups_show_steps_of_several_schools_in_months_that_are_over(schools: list[Institute]) -> None:
    place = make_municipality(planning_area="Casalasco")
    with clock.frozen(datetime(2027, 2, 8, 9, tzinfo=UTC)):
        for school in schools[:4]:
            accepted(school, place, weeks_ago=0)
        for school in schools[:2]:
            accepted(school, place, weeks_ago=0, kind=SignalKind.GAMBLING)
        under_way = service.groups(today=clock.today())
    shown = service.groups(today=MARCH.date())

    assert [] == under_way
    assert [(SignalKind.ALCOHOL, "Casalasco", (3, 5))] == [
        (group.kind, group.planning_area, group.band) for group in shown
    ]


@pytest.mark.parametrize(
    ("indicator", "group", "shares", "is_raised"),
    [
        ("I41", "protective", (0.60, 0.40), True),
        ("I41", "protective", (0.40, 0.60), False),
        ("I41", "protective", (0.60, 0.57), False),
        ("I24", "early", (0.05, 0.20), True),
        ("I24", "early", (0.20, 0.05), False),
        ("I02", "tobacco", (0.05, 0.40), False),
    ],
)
def test_a_published_figure_that_moved_the_wrong_way_raises_an_alert_once(
    app: Flask, indicator: str, group: str, shares: tuple[float, float], is_raised: bool
) -> None:
    for year, share in zip((2025, 2026), shares, strict=True):
        cell = shown_cell(share=share, low=share - 0.04, high=share + 0.04)
        publish(make_table(cell, indicator_id=indicator, group=group), school_year=year)

    first = service.raise_survey_alerts(now=clock.now())
    second = service.raise_survey_alerts(now=clock.now())

    assert (int(is_raised), 0) == (len(first), len(second))
    if is_raised:
        assert (2025, 2026, shares[1]) == tuple(first[0].figures[key] for key in ("before_year", "now_year", "now"))


def test_figures_are_not_compared_across_a_change_of_wording_or_within_a_year(app: Flask) -> None:
    def table(share: float, wording: str = "a" * 16) -> object:
        cell = shown_cell(share=share, low=share - 0.02, high=share + 0.02)
        return make_table(cell, indicator_id="I41", group="protective", wording=wording)

    publish(table(0.9, wording="b" * 16), school_year=2025)  # type: ignore[arg-type]  # a table
    publish(table(0.8), school_year=2026)  # type: ignore[arg-type]
    publish(table(0.2), school_year=2026, wave_name="Seconda")  # type: ignore[arg-type]

    assert [] == service.raise_survey_alerts(now=clock.now())


def test_no_table_by_sex_or_school_raises_an_alert(app: Flask) -> None:
    for year, share in ((2025, 0.9), (2026, 0.2)):
        cell = shown_cell("female", share=share, low=share - 0.02, high=share + 0.02)
        publish(make_table(cell, indicator_id="I41", dimension=Dimension.SEX), school_year=year)

    assert [] == service.raise_survey_alerts(now=clock.now())


def test_the_same_page_sent_twice_is_one_signal(bruno: User, session: Rows) -> None:
    actor = actor_of(bruno)
    plan = service.SignalPlan(
        key=uuid4(),
        institute_id=next(iter(actor.scope)),
        municipality_id=make_municipality().id,
        kind=SignalKind.ONLINE,
        week=rules.monday_of(clock.today()),
        words="Una sfida che gira online.",
    )

    rows = [service.signal(actor, plan, now=clock.now(), today=clock.today()) for _ in range(2)]

    assert rows[0].id == rows[1].id
    assert 1 == len(session.scalars(select(EarlySignal)).all())
