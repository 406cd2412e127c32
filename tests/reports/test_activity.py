"""What was done and who was reached, in words and rows; unknown is never a zero."""

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from prevention.delivery.coverage import EquityGap
from prevention.reports import activity, printed, rows
from prevention.reports.names import labels, told_apart
from tests.factories.reports import make_activity, make_figures, make_programme_activity, make_school

pytestmark = pytest.mark.usefixtures("english")


def test_what_was_done_is_said_with_what_is_missing() -> None:
    totals = replace(
        make_activity(programmes=[make_programme_activity(classes=2)], schools=[]).totals, registers_missing=0
    )

    said = activity.done_sentences(totals)

    assert "Of 24 meetings booked, 16 were held." == said[0]
    assert "5 meetings are still to come." == said[1]
    assert "4 meetings were not held." == said[-1]


def test_a_missing_register_is_said_to_be_unknown() -> None:
    totals = replace(make_activity(programmes=[make_programme_activity()], schools=[]).totals, registers_missing=1)

    (sentence,) = [one for one in activity.done_sentences(totals) if "register" in one]

    assert sentence.startswith("For 1 meeting whose day has passed the register is missing")


def test_a_year_without_bookings_is_said_in_words() -> None:
    empty = make_activity(programmes=[], schools=[]).totals

    assert ("No meeting was booked in this school year.",) == activity.done_sentences(empty)
    assert () == activity.reach_sentences(empty)


def test_without_enrolments_hours_per_pupil_are_not_made_up() -> None:
    schools = [make_school(1, pupils_enrolled=None, hours_per_pupil=None)]

    said = activity.reach_sentences(make_activity(programmes=[make_programme_activity()], schools=schools).totals)

    assert "The number of pupils enrolled is not known, so hours per pupil cannot be given." in said


def test_last_year_is_set_beside_this_year() -> None:
    figures = make_figures()
    compared = {row.label: row for row in activity.comparisons(figures)}

    assert figures.before is not None
    held = compared["Meetings held"]
    assert (held.now, held.before) == (
        str(figures.activity.totals.meetings_held),
        str(figures.before.totals.meetings_held),
    )
    assert held.difference == f"+{figures.activity.totals.meetings_held - figures.before.totals.meetings_held}"


def test_a_share_that_is_not_known_is_not_compared() -> None:
    figures = make_figures()
    assert figures.before is not None
    unknown = replace(figures.before, totals=replace(figures.before.totals, pupils_expected=0, pupils_present=0))

    compared = {row.label: row for row in activity.comparisons(replace(figures, before=unknown))}

    row = compared["Pupils present, of those expected"]
    assert ("not known", "cannot be compared") == (row.before, row.difference)


def test_without_a_year_before_nothing_is_compared() -> None:
    assert () == activity.comparisons(make_figures(before=None))


@pytest.mark.parametrize("dimension", ["site", "municipality", "track"])
def test_each_gap_in_equity_has_its_sentence(dimension: str) -> None:
    gap = EquityGap(dimension=dimension, groups=3, lowest=Decimal("0.80"), highest=Decimal("2.35"))

    assert "from 0.80 to 2.35" in activity.equity_sentence(gap)


def test_only_schools_reached_are_drawn_the_most_hours_first() -> None:
    schools = [
        make_school(1, pupil_hours=Decimal(10)),
        make_school(2, pupil_hours=Decimal(30)),
        make_school(4, is_reached=False),
    ]

    (chart,) = activity.school_charts(schools)

    title = ET.fromstring(chart.svg)[0].text
    assert "Pupil-hours by school: SCUOLA MEDIA N. 2 30; SCUOLA MEDIA N. 1 10." == title


def test_many_schools_become_several_charts_that_fit_a_page() -> None:
    charts = activity.school_charts([make_school(number) for number in range(1, 81)])

    assert 2 < len(charts)
    assert charts[0].caption.startswith("Pupil-hours by school (1 to ")
    assert charts[-1].caption.endswith(" to 80)")
    assert all(int(ET.fromstring(chart.svg).get("height", "0")) <= 640 for chart in charts)


def test_rows_say_what_is_not_known() -> None:
    school = make_school(1, pupils_enrolled=None, hours_per_pupil=None)

    (row,) = rows.school_rows([school])

    assert ("95 (enrolled: not known)", "not known", False) == (row.pupils, row.rate, row.rate.is_known)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pupils_enrolled": 316}, "316"),
        ({"pupils_enrolled": None, "is_enrolment_low": True}, "three or fewer"),
        ({"pupils_enrolled": None}, "not known"),
    ],
)
def test_a_school_not_reached_says_how_large_it_is(changes: dict[str, object], words: str) -> None:
    school = make_school(4, is_reached=False, **changes)
    (row,) = rows.missed_rows([school], told_apart([school]))

    assert words == row.enrolled


def test_an_institute_called_like_its_school_is_not_said_twice() -> None:
    same, other = rows.school_rows([make_school(1, institute="Scuola media n. 1"), make_school(2)])

    assert {"", "ISTITUTO COMPRENSIVO 0"} == {same.institute, other.institute}


def test_schools_of_one_name_are_told_apart() -> None:
    """A school that was reached and one that was not must not look like one."""
    first, second, elsewhere = make_school(1, name="SEC. FIUME"), make_school(9, name="Sec. Fiume"), make_school(2)
    schools = [first, replace(second, istat_code=first.istat_code), replace(elsewhere, name="SEC. FIUME")]

    assert [f"SEC. FIUME ({first.code})", f"Sec. Fiume ({second.code})", "SEC. FIUME"] == list(
        told_apart(schools).values()
    )
    assert [f"SEC. FIUME, {elsewhere.municipality}", elsewhere.name] == [
        labels([schools[2], replace(second, name="SEC. FIUME")])[elsewhere.code], labels([elsewhere])[elsewhere.code]
    ]  # fmt: skip


def test_a_programme_that_held_nothing_has_no_shares() -> None:
    idle = replace(
        make_programme_activity(), meetings_held=0, pupils_present=0, pupils_expected=0, activities_planned=0,
        activities_full=0,
    )  # fmt: skip

    (row,) = rows.programme_rows([idle])

    assert ("not known", "not known") == (row.attendance, row.fidelity)


def test_hours_are_rounded_to_whole_ones() -> None:
    assert [0, 1, 2] == [printed.whole_hours(Decimal(hours)) for hours in ("0.49", "0.5", "1.5")]
