"""Taking the register in: once, in few statements, nothing deleted, nothing half-written."""

import io
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from prevention.core.csv_reading import FileRefused
from prevention.core.db import db, unit_of_work
from prevention.network import service as network
from prevention.schools import service
from prevention.schools.ministry_files import FileKind, RegisterFault
from prevention.schools.models import Enrolment, Institute, RegisterImport, Site
from prevention.schools.rules import Level
from prevention.schools.service import RegisterReport
from tests.factories.network import make_municipality
from tests.schools.ministry import (
    ELSEWHERE,
    EVENING,
    INSTITUTE,
    LICEO,
    district_rows,
    enrolment_file,
    evening_row,
    institute_row,
    make_cremona,
    milan_row,
    non_state_file,
    non_state_row,
    state_file,
    state_row,
    written,
)
from tests.support.queries import counted_queries

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def taken_in(stream: io.BytesIO, *provinces: str) -> RegisterReport:
    return service.import_register(stream, file_name="register.csv", provinces=provinces, now=NOW)


def refusal_of(stream: io.BytesIO, *provinces: str) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        taken_in(stream, *provinces)
    return caught.value


def site(code: str = LICEO) -> Site:
    found = service.site_by_code(code)
    assert found is not None
    return found


def rows_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def snapshot() -> dict[str, list[tuple[object, ...]]]:
    return {
        table.name: [tuple(row) for row in db.session.execute(table.select().order_by(*table.primary_key))]
        for table in db.metadata.sorted_tables
    }


def test_institutes_and_their_sites_of_the_province_are_taken_in(app: Flask) -> None:
    cremona = make_cremona()

    report = taken_in(state_file(), "CR")

    assert (FileKind.STATE, 2025, 4, 3) == (report.kind, report.school_year, report.rows, report.taken)
    assert {INSTITUTE, LICEO, EVENING} == {line.code for line in report.added}
    liceo = site()
    assert (INSTITUTE, cremona.id, Level.SECONDO_GRADO) == (
        liceo.institute.code,
        liceo.municipality_id,
        liceo.level,
    )
    assert Level.ISTITUTO == site(INSTITUTE).level
    assert '"P.PRIMO"' == liceo.institute.name
    assert service.site_by_code(ELSEWHERE) is None


