"""The data inside a report are those of its pages, and safe to open."""

import csv
import json
from dataclasses import replace
from hashlib import sha256
from io import StringIO

import pytest

from prevention.indicators.published import Reason
from prevention.reports.attachments import attachments_of
from prevention.reports.figures import YearFigures
from tests.factories.reports import make_activity, make_cell, make_figures, make_school, make_table

pytestmark = pytest.mark.usefixtures("english")


def read(figures: YearFigures, name: str) -> list[dict[str, str]]:
    """Read one attached CSV file."""
    (file,) = [file for file in attachments_of(figures) if file.name == name]
    return list(csv.DictReader(StringIO(file.content.decode())))


def test_every_school_and_programme_is_in_the_data() -> None:
    figures = make_figures()

    assert [school.code for school in figures.activity.schools] == [row["code"] for row in read(figures, "schools.csv")]
    assert [one.slug for one in figures.activity.programmes] == [row["slug"] for row in read(figures, "activity.csv")]
    assert len(figures.activity.municipalities) == len(read(figures, "municipalities.csv"))


def test_this_year_s_and_last_year_s_survey_figures_are_in_the_data() -> None:
    rows = read(make_figures(), "survey.csv")

    assert {"2026", "2025"} == {row["school_year"] for row in rows}
    whole = next(row for row in rows if row["indicator"] == "I02" and row["domain"] == "all")
    assert ("412", "0.18", "yes", "") == (whole["n_valid"], whole["share"], whole["shown"], whole["reason"])


def test_a_hidden_cell_has_a_reason_and_no_number() -> None:
    leaky = replace(make_cell(share=0.37), shown=False, reason=Reason.COMPLEMENTARY)

    (row,) = read(make_figures(tables=(make_table(cells=[leaky]),), tables_before=()), "survey.csv")

    assert ["", "", "", "", ""] == [row[field] for field in ("n_valid", "share", "low", "high", "coded")]
    assert ("no", "complementary") == (row["shown"], row["reason"])


@pytest.mark.parametrize("name", ["=1+1", "+39 0372", "-x", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_that_a_spreadsheet_would_run_is_made_plain(name: str) -> None:
    figures = make_figures(activity=make_activity(programmes=[], schools=[make_school(1, name=name)]))

    assert f"'{name}" == read(figures, "schools.csv")[0]["name"]


def test_an_unknown_number_is_an_empty_cell_not_a_zero() -> None:
    school = make_school(1, pupils_enrolled=None, hours_per_pupil=None)

    row = read(make_figures(activity=make_activity(programmes=[], schools=[school])), "schools.csv")[0]

    assert ("", "") == (row["pupils_enrolled"], row["hours_per_pupil"])


def test_the_attached_figures_are_what_the_identifier_was_made_from() -> None:
    figures = make_figures()

    (file,) = [file for file in attachments_of(figures) if file.name == "figures.json"]

    assert figures.identifier == sha256(file.content).hexdigest()
    assert figures == YearFigures.from_json(json.loads(file.content))
