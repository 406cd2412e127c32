"""Pupils per school: denominators that add up, hidden counts kept hidden, codes of dissolved schools kept."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.core.csv_reading import FileRefused
from prevention.core.db import db
from prevention.network import service as network
from prevention.schools import service
from prevention.schools.ministry_files import RegisterFault
from prevention.schools.models import Enrolment
from prevention.schools.service import EnrolmentReport, YearSum
from tests.factories.schools import make_site
from tests.schools.ministry import (
    ENROLMENT_COLUMNS,
    LICEO,
    enrolment_file,
    enrolment_row,
    make_cremona,
    non_state_file,
    state_file,
    written,
)
from tests.support.queries import counted_queries

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DISSOLVED = "CRMM81001A"


def taken_in(*rows: dict[str, str]) -> EnrolmentReport:
    return service.import_enrolments(enrolment_file(rows), file_name="pupils.csv", now=NOW)


def test_pupils_are_kept_per_school_and_year(app: Flask) -> None:
    site = make_site(code=LICEO)

    report = taken_in(enrolment_row(), enrolment_row(year="202324", pupils="118"))

    assert (2, 2, 0) == (report.counts.taken, report.counts.added, report.counts.changed)
    assert [(2023, 118), (2024, 120)] == [(row.school_year, row.pupils) for row in service.enrolment_history(site.id)]


def test_three_or_fewer_is_kept_as_hidden_not_as_a_number(app: Flask) -> None:
    site = make_site(code=LICEO)

    report = taken_in(enrolment_row(pupils="<=3"))

    (row,) = service.enrolment_history(site.id)
    assert (None, True) == (row.pupils, row.is_low)
    assert (YearSum(school_year=2024, schools=1, pupils=0, low=1),) == report.years


def test_a_second_run_changes_no_row(app: Flask) -> None:
    make_site(code=LICEO)
    taken_in(enrolment_row(), enrolment_row(year="202324", pupils="<=3"))

    report = taken_in(enrolment_row(), enrolment_row(year="202324", pupils="<=3"))

    assert report.changes_nothing


def test_a_corrected_count_replaces_the_old_one(app: Flask) -> None:
    site = make_site(code=LICEO)
    taken_in(enrolment_row(pupils="<=3"))

    report = taken_in(enrolment_row(pupils="7"))

    (row,) = service.enrolment_history(site.id)
    assert (1, 7, False) == (report.changed, row.pupils, row.is_low)


def test_a_code_that_the_register_lacks_is_listed_and_its_pupils_are_kept(app: Flask) -> None:
    make_site(code=LICEO)

    report = taken_in(enrolment_row(), enrolment_row(code=DISSOLVED, pupils="80"))

    assert ((DISSOLVED, (2024,)),) == report.absent
    assert 200 == db.session.scalar(select(func.sum(Enrolment.pupils)))


def test_schools_of_other_districts_are_left_out(app: Flask) -> None:
    make_site(code=LICEO)

    report = taken_in(enrolment_row(), enrolment_row(code="MIPS010009"))

    assert (1, 1, ()) == (report.taken, report.outside, report.absent)
    assert 1 == db.session.scalar(select(func.count(Enrolment.id)))


def test_a_file_without_any_school_of_the_register_is_refused(app: Flask) -> None:
    with pytest.raises(FileRefused) as caught:
        taken_in(enrolment_row())

    assert RegisterFault.NO_KNOWN_SCHOOL == caught.value.fault


def test_a_bad_row_leaves_everything_as_it_was(app: Flask) -> None:
    make_site(code=LICEO)

    with pytest.raises(FileRefused):
        taken_in(enrolment_row(), enrolment_row(year="202324", pupils="many"))

    assert 0 == db.session.scalar(select(func.count(Enrolment.id)))


def test_a_longer_file_needs_no_more_statements(app: Flask) -> None:
    make_site(code=LICEO)

    def statements(count: int) -> int:
        rows = [
            enrolment_row(),
            *(
                enrolment_row(code=f"CRPS{count:03d}{number:03d}", pupils="<=3" if number % 2 else "9")
                for number in range(count)
            ),
        ]
        with counted_queries() as sent:
            taken_in(*rows)
        return sent.count

    statements(1)

    assert statements(10) == statements(900)


def test_a_register_and_its_pupils_can_be_looked_at_together(app: Flask) -> None:
    make_cremona()
    sources = [
        service.SourceFile(name="pupils.csv", stream=enrolment_file()),
        service.SourceFile(name="register.csv", stream=state_file()),
    ]

    register, pupils = service.preview_files(sources, provinces=["CR"])

    assert (3, 1) == (register.counts.added, pupils.counts.added)
    assert isinstance(pupils, EnrolmentReport)
    assert () == pupils.absent


def test_the_pupils_of_the_province_add_up_to_the_published_sums(app: Flask, shared_data: Path) -> None:
    with (shared_data / "geo" / "cremona_comuni_istat.csv").open("rb") as stream:
        network.import_municipalities(stream, file_name="comuni.csv")
    folder = shared_data / "schools"
    for name in ("SCUANAGRAFESTAT20252620250901.csv.gz", "scuole_paritarie_cremona_202324.csv"):
        with (folder / name).open("rb") as stream:
            service.import_register(stream, file_name=name, provinces=["CR"], now=NOW)

    with (folder / "alunni_per_scuola_cremona_202122_202425.csv").open("rb") as stream:
        report = service.import_enrolments(stream, file_name="pupils.csv", now=NOW)

    assert [(2021, 333, 48_112), (2022, 332, 47_872), (2023, 333, 47_624), (2024, 332, 47_217)] == [
        (year.school_year, year.schools, year.pupils) for year in report.years
    ]
    assert 9 == sum(2024 in years for _code, years in report.absent)
    stored = select(func.count(), func.sum(Enrolment.pupils)).where(Enrolment.school_year == 2024)
    assert (332, 47_217) == tuple(db.session.execute(stored).one())
    linked = stored.where(Enrolment.site_id.is_not(None))
    assert 323 == db.session.execute(linked).one()[0]


def test_non_state_schools_have_pupils_too(app: Flask) -> None:
    make_cremona()
    service.import_register(non_state_file(), file_name="register.csv", provinces=["CR"], now=NOW)

    report = taken_in(enrolment_row(code="CR1A00100X"))

    assert () == report.absent


def test_bytes_that_are_no_table_are_refused(app: Flask) -> None:
    stream = io.BytesIO(written([enrolment_row()], ENROLMENT_COLUMNS, delimiter=";"))

    with pytest.raises(FileRefused):
        service.import_enrolments(stream, file_name="pupils.csv", now=NOW)