def test_a_second_run_changes_no_row_anywhere(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    before = snapshot()

    report = taken_in(state_file(), "CR")

    assert report.changes_nothing
    assert (3, 0, 0) == (report.counts.unchanged, report.counts.added, report.counts.changed)
    assert before == snapshot()


def test_a_changed_row_is_changed_in_place_and_the_difference_is_told(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    liceo_id = site().id
    rows = [institute_row(), state_row(INDIRIZZOSCUOLA="VIA NUOVA 2"), evening_row()]

    report = taken_in(state_file(rows), "CR")

    (change,) = report.changed
    assert LICEO == change.site.code
    assert {"address": ("VIA PROVA 1", "VIA NUOVA 2")} == change.differences
    assert (liceo_id, "VIA NUOVA 2") == (site().id, site().address)


def test_a_site_that_moves_to_another_institute_is_told_by_code(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    other = "CRIS002004"
    rows = [institute_row(), institute_row(other), state_row(CODICEISTITUTORIFERIMENTO=other), evening_row()]

    report = taken_in(state_file(rows), "CR")

    (change,) = report.changed
    assert {"institute": (INSTITUTE, other)} == change.differences
    assert other == site().institute.code


def test_what_a_newer_register_lacks_is_listed_and_stays(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    newer = [{**row, "ANNOSCOLASTICO": "202627"} for row in (institute_row(), state_row())]

    report = taken_in(state_file(newer), "CR")

    assert [EVENING] == [line.code for line in report.missing]
    assert report.changes_nothing
    assert (2025, 2026) == (site().first_seen, site().last_seen)
    assert 2025 == site(EVENING).last_seen


def test_what_is_missing_stays_listed_when_the_file_is_taken_in_again(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    newer = [{**row, "ANNOSCOLASTICO": "202627"} for row in (institute_row(), state_row())]
    taken_in(state_file(newer), "CR")

    report = taken_in(state_file(newer), "CR")

    assert [EVENING] == [line.code for line in report.missing]


def test_a_site_that_comes_back_is_no_longer_missing(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    taken_in(state_file([{**row, "ANNOSCOLASTICO": "202627"} for row in (institute_row(), state_row())]), "CR")

    report = taken_in(state_file([{**row, "ANNOSCOLASTICO": "202728"} for row in district_rows()]), "CR")

    assert ((), (2025, 2027)) == (report.missing, (site(EVENING).first_seen, site(EVENING).last_seen))


def test_an_older_register_adds_what_was_not_known_and_changes_nothing_else(app: Flask) -> None:
    make_cremona()
    taken_in(state_file([institute_row(), state_row()]), "CR")
    older = [{**row, "ANNOSCOLASTICO": "202324"} for row in district_rows()]
    older[1]["DENOMINAZIONESCUOLA"] = "OLD NAME"

    report = taken_in(state_file(older), "CR")

    assert report.is_older
    assert ([EVENING], (), ()) == ([line.code for line in report.added], report.changed, report.missing)
    assert ('LICEO "SECONDO", SEDE', 2023, 2025) == (site().name, site().first_seen, site().last_seen)
    assert (2023, 2023) == (site(EVENING).first_seen, site(EVENING).last_seen)


def test_state_and_non_state_registers_of_different_years_do_not_miss_each_others_schools(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")

    report = taken_in(non_state_file(), "CR")

    assert (FileKind.NON_STATE, 2023, ()) == (report.kind, report.school_year, report.missing)
    assert not report.is_older
    asylum = site("CR1A00100X")
    assert (asylum.code, False) == (asylum.institute.code, asylum.is_state)


def test_a_register_of_one_province_does_not_miss_the_schools_of_another(app: Flask) -> None:
    make_cremona()
    make_municipality(istat_code="015146", cadastral_code="F205", name="Milano", province="MI")
    taken_in(state_file(), "CR", "MI")

    report = taken_in(state_file([{**row, "ANNOSCOLASTICO": "202627"} for row in district_rows()[:3]]), "CR")

    assert () == report.missing


def test_without_provinces_the_whole_file_is_taken_in(app: Flask) -> None:
    make_cremona()
    make_municipality(istat_code="015146", cadastral_code="F205", name="Milano", province="MI")

    report = taken_in(state_file())

    assert (4, ("CR", "MI")) == (report.taken, report.provinces)


def test_a_province_is_told_from_its_name_not_from_the_code(app: Flask) -> None:
    """Schools of Fermo have codes that begin with AP."""
    make_municipality(istat_code="109006", cadastral_code="D542", name="Fermo", province="FM")
    rows = [institute_row("APIS000000", PROVINCIA="FERMO", CODICECOMUNESCUOLA="D542"), institute_row()]

    report = taken_in(state_file(rows), "FM")

    assert ["APIS000000"] == [line.code for line in report.added]


def test_an_institute_may_sit_in_a_province_that_is_not_taken_in(app: Flask) -> None:
    make_cremona()
    rows = [milan_row(), state_row(CODICEISTITUTORIFERIMENTO=ELSEWHERE)]

    report = taken_in(state_file(rows), "CR")

    assert 1 == report.institutes_added
    institute = service.institute_by_code(ELSEWHERE)
    assert institute is not None
    assert institute.municipality_id is None


def test_the_seat_of_such_an_institute_is_filled_in_once_its_province_is_loaded_and_then_kept(app: Flask) -> None:
    make_cremona()
    rows = [milan_row(), state_row(CODICEISTITUTORIFERIMENTO=ELSEWHERE)]
    taken_in(state_file(rows), "CR")
    milan = make_municipality(istat_code="015146", cadastral_code="F205", name="Milano", province="MI")

    report = taken_in(state_file(rows), "CR")

    institute = service.institute_by_code(ELSEWHERE)
    assert institute is not None
    assert (1, milan.id) == (report.institutes_changed, institute.municipality_id)


@pytest.mark.parametrize(
    ("rows", "provinces", "fault", "row"),
    [
        (district_rows(), ["XX"], RegisterFault.UNKNOWN_PROVINCE, None),
        (district_rows(), ["CR", "BG"], RegisterFault.ABSENT_PROVINCE, None),
        (district_rows(), ["MI"], RegisterFault.UNKNOWN_MUNICIPALITY, 5),
        (district_rows(), [], RegisterFault.UNKNOWN_MUNICIPALITY, 5),
        ([*district_rows(), milan_row(CODICESCUOLA="x")], ["CR"], RegisterFault.WRONG_CODE, 6),
    ],
)
def test_a_refused_file_leaves_everything_as_it_was(
    app: Flask, rows: list[dict[str, str]], provinces: list[str], fault: RegisterFault, row: int | None
) -> None:
    make_cremona()
    taken_in(state_file([institute_row()]), "CR")
    before = snapshot()

    refusal = refusal_of(state_file(rows), *provinces)

    assert (fault, row) == (refusal.fault, refusal.row)
    assert before == snapshot()


def test_a_file_of_pupils_is_no_register(app: Flask) -> None:
    assert RegisterFault.OTHER_KIND == refusal_of(enrolment_file(), "CR").fault


def test_an_import_is_logged_once_for_the_same_content(app: Flask, session: scoped_session[Session]) -> None:
    make_cremona()
    taken_in(state_file(), "CR")
    taken_in(state_file(), "CR")

    (entry,) = session.scalars(select(RegisterImport))

    assert (FileKind.STATE, 2025, 3, 3, 0, 0, NOW) == (
        entry.kind,
        entry.school_year,
        entry.rows,
        entry.added,
        entry.changed,
        entry.missing,
        entry.imported_at,
    )


def test_a_larger_register_needs_no_more_statements(app: Flask) -> None:
    make_cremona()

    def statements(count: int) -> tuple[int, int]:
        empty = ["CAPSCUOLA", "INDIRIZZOSCUOLA", "SITOWEBSCUOLA", "INDIRIZZOEMAILSCUOLA"]
        rows = [
            institute_row(),
            *(state_row(f"CRPS{number:06d}", **{empty[number % 4]: "Non Disponibile"}) for number in range(count)),
        ]
        changed = [{**row, "DENOMINAZIONESCUOLA": f"SCUOLA {count}"} for row in rows]
        with counted_queries() as first:
            taken_in(state_file(rows), "CR")
        with counted_queries() as second:
            taken_in(state_file(changed), "CR")
        return first.count, second.count

    statements(2)

    assert statements(20) == statements(2_000)


def test_looking_first_says_the_same_and_writes_nothing(app: Flask) -> None:
    make_cremona()
    before = snapshot()
    sources = [service.SourceFile(name="register.csv", stream=state_file())]

    (seen,) = service.preview_files(sources, provinces=["CR"])

    assert before == snapshot()
    assert taken_in(state_file(), "CR") == seen


def test_two_files_at_once_are_both_taken_in_or_neither(live_app: Flask) -> None:
    with live_app.app_context():
        with unit_of_work():
            make_cremona()
        sources = [
            service.SourceFile(name="a.csv", stream=state_file()),
            service.SourceFile(name="b.csv", stream=non_state_file([non_state_row("broken")])),
        ]

        with pytest.raises(FileRefused), unit_of_work():
            service.import_files(sources, provinces=["CR"], now=NOW)

        assert 0 == rows_of(Site)


def test_two_imports_at_once_do_not_double_a_row(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        make_cremona()
    barrier = threading.Barrier(2)
    reports: list[RegisterReport] = []

    def run() -> None:
        with live_app.app_context():
            barrier.wait()
            with unit_of_work():
                reports.append(taken_in(state_file(), "CR"))
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)

    assert [0, 3] == sorted(len(report.added) for report in reports)
    with live_app.app_context():
        assert (1, 3, 1) == (rows_of(Institute), rows_of(Site), rows_of(RegisterImport))


def test_pupils_taken_in_before_their_school_are_linked_when_it_comes(
    app: Flask, session: scoped_session[Session]
) -> None:
    make_cremona()
    taken_in(state_file([institute_row()]), "CR")
    session.add(Enrolment(code=LICEO, school_year=2024, pupils=120, is_low=False))
    session.flush()

    taken_in(state_file(), "CR")

    assert site().id == session.scalar(select(Enrolment.site_id))


def test_cremona_has_322_state_and_60_non_state_rows_all_in_a_municipality(app: Flask, shared_data: Path) -> None:
    with (shared_data / "geo" / "cremona_comuni_istat.csv").open("rb") as stream:
        network.import_municipalities(stream, file_name="comuni.csv")
    files = ["SCUANAGRAFESTAT20252620250901.csv.gz", "scuole_paritarie_lombardia_202324.csv"]
    reports = []
    for name in files * 2:
        with (shared_data / "schools" / name).open("rb") as stream:
            reports.append(service.import_register(stream, file_name=name, provinces=["CR"], now=NOW))

    state, non_state, *again = reports
    assert (322, 60) == (len(state.added), len(non_state.added))
    assert all(report.changes_nothing for report in again)
    places = select(func.count(Site.municipality_id.distinct()))
    assert (90, 21) == tuple(db.session.scalar(places.where(Site.is_state == kind)) for kind in (True, False))
    heads = select(func.count(Site.id)).where(Site.level == Level.ISTITUTO)
    assert 38 == db.session.scalar(heads)


def test_the_state_register_of_all_italy_is_refused_where_municipalities_are_missing(
    app: Flask, shared_data: Path
) -> None:
    make_cremona()
    path = shared_data / "schools" / "SCUANAGRAFESTAT20252620250901.csv.gz"
    with path.open("rb") as stream, pytest.raises(FileRefused) as caught:
        service.import_register(stream, file_name="italy.csv.gz", provinces=(), now=NOW)

    assert (RegisterFault.UNKNOWN_MUNICIPALITY, 2) == (caught.value.fault, caught.value.row)


def test_a_file_that_is_written_with_a_mark_and_packed_is_the_same_file(app: Flask) -> None:
    make_cremona()
    taken_in(state_file(), "CR")

    report = taken_in(io.BytesIO(b"\xef\xbb\xbf" + written(district_rows())), "CR")

    assert report.changes_nothing
