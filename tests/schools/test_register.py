"""Reading of the ministry's files: what every column becomes, and every reason to refuse a file."""

import gzip
import io
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from prevention.core.csv_reading import FileFault, FileRefused, open_table
from prevention.schools.enrolments import EnrolmentRow, read_enrolments
from prevention.schools.ministry_files import FileKind, RegisterFault, RegisterRefused, kind_of
from prevention.schools.register import RegisterReader, RegisterRow, website_address
from prevention.schools.rules import Level, Track
from prevention.schools.school_types import _TRACK_LETTERS
from prevention.schools.wording import file_refusal_in_words
from tests.schools.ministry import (
    ENROLMENT_COLUMNS,
    INSTITUTE,
    LICEO,
    NON_STATE_COLUMNS,
    STATE_COLUMNS,
    district_rows,
    enrolment_row,
    evening_row,
    institute_row,
    milan_row,
    non_state_row,
    packed,
    state_row,
    written,
)

# What two files put one behind the other have in the middle.
SECOND_HEADER = dict(zip(STATE_COLUMNS, STATE_COLUMNS, strict=True))


def reader_of(content: bytes | io.BytesIO, *provinces: str) -> RegisterReader:
    stream = content if isinstance(content, io.BytesIO) else io.BytesIO(content)
    table = open_table(stream, file_name="register.csv")
    return RegisterReader(table, kind=kind_of(table), provinces=frozenset(provinces) or None)


def read(content: bytes | io.BytesIO, *provinces: str) -> list[RegisterRow]:
    return list(reader_of(content, *provinces))


def refusal_of(content: bytes | io.BytesIO, *provinces: str) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(content, *provinces)
    return caught.value


def place_of(refusal: FileRefused) -> tuple[object, int | None, str | None]:
    return refusal.fault, refusal.row, refusal.column


def test_a_state_row_is_read_as_text_with_quotes_and_zeros_kept() -> None:
    (row,) = read(written([state_row()]))

    assert (
        RegisterRow(
            row=2,
            code=LICEO,
            institute_code=INSTITUTE,
            institute_name='"P.PRIMO"',
            name='LICEO "SECONDO", SEDE',
            address="VIA PROVA 1",
            postcode="02610",
            cadastral_code="D150",
            province_name="CREMONA",
            level=Level.SECONDO_GRADO,
            track=Track.LICEO,
            type_description="LICEO SCIENTIFICO",
            email="CRIS001008@example.org",
            website="https://www.primo.example.org/",
        )
        == row
    )


def test_what_is_not_available_is_none_and_a_school_without_name_is_named_by_type_and_place() -> None:
    (row,) = read(
        written(
            [
                state_row(
                    DENOMINAZIONESCUOLA="Non Disponibile",
                    INDIRIZZOSCUOLA="Non Disponibile",
                    CAPSCUOLA="Non Disponibile",
                    INDIRIZZOEMAILSCUOLA="Non Disponibile",
                    SITOWEBSCUOLA="Non Disponibile",
                )
            ]
        )
    )

    assert ("LICEO SCIENTIFICO - CREMONA", None, None, None, None) == (
        row.name,
        row.address,
        row.postcode,
        row.email,
        row.website,
    )


@pytest.mark.parametrize("postcode", ["1", ".", "8038", "0907", "261000"])
def test_a_postcode_that_is_none_is_dropped_not_refused(postcode: str) -> None:
    (row,) = read(written([state_row(CAPSCUOLA=postcode)]))

    assert row.postcode is None


def test_a_non_state_school_is_its_own_institute() -> None:
    (row,) = read(written([non_state_row()], NON_STATE_COLUMNS))

    assert (row.code, row.name) == (row.institute_code, row.institute_name)
    assert Level.INFANZIA == row.level


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without mark", "with mark"])
@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
def test_a_register_is_read_as_published_whatever_its_wrapping(*, mark: bytes, is_packed: bool) -> None:
    content = mark + written(district_rows())

    rows = read(packed(content) if is_packed else content)

    assert 4 == len(rows)


def test_columns_are_found_by_name_and_new_ones_are_left_alone() -> None:
    columns = ("NUOVACOLONNA", *reversed(STATE_COLUMNS))
    content = written([{**state_row(), "NUOVACOLONNA": "x"}], columns)

    (row,) = read(content)

    assert LICEO == row.code


def test_only_the_wanted_provinces_are_given_out_but_the_whole_file_is_counted() -> None:
    reader = reader_of(written(district_rows()), "CREMONA")

    rows = list(reader)

    assert {"CREMONA"} == {row.province_name for row in rows}
    assert (4, 2025, {"CREMONA", "MILANO"}) == (reader.row_count, reader.school_year, reader.provinces)


