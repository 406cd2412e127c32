"""Figures of a year as the rooms below give them: counted there, kept here, and without a row in them."""

import json
from datetime import date, datetime, timedelta

from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import facts
from prevention.core.db import db
from prevention.delivery.rules import Outcome, Reason
from prevention.indicators import service as indicators
from prevention.indicators.published import Dimension
from prevention.programmes.rules import EvidenceClass
from prevention.reports.figures import YearFigures, collect
from tests.factories.delivery import make_booked_meeting, make_booked_meetings, make_register
from tests.factories.indicators import make_closed_wave
from tests.factories.programmes import make_edition, make_programme
from tests.factories.reports import make_figures
from tests.factories.schools import make_enrolment, make_school_class, make_site

TODAY = date(2026, 11, 23)
YEAR = 2026


def test_a_year_of_which_nothing_is_known_gives_figures_without_numbers(app: Flask) -> None:
    figures = collect(YEAR, today=TODAY)

    assert (YEAR, TODAY, "Cremona", False) == (figures.school_year, figures.as_of, figures.district, figures.is_demo)
    assert ((), (), (), ()) == (figures.programmes, figures.surveys, figures.tables, figures.tables_before)
    assert figures.before is None
    assert 0 == figures.activity.totals.meetings_planned
    assert "112" in {line.phone for line in figures.help_lines}


def test_what_was_held_is_counted_and_its_evidence_told(app: Flask) -> None:
    programme = make_programme(meetings=2, minutes=90, slug="unplugged", evidence_class=EvidenceClass.LIKELY_BENEFICIAL)
    site = make_site()
    make_enrolment(site=site, pupils=200)
    first, _second = make_booked_meetings(
        edition=make_edition(programme=programme), school_class=make_school_class(site=site)
    )
    make_register(first, minutes=60, present=20, expected=25)

    figures = collect(YEAR, today=TODAY + timedelta(days=1))

    (row,) = figures.activity.programmes
    assert ("unplugged", 1, 2, 20) == (row.slug, row.meetings_held, row.meetings_planned, row.pupil_hours)
    assert (200, 20) == (figures.activity.totals.pupils_enrolled, figures.activity.totals.pupils_reached)
    (evidence,) = figures.programmes
    assert (2, 180, EvidenceClass.LIKELY_BENEFICIAL) == (evidence.meetings, evidence.minutes, evidence.evidence_class)


def test_last_year_stands_beside_this_one_once_it_had_a_booking(app: Flask, frozen_clock: datetime) -> None:
    last_year = make_edition(school_year=YEAR - 1)
    held = make_booked_meeting(edition=last_year, starts_at=frozen_clock - timedelta(days=365))
    make_register(held)
    make_register(make_booked_meeting(), outcome=Outcome.NOT_HELD, reason=Reason.CLASS_AWAY)

    figures = collect(YEAR, today=TODAY)

    assert figures.before is not None
    assert (YEAR - 1, 1) == (figures.before.school_year, figures.before.totals.meetings_held)
    assert (0, 1) == (figures.activity.totals.meetings_held, figures.activity.totals.meetings_not_held)


def test_a_sealed_survey_brings_its_tables_and_who_took_part(anna: User) -> None:
    wave = make_closed_wave()
    indicators.close_and_seal(actor_of(anna), wave.id, today=TODAY)

    figures = collect(YEAR, today=TODAY)

    (survey,) = figures.surveys
    assert (wave.id, 9, 3, 180) == (survey.wave_id, survey.classes, survey.schools, survey.answers)
    assert {wave.id} == {table.wave_id for table in figures.tables}
    assert Dimension.SCHOOL not in {table.dimension for table in figures.tables}
    assert {table.group for table in figures.tables} <= {group.key for group in figures.groups}
    following = collect(YEAR + 1, today=TODAY + timedelta(days=365))
    assert (figures.tables, ()) == (following.tables_before, following.tables)


def test_the_figures_hold_values_only_and_come_back_the_same(anna: User) -> None:
    """To JSON and back, after the session that they were read with is gone."""
    make_register()
    wave = make_closed_wave()
    indicators.close_and_seal(actor_of(anna), wave.id, today=TODAY)
    figures = collect(YEAR, today=TODAY)

    db.session.rollback()
    db.session.expunge_all()
    kept = json.loads(json.dumps(figures.to_json()))

    assert figures == YearFigures.from_json(kept)
    assert figures.identifier == YearFigures.from_json(kept).identifier


def test_the_same_rows_give_the_same_identifier_and_others_another(app: Flask) -> None:
    make_register()

    first, second = collect(YEAR, today=TODAY), collect(YEAR, today=TODAY)
    make_register()

    assert first.identifier == second.identifier
    assert first.identifier != collect(YEAR, today=TODAY).identifier


def test_made_up_rows_make_a_report_of_made_up_figures(app: Flask) -> None:
    facts.state_fact(facts.IS_DEMO, "yes")

    assert collect(YEAR, today=TODAY).is_demo


def test_last_year_s_figures_are_not_this_year_s(app: Flask) -> None:
    assert make_figures().identifier != make_figures(school_year=2025).identifier
