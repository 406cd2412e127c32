"""Municipalities from a table: once, all or nothing, and every reason to refuse."""

import io
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from prevention.core.csv_reading import FileFault, FileRefused
from prevention.core.csv_wording import refusal_in_words
from prevention.network import service
from prevention.network.models import Municipality
from prevention.network.municipalities import MunicipalityFault
from prevention.network.service import MunicipalityReport
from prevention.network.wording import MUNICIPALITY_REASONS
from tests.factories.network import make_municipality
from tests.support.queries import counted_queries

HEADER = "codice_istat,codice_catastale,comune,pop_censimento_2011,pop_residente_2021_01_01\n"
CREMONA = "019036,D150,Cremona,69589,71523\n"
CREMA = "019035,D142,Crema,33091,34242\n"
DEMO_FILE = Path(service.__file__).parent.parent / "data" / "cremona_municipalities.csv"


def taken_in(text: str) -> MunicipalityReport:
    return service.import_municipalities(io.BytesIO(text.encode()), file_name="comuni.csv")


def refusal_of(text: str) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        taken_in(text)
    return caught.value


def test_a_table_is_taken_in_with_province_and_newest_residents(app: Flask) -> None:
    report = taken_in(HEADER + CREMONA + CREMA)

    assert MunicipalityReport(rows=2, added=2, changed=0, unchanged=0) == report
    cremona = service.municipality_by_cadastral("D150")
    assert cremona is not None
    assert ("019036", "Cremona", "CR", 71523) == (
        cremona.istat_code,
        cremona.name,
        cremona.province,
        cremona.population,
    )


def test_a_second_run_changes_no_row(app: Flask) -> None:
    taken_in(HEADER + CREMONA + CREMA)

    report = taken_in(HEADER + CREMONA + CREMA)

    assert MunicipalityReport(rows=2, added=0, changed=0, unchanged=2) == report


def test_what_a_later_file_does_not_say_is_kept(app: Flask) -> None:
    taken_in(HEADER + CREMONA)

    report = taken_in("codice_istat,codice_catastale,comune,ambito\n019036,D150,Cremona,Cremonese\n")

    cremona = service.municipality_by_cadastral("D150")
    assert cremona is not None
    assert 1 == report.changed
    assert (71523, "Cremonese") == (cremona.population, cremona.planning_area)


def test_a_province_column_rules_over_the_istat_code(app: Flask) -> None:
    taken_in("codice_istat,codice_catastale,comune,provincia\n111001,A359,Arbus,Cagliari\n")

    municipality = service.municipality_by_cadastral("A359")
    assert municipality is not None
    assert "CA" == municipality.province


@pytest.mark.parametrize(
    ("text", "fault", "row", "column"),
    [
        (HEADER + CREMONA + "19035,D142,Crema,1,1\n", MunicipalityFault.WRONG_ISTAT_CODE, 3, "codice_istat"),
        (HEADER + "019036,0150,Cremona,1,1\n", MunicipalityFault.WRONG_CADASTRAL_CODE, 2, "codice_catastale"),
        (HEADER + "019036,D150,,1,1\n", MunicipalityFault.WRONG_NAME, 2, "comune"),
        (HEADER + "019036,D150,Cremona,1,n.d.\n", MunicipalityFault.WRONG_POPULATION, 2, "pop_residente"),
        (HEADER + "999036,D150,Cremona,1,1\n", MunicipalityFault.UNKNOWN_PROVINCE, 2, "codice_istat"),
        (HEADER + CREMONA + CREMONA, MunicipalityFault.DUPLICATE_CODE, 3, "codice_istat"),
        (HEADER + CREMONA + "019035,D150,Crema,1,1\n", MunicipalityFault.DUPLICATE_CODE, 3, "codice_catastale"),
        ("codice_istat,comune\n019036,Cremona\n", FileFault.MISSING_COLUMN, 1, "codice_catastale"),
        (HEADER.replace(",", ";"), FileFault.OTHER_DELIMITER, 1, None),
        (HEADER + CREMONA + "019035,D142\n", FileFault.RAGGED_ROW, 3, None),
    ],
)
def test_a_bad_table_is_refused_whole_with_row_and_column(
    app: Flask, session: scoped_session[Session], text: str, fault: str, row: int, column: str | None
) -> None:
    refusal = refusal_of(text)

    assert (fault, "comuni.csv", row, column) == (
        refusal.fault,
        refusal.file_name,
        refusal.row,
        refusal.column,
    )
    assert 0 == session.scalar(select(func.count(Municipality.id)))


def test_a_cadastral_code_of_another_municipality_is_refused(app: Flask) -> None:
    make_municipality(istat_code="019001", cadastral_code="D150")

    refusal = refusal_of(HEADER + CREMONA)

    assert (MunicipalityFault.CODE_TAKEN, 2, "019001") == (refusal.fault, refusal.row, refusal.expected)


def test_a_longer_table_needs_no_more_statements(app: Flask) -> None:
    def statements(first: int, count: int) -> int:
        numbers = range(first, first + count)
        rows = [f"019{number:03d},A{number:03d},Comune,1,{number if number % 2 else ''}\n" for number in numbers]
        with counted_queries() as sent:
            taken_in(HEADER + "".join(rows))
        return sent.count

    assert statements(1, 4) == statements(100, 400)


@pytest.mark.parametrize("fault", list(MunicipalityFault))
def test_every_refusal_has_words(app: Flask, fault: MunicipalityFault) -> None:
    refusal = FileRefused(fault, file_name="comuni.csv", row=7, column="comune", value="x", expected="3")

    for language in ("it", "en"):
        with force_locale(language):
            assert "%(" not in refusal_in_words(refusal, reasons=MUNICIPALITY_REASONS)


def test_the_demo_district_loads_and_its_provinces_are_listed(app: Flask) -> None:
    with DEMO_FILE.open("rb") as stream:
        report = service.import_municipalities(stream, file_name=DEMO_FILE.name)

    assert 113 == report.added
    assert ["Cremona"] == [province.name for province in service.loaded_provinces()]
    areas = {row.name: row.planning_area for row in service.municipalities()}
    assert ("Cremonese", "Cremasco", "Casalasco") == (areas["Cremona"], areas["Crema"], areas["Casalmaggiore"])


def test_the_demo_district_agrees_with_istat(app: Flask, shared_data: Path) -> None:
    with (shared_data / "geo" / "cremona_comuni_istat.csv").open("rb") as stream:
        everything = service.import_municipalities(stream, file_name="istat.csv")

    with DEMO_FILE.open("rb") as stream:
        report = service.import_municipalities(stream, file_name=DEMO_FILE.name)

    assert 113 == everything.added
    assert 0 == report.added
    assert {"Crema": "Cremasco", "Cremona": "Cremonese"} == {
        row.name: row.planning_area for row in service.municipalities() if row.name in ("Crema", "Cremona")
    }


def test_the_command_takes_a_table_in_and_a_bad_one_ends_with_one(live_app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + CREMONA)
    bad.write_text(HEADER + CREMA + "x,y,z,1,1\n")
    runner = live_app.test_cli_runner()

    first = runner.invoke(args=["network", "import-municipalities", str(good)])
    second = runner.invoke(args=["network", "import-municipalities", str(bad)])

    assert (0, 1) == (first.exit_code, second.exit_code)
    assert "bad.csv" in second.output
    assert "3" in second.output
    with live_app.app_context():
        assert ["Cremona"] == [row.name for row in service.municipalities()]