def test_an_evening_course_is_adult_education() -> None:
    (row,) = read(written([evening_row()]))

    assert (Level.ADULTI, None) == (row.level, row.track)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https//iccremonaquattro.edu.it/", "https://iccremonaquattro.edu.it/"),
        ("http//www.icsoncino.gov.it", "http://www.icsoncino.gov.it"),
        ("https://a.edu.it", "https://a.edu.it"),
        ("www.einaudicremona.edu.it/", "https://www.einaudicremona.edu.it/"),
        ("WWW.ICPIZZIGHETTONE.EDU.IT", "https://www.icpizzighettone.edu.it"),
        ("icfalbor.edu..it", None),
        ("https//www iclevimontalcini.edu.it", None),
        ("I.C. F. GESUE'", None),
        ("javascript:alert(1)", None),
        ("javascript//alert.it/1", None),
        ("Non Disponibile", None),
        ("", None),
    ],
)
def test_a_web_address_is_mended_or_dropped(text: str, address: str | None) -> None:
    assert address == website_address(text)


@pytest.mark.parametrize(
    ("rows", "fault", "row", "column"),
    [
        ([institute_row(), state_row("CRPS00101")], RegisterFault.WRONG_CODE, 3, "CODICESCUOLA"),
        ([state_row("crps00101e")], RegisterFault.WRONG_CODE, 2, "CODICESCUOLA"),
        ([state_row(), state_row()], RegisterFault.DUPLICATE_CODE, 3, "CODICESCUOLA"),
        ([state_row(CODICEISTITUTORIFERIMENTO="X")], RegisterFault.WRONG_CODE, 2, "CODICEISTITUTORIFERIMENTO"),
        ([state_row(CODICECOMUNESCUOLA="19036")], RegisterFault.WRONG_CODE, 2, "CODICECOMUNESCUOLA"),
        ([state_row(ANNOSCOLASTICO="2025")], RegisterFault.WRONG_YEAR, 2, "ANNOSCOLASTICO"),
        ([institute_row(), state_row(ANNOSCOLASTICO="202425")], RegisterFault.OTHER_YEAR, 3, "ANNOSCOLASTICO"),
        ([state_row(PROVINCIA="Non Disponibile")], RegisterFault.MISSING_VALUE, 2, "PROVINCIA"),
        (
            [state_row(DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA="ACCADEMIA")],
            RegisterFault.UNKNOWN_TYPE,
            2,
            "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA",
        ),
        (
            [institute_row(), state_row(DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA="SCUOLA INFANZIA NON STATALE")],
            RegisterFault.ROW_OF_OTHER_KIND,
            3,
            "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA",
        ),
        ([institute_row(), SECOND_HEADER], RegisterFault.WRONG_YEAR, 3, "ANNOSCOLASTICO"),
    ],
)
def test_a_wrong_row_refuses_the_file_with_row_and_column(
    rows: list[dict[str, str]], fault: RegisterFault, row: int, column: str
) -> None:
    refusal = refusal_of(written(rows))

    assert isinstance(refusal, RegisterRefused)
    assert (fault, row, column) == place_of(refusal)


def test_a_duplicate_names_the_row_of_the_first() -> None:
    assert "2" == refusal_of(written([state_row(), institute_row(), state_row()])).expected


def test_a_wrong_row_of_another_province_refuses_the_file_too() -> None:
    refusal = refusal_of(written([*district_rows(), milan_row(CODICESCUOLA="MI")]), "CREMONA")

    assert (RegisterFault.WRONG_CODE, 6, "CODICESCUOLA") == place_of(refusal)


def test_a_wrong_code_in_row_4711_is_found_there() -> None:
    rows = [state_row(f"CRPS{number:06d}") for number in range(6000)]
    rows[4711 - 2]["CODICESCUOLA"] = "CRPS-4711"

    refusal = refusal_of(written(rows), "MILANO")

    assert (RegisterFault.WRONG_CODE, 4711, "CODICESCUOLA") == place_of(refusal)
    assert "CRPS-4711" == refusal.value


@pytest.mark.parametrize(
    ("content", "fault", "row", "column"),
    [
        (b"", FileFault.EMPTY, None, None),
        (written([]), FileFault.NO_ROWS, None, None),
        (written(district_rows(), delimiter=";"), FileFault.OTHER_DELIMITER, 1, None),
        (written(district_rows(), delimiter="\t"), FileFault.OTHER_DELIMITER, 1, None),
        (b"<!doctype html><title>Errore</title>", FileFault.HTML, 1, None),
        (gzip.compress(written(district_rows()))[:-12], FileFault.BROKEN_GZIP, None, None),
        (gzip.compress(b"<html>"), FileFault.HTML, 1, None),
        (
            written([state_row(DENOMINAZIONESCUOLA="CANTÙ")], encoding="latin-1"),
            FileFault.NOT_UTF8,
            2,
            "DENOMINAZIONESCUOLA",
        ),
        (written(district_rows()).replace(b",SI,", b",SI", 1), FileFault.RAGGED_ROW, 2, None),
        (b"name,surname\nAnna,Rossi\n", RegisterFault.UNKNOWN_LAYOUT, 1, None),
    ],
)
def test_a_file_that_is_no_register_is_refused(content: bytes, fault: str, row: int | None, column: str | None) -> None:
    refusal = refusal_of(content)

    assert fault == refusal.fault
    assert column == refusal.column
    assert row is None or row == refusal.row


