"""The longer chapters: what was planned and done, who got how much, how it was delivered, quality and money."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from prevention.core.db import db
from prevention.delivery.continuity.rules import BreakKind
from prevention.delivery.rules import Outcome, Reason
from prevention.network.rules import OrganisationKind
from prevention.programmes.quality_models import FundingLine, ProgrammeStage
from prevention.programmes.quality_rules import Stage, StageState
from prevention.reports import papers
from prevention.reports.chapters import equity, fidelity, money, plan, quality
from prevention.reports.chapters.values import Chapters
from prevention.reports.consistency import printed_figures
from prevention.reports.figures import YearFigures, collect
from tests.factories.delivery import make_booked_meeting, make_observation, make_register
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition
from tests.factories.reports import make_figures
from tests.factories.schools import make_school_class
from tests.reports.conftest import paper_of
from tests.support.queries import counted_queries

TODAY, YEAR = date(2026, 11, 30), 2026


def with_chapters(**changes: Any) -> YearFigures:
    """Give a full year whose chapters differ in some values."""
    figures = make_figures()
    assert figures.chapters is not None
    return replace(figures, chapters=replace(figures.chapters, **changes))


def test_the_chapters_are_read_from_the_rooms_below(app: Flask, frozen_clock: Any) -> None:
    edition = make_edition()
    meeting = make_booked_meeting(edition=edition)
    make_register(meeting, adaptations="Una parte all'aperto.")
    make_observation(meeting)
    make_register(
        make_booked_meeting(edition=edition),
        outcome=Outcome.NOT_HELD,
        reason=Reason.CLASS_AWAY,
    )
    payer = make_organisation(name="Comune", kind=OrganisationKind.MUNICIPALITY)
    programme = edition.programme
    db.session.add_all(
        [
            FundingLine(school_year=YEAR, payer_id=payer.id, programme_id=programme.id, amount_cents=250_00),
            FundingLine(school_year=YEAR - 2, payer_id=payer.id, amount_cents=1_00),
            ProgrammeStage(
                programme_id=programme.id, stage=Stage.NEEDS, state=StageState.DONE, done="Fatto.", gap="",
                owner_id=payer.id, reviewed_on=TODAY,
            ),
        ]
    )  # fmt: skip
    db.session.flush()

    chapters = collect(YEAR, today=TODAY).chapters

    assert chapters is not None
    (details,) = chapters.details
    assert (1, [(Reason.CLASS_AWAY, 1)]) == (
        details.meetings_adapted,
        [(one.reason, one.meetings) for one in details.not_held],
    )
    assert [("Comune", programme.slug, 250_00)] == [(one.payer, one.slug, one.amount_cents) for one in chapters.funding]
    (stages,) = chapters.stages
    assert 12 == len(stages.stages)
    assert ("Fatto.", "Comune", TODAY) == (stages.stages[0].done, stages.stages[0].owner, stages.stages[0].reviewed_on)
    assert [1] == [one.observed for one in chapters.seen]
    assert ((), ()) == (chapters.earlier, chapters.breaks)


def test_what_went_on_last_year_and_has_no_class_now_broke_off(app: Flask, frozen_clock: Any) -> None:
    last_year = make_edition(school_year=YEAR - 1)
    make_register(make_booked_meeting(edition=last_year, school_class=make_school_class(school_year=YEAR - 1)))

    chapters = collect(YEAR, today=TODAY).chapters

    assert chapters is not None
    assert [YEAR - 1] == [one.school_year for one in chapters.earlier]
    (programme,) = [one for one in chapters.breaks if one.kind is BreakKind.PROGRAMME]
    assert (last_year.programme.name, (1, 0), 0) == (programme.name, programme.before, programme.now)


def test_more_programmes_and_payments_take_no_more_statements(app: Flask, frozen_clock: Any) -> None:
    counts = []
    for _more in range(2):
        meeting = make_booked_meeting(edition=make_edition())
        make_register(meeting)
        db.session.add(
            FundingLine(
                school_year=YEAR, payer_id=make_organisation().id, amount_cents=100,
                programme_id=meeting.booking.edition.programme_id,
            )
        )  # fmt: skip
        db.session.flush()
        db.session.expunge_all()
        with counted_queries() as queries:
            collect(YEAR, today=TODAY)
        counts.append(queries.count)

    assert counts[0] == counts[1]


def test_a_year_that_was_frozen_before_there_were_chapters_stays_what_it_was(words_app: Flask) -> None:
    """Its kept figures know no chapters: they are read, keep their identifier, and its report leaves them out."""
    old = make_figures(chapters=None)
    kept = json.loads(json.dumps(old.to_json()))

    again = YearFigures.from_json(kept)

    assert "chapters" not in kept
    assert b"chapters" not in old.canonical()
    assert (old, old.identifier) == (again, again.identifier)
    page = papers.page(again, paper_of("en")).html
    assert ('id="money"' in page, 'id="quality"' in page, 'id="results"' in page) == (False, False, True)
    assert "Activities of the manual done in full" in page


def test_chapters_come_back_the_same(words_app: Flask) -> None:
    figures = make_figures()

    again = YearFigures.from_json(json.loads(json.dumps(figures.to_json())))

    assert figures == again


def test_the_plan_stands_beside_what_was_done(english: None) -> None:
    rows = {row.label: row for row in plan.plan_rows(make_figures())}

    meetings = rows["Meetings booked, and held"]
    assert ("468", "312", "67 %") == (meetings.planned, meetings.done, meetings.share)
    assert ("468", "312") == (rows["Hours that the manuals ask for, and held"].planned, rows[
        "Hours that the manuals ask for, and held"
    ].done)  # fmt: skip


def test_years_stand_side_by_side_once_there_are_three(english: None) -> None:
    figures = make_figures()
    assert plan.years_table(figures) is None
    assert figures.chapters is not None
    (last,) = figures.chapters.earlier
    earlier = (last, replace(last, school_year=2024, municipalities_reached=2))

    table = plan.years_table(with_chapters(earlier=earlier))

    assert table is not None
    assert ("2026/27", "2025/26", "2024/25") == table.years
    assert ("6", "5", "2") == dict(table.rows)["Municipalities reached"]


def test_hours_per_pupil_that_are_an_interval_are_written_as_one(english: None) -> None:
    tables = {table.key: table for table in equity.group_tables(make_figures())}

    assert {"Liceo": "0.35", "Technical": "0.61 to 0.63"} == {row.name: row.rate for row in tables["track"].rows}
    assert "Hours per pupil go from 0.35 to 0.63." == tables["track"].gap
    assert ["0.44", "not known"] == [row.rate for row in tables["planning_area"].rows]
    # One group alone is not drawn.
    assert (True, False) == (tables["track"].chart is not None, tables["planning_area"].chart is not None)


def test_areas_that_nobody_knows_are_said_in_words(words_app: Flask) -> None:
    chapters = make_figures().chapters
    assert chapters is not None
    page = papers.page(with_chapters(groups=chapters.groups[:3]), paper_of("en")).html

    assert "It is not known which planning area the municipalities belong to." in page


def test_what_broke_off_is_named_with_its_years(english: None) -> None:
    tables = {table.key: table.rows for table in equity.break_tables(make_figures())}

    (school,) = tables["school"]
    assert ("SCUOLA MEDIA N. 4", "5", "6", "none") == (school.name, school.earlier, school.last, school.now)
    assert ["Grade 3, upper secondary school"] == [row.name for row in tables["grade"]]


def test_activities_are_in_full_in_part_or_not_done_and_nothing_else(english: None) -> None:
    figures = make_figures()
    view = fidelity.fidelity(figures)

    assert view is not None
    for row, programme in zip(
        view.rows, sorted(figures.activity.programmes, key=lambda one: -one.classes), strict=True
    ):
        counted = [int(cell) for cell in (row.full, row.part, row.not_done)]
        assert programme.activities_planned == sum(counted)
    assert view.over_years is not None
    names = dict(view.over_years.rows)
    assert ("not offered",) == names["A talk by an addiction service worker"][1:]
    assert [("The class was out, on a trip or at an assembly", "12")] == list(view.reasons)


def test_a_programme_s_fidelity_is_one_figure_wherever_it_stands(words_app: Flask) -> None:
    found = printed_figures(papers.page(make_figures(), paper_of("en")).html)

    texts = [text for name, text in found if name == "programme.unplugged.fidelity"]
    assert 2 == len(texts)
    assert 1 == len(set(texts))


def test_stages_that_nobody_wrote_about_are_named_as_such(words_app: Flask) -> None:
    views = quality.stages(make_figures())

    assert [("1", "1", "10"), ("0", "0", "12"), ("0", "0", "12")] == [view.counts for view in views]
    page = papers.page(make_figures(), paper_of("en")).html
    assert "Nothing is written down yet about any stage of: LifeSkills" in page
    assert "Manca il conto delle aule." in page


def test_costs_are_given_where_money_is_known_and_said_in_words_elsewhere(english: None) -> None:
    view = money.money(make_figures())

    assert view is not None
    costs = {row.programme: (row.amount, row.per_class, row.per_pupil) for row in view.costs}
    assert ("€12,500.00", "€543.48", "€28.60") == costs["Unplugged"]
    assert ("not known",) * 3 == costs["A talk by an addiction service worker"]
    assert ("€18,500.00", "€6,000.00", "€9,000.00") == (view.total, view.shared, view.before)


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_year_without_money_or_stages_says_so(words_app: Flask, language: str) -> None:
    page = papers.page(with_chapters(funding=(), stages=()), paper_of(language)).html

    assert ("nobody has written down who pays what" in page) or ("nessuno ha scritto chi paga" in page)
    assert "€" not in page


def test_nothing_at_all_gives_chapters_of_words(words_app: Flask) -> None:
    page = papers.page(make_figures(chapters=Chapters()), paper_of("en")).html

    assert "No activity was recorded in the years before, so it is not known what broke off." in page