@pytest.mark.parametrize("column", [*STATE_COLUMNS[3:14], "SITOWEBSCUOLA"])
def test_a_missing_column_of_the_state_register_is_named(column: str) -> None:
    columns = [name for name in STATE_COLUMNS if name != column]

    assert (FileFault.MISSING_COLUMN, 1, column) == place_of(refusal_of(written(district_rows(), columns)))


def test_a_missing_column_of_the_non_state_register_is_named() -> None:
    columns = [name for name in NON_STATE_COLUMNS if name != "CAPSCUOLA"]

    assert (FileFault.MISSING_COLUMN, 1, "CAPSCUOLA") == place_of(refusal_of(written([non_state_row()], columns)))


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (STATE_COLUMNS, FileKind.STATE),
        (NON_STATE_COLUMNS, FileKind.NON_STATE),
        (ENROLMENT_COLUMNS, FileKind.ENROLMENTS),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_columns(columns: tuple[str, ...], kind: FileKind) -> None:
    assert kind == kind_of(open_table(io.BytesIO(written([], columns)), file_name="x.csv"))


def test_a_file_of_another_kind_than_said_is_refused() -> None:
    table = open_table(io.BytesIO(written([])), file_name="x.csv")

    with pytest.raises(RegisterRefused) as caught:
        kind_of(table, expected=FileKind.NON_STATE)

    assert (RegisterFault.OTHER_KIND, "state", "non_state") == (
        caught.value.fault,
        caught.value.value,
        caught.value.expected,
    )


def pupils_of(*rows: dict[str, str]) -> list[EnrolmentRow]:
    stream = io.BytesIO(written(rows, ENROLMENT_COLUMNS))
    return list(read_enrolments(open_table(stream, file_name="pupils.csv")))


def test_three_pupils_or_fewer_are_a_value() -> None:
    low, known = pupils_of(enrolment_row(pupils="<=3"), enrolment_row(year="202122", pupils="97"))

    assert (None, 2024) == (low.pupils, low.school_year)
    assert (97, 2021) == (known.pupils, known.school_year)


@pytest.mark.parametrize(
    ("row", "fault", "column"),
    [
        (enrolment_row(code="CR"), RegisterFault.WRONG_CODE, "CODICESCUOLA"),
        (enrolment_row(year="202423"), RegisterFault.WRONG_YEAR, "ANNOSCOLASTICO"),
        (enrolment_row(year="202122", pupils="<=5"), RegisterFault.WRONG_NUMBER, "NUMEROSTUDENTI"),
        (enrolment_row(year="202122", pupils="-1"), RegisterFault.WRONG_NUMBER, "NUMEROSTUDENTI"),
        (enrolment_row(year="202122", pupils=""), RegisterFault.WRONG_NUMBER, "NUMEROSTUDENTI"),
        (enrolment_row(year="202122", pupils="12.5"), RegisterFault.WRONG_NUMBER, "NUMEROSTUDENTI"),
        (enrolment_row(), RegisterFault.DUPLICATE_CODE, "CODICESCUOLA"),
    ],
)
def test_a_wrong_row_of_pupils_refuses_the_file(row: dict[str, str], fault: RegisterFault, column: str) -> None:
    with pytest.raises(RegisterRefused) as caught:
        pupils_of(enrolment_row(), row)

    assert (fault, 3, column) == place_of(caught.value)


@pytest.mark.parametrize("fault", list(RegisterFault))
def test_every_refusal_has_words_in_both_languages(app: Flask, fault: RegisterFault) -> None:
    refusal = RegisterRefused(
        fault, file_name="register.csv", row=4711, column="CODICESCUOLA", value="state", expected="non_state"
    )

    for language in ("it", "en"):
        with force_locale(language):
            words = file_refusal_in_words(refusal)

        assert "register.csv" in words
        assert "4711" in words
        assert "%(" not in words
        assert "non_state" not in words or fault not in (RegisterFault.OTHER_KIND, RegisterFault.ROW_OF_OTHER_KIND)


def test_the_national_register_is_read_whole(shared_data: Path) -> None:
    with (shared_data / "schools" / "SCUANAGRAFESTAT20252620250901.csv.gz").open("rb") as stream:
        table = open_table(stream, file_name="italy.csv.gz")
        reader = RegisterReader(table, kind=kind_of(table))
        rows = list(reader)

    assert (50_349, 2025, 104, 7860) == (
        len(rows),
        reader.school_year,
        len(reader.provinces),
        len(reader.seats),
    )
    assert 322 == sum(row.province_name == "CREMONA" for row in rows)


def test_the_letters_of_the_code_agree_with_the_type_all_over_italy(shared_data: Path) -> None:
    with (shared_data / "schools" / "SCUANAGRAFESTAT20252620250901.csv.gz").open("rb") as stream:
        table = open_table(stream, file_name="italy.csv.gz")
        rows = [row for row in RegisterReader(table, kind=kind_of(table)) if row.track is not None]

    assert [] == [row.code for row in rows if _TRACK_LETTERS.get(row.code[2]) != row.track]
