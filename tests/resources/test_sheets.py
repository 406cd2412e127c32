"""Many materials from a spreadsheet: every row is shown first, all are added or none, a second time adds nothing."""

import csv
import io
import uuid
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.db import db
from prevention.resources import service
from prevention.resources.models import Resource, ResourceCare, ResourceImport, ResourceUse
from prevention.resources.rules import COLUMNS, SHEET_ROWS_MOST, Licence, Moment, ResourceKind, Status
from prevention.schools.rules import Level
from tests.factories.programmes import make_programme
from tests.factories.resources import make_resource
from tests.resources import samples
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
ROW = {
    "title": "Il gruppo",
    "abstract": "Una lezione sugli amici.",
    "kind": "lesson_plan",
    "language": "it",
    "licence": "cc_by",
    "link": "https://example.org/gruppo",
}
IMPORT = "/resources/import"


def row(**values: Any) -> dict[str, Any]:
    """Give a row that can be taken, with something else in it."""
    return {**ROW, **values}


def xlsx(rows: Iterable[dict[str, Any]] = (ROW,), columns: Iterable[str] | None = None) -> bytes:
    """Write rows as XLSX."""
    given = list(rows)
    names = list(columns or {name: None for one in given for name in one})
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for one in [dict(zip(names, names, strict=True)), *given]:
        sheet.append([one.get(name) for name in names])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def comma_separated(rows: Iterable[dict[str, Any]] = (ROW,)) -> bytes:
    """Write rows as CSV."""
    given = list(rows)
    written = io.StringIO()
    writer = csv.DictWriter(written, list({name: None for one in given for name in one}))
    writer.writeheader()
    writer.writerows(given)
    return written.getvalue().encode()


def hand_in(browser: Client, content: bytes, name: str = "materiali.xlsx") -> TestResponse:
    """Hand a spreadsheet in."""
    return browser.post(IMPORT, data={"file": (io.BytesIO(content), name)})


def handed_in(browser: Client, content: bytes, name: str = "materiali.xlsx") -> str:
    """Hand a spreadsheet in that is taken, and give the address of its preview."""
    answer = hand_in(browser, content, name)
    assert 303 == answer.status_code, (faults(answer), soup(answer).select("#file-error"))
    return str(answer.location)


def faults(answer: TestResponse) -> list[list[str]]:
    """List the faults that a preview shows: row, column, what stands there, reason."""
    lines = soup(answer).select("#faults tbody tr")
    return [[" ".join(cell.get_text().split()) for cell in line.select("th, td")] for line in lines]


def count(model: type[Any]) -> int:
    """Count the rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("write", [xlsx, comma_separated])
def test_rows_are_shown_first_and_added_as_drafts_on_a_yes(
    dario: User, sign_in: SignIn, write: Callable[..., bytes]
) -> None:
    programme = make_programme()
    browser = sign_in(dario)
    full = row(
        title="Le emozioni",
        minutes=50,
        grades="secondo_grado-1 secondo_grado-2",
        topics="alcohol",
        other_languages="en; fr",
        programme=programme.slug,
    )
    place = handed_in(browser, write([ROW, full]))

    page = browser.page(place)
    assert ["2", "3"] == [cell.get_text() for cell in page.select("#rows tbody th")]
    assert "Le emozioni" in page.get_text()
    assert 0 == count(Resource)

    assert 303 == browser.post(place).status_code

    added = {one.title: one for one in db.session.scalars(select(Resource))}
    assert {"Il gruppo", "Le emozioni"} == set(added)
    one = added["Le emozioni"]
    db.session.refresh(one, ["grades", "care"])
    assert (50, ["alcohol"], ["en", "fr"], programme.id) == (
        one.minutes,
        one.topics,
        one.other_languages,
        one.programme_id,
    )
    assert [(Level.SECONDO_GRADO, 1), (Level.SECONDO_GRADO, 2)] == [(part.level, part.grade) for part in one.grades]
    assert (Status.DRAFT, dario.id, dario.id) == (one.care.status, one.care.owner_id, one.created_by)
    assert 0 == count(ResourceImport)
    assert {"Il gruppo", "Le emozioni"} <= {
        link.get_text().strip() for link in browser.page("/resources/mine").select("main a")
    }


@pytest.mark.parametrize("named", ["2", "Meeting 2", "Incontro 2", "2. Incontro 2"])
def test_a_meeting_is_named_within_its_programme(anna: User, sign_in: SignIn, named: str) -> None:
    make_programme(meetings=3)
    programme = make_programme(meetings=3)
    browser = sign_in(anna)

    browser.post(handed_in(browser, xlsx([row(programme=programme.slug, meeting=named, moment="Dopo l'incontro")])))

    use = db.session.scalars(select(ResourceUse)).one()
    assert (programme.meetings[1].id, Moment.AFTER) == (use.meeting_id, use.moment)


def test_a_meeting_of_another_programme_is_refused(anna: User, sign_in: SignIn) -> None:
    programme = make_programme(meetings=1)

    answer = hand_in(sign_in(anna), xlsx([row(programme=programme.slug, meeting="4")]))

    assert [["2", "Meeting", "4", "this programme has no meeting “4”"]] == faults(answer)
    assert 0 == count(ResourceImport)


def test_the_catalogue_that_went_out_of_one_library_fills_another(anna: User, sign_in: SignIn) -> None:
    """Everything that a row says of a material comes back as it was."""
    programme, browser = make_programme(meetings=2), sign_in(anna)
    make_resource(
        title="-Il gruppo; e gli altri", abstract='Prima riga\nseconda, con “virgolette” e "altre"',
        kind=ResourceKind.SLIDES, language="en", other_languages=["it", "fr"], licence=Licence.CC_BY_SA,
        authors="Maria Rossi, Ugo Bianchi", link="https://example.org/a?b=c", source_link="https://example.org/",
        minutes=45, topics=["alcohol", "gambling"], skills=["stress", "empathy"], access=["captions", "taggedPDF"],
        grades=((Level.PRIMO_GRADO, 3), (Level.SECONDO_GRADO, 1)), meeting=programme.meetings[1],
        programme_id=programme.id,
    )  # fmt: skip
    make_resource(title="Solo un link", link="https://example.org/d", with_file=False)
    make_resource(title="Solo un file")
    went_out = browser.get("/resources/catalogue.csv").data
    db.session.execute(update(ResourceCare).values(status=Status.RETIRED))

    browser.post(handed_in(browser, went_out, "materiali.csv"))

    db.session.execute(
        update(ResourceCare)
        .where(ResourceCare.status == Status.DRAFT)
        .values(status=Status.PUBLISHED, reviewed_at=clock.now(), review_by=clock.today())
    )
    tables = went_out, browser.get("/resources/catalogue.csv").data
    lines = [sorted(csv.reader(io.StringIO(table.decode("utf-8-sig")))) for table in tables]
    assert 4 == len(lines[0])
    assert lines[0] == lines[1]


def test_the_same_file_a_second_time_adds_nothing(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    browser.post(handed_in(browser, xlsx()))

    place = handed_in(browser, xlsx())
    assert "There already: stays as it is" in browser.page(place).get_text()
    assert 303 == browser.post(place).status_code

    assert 1 == count(Resource)


def test_two_copies_of_a_file_confirmed_one_after_the_other_add_once(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    first, second = handed_in(browser, xlsx()), handed_in(browser, xlsx())

    assert [303, 303] == [browser.post(place).status_code for place in (first, second)]
    assert 404 == browser.post(first).status_code
    assert 1 == count(Resource)


def test_the_drafts_of_others_are_not_told(anna: User, dario: User, sign_in: SignIn) -> None:
    make_resource(title=ROW["title"], link=ROW["link"], status=Status.DRAFT, created_by=anna.id)
    browser = sign_in(dario)

    browser.post(handed_in(browser, xlsx()))

    assert 2 == count(Resource)


def test_the_catalogue_that_goes_out_comes_in_and_adds_nothing(anna: User, sign_in: SignIn) -> None:
    make_resource(title="=1+1", link="https://example.org/")
    make_resource(title="Solo un file")
    browser = sign_in(anna)
    catalogue = browser.get("/resources/catalogue.csv").data

    browser.post(handed_in(browser, catalogue, "materiali.csv"))

    assert 2 == count(Resource)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"kind": "sermon"}, ["Kind", "sermon", "“sermon” is not one of: Lesson plan; Activity;"]),
        ({"title": ""}, ["Title", "–", "This field is required."]),
        ({"title": "x" * 161}, ["Title", "xxx", "longer than 160"]),
        ({"licence": ""}, ["Licence", "–", "required"]),
        ({"link": ""}, ["Link", "–", "a link is needed"]),
        ({"link": "javascript:alert(1)"}, ["Link", "javascript:alert(1)", "Invalid URL"]),
        ({"minutes": "an hour"}, ["Minutes in class", "an hour", "integer"]),
        ({"minutes": 481}, ["Minutes in class", "481", "480"]),
        ({"topics": "alcohol; wine"}, ["Topics", "alcohol; wine", "“wine” is not one of"]),
        ({"grades": "secondo_grado-6"}, ["Grades", "secondo_grado-6", "is not one of"]),
        ({"programme": "none such"}, ["Programme", "none such", "there is no programme “none such”"]),
        ({"meeting": "1"}, ["Programme", "–", "a meeting is named within its programme"]),
        ({"moment": "before"}, ["Meeting", "–", "none is named"]),
        ({"authors": '=HYPERLINK("https://example.org")'}, ["Authors", "=HYPERLINK", "this is a formula"]),
        ({"abstract": "=A1"}, ["What is it, and how is it used?", "=A1", "this is a formula"]),
        ({"title": "#REF!"}, ["Title", "#REF!", "the spreadsheet shows an error here"]),
        ({"minutes": True}, ["Minutes in class", "True", "a date or a yes/no value"]),
        ({"abstract": "x" * 5001}, ["What is it, and how is it used?", "xxx", "far too long"]),
    ],
)
def test_every_fault_is_told_with_row_and_column_and_nothing_is_kept(
    anna: User, sign_in: SignIn, values: dict[str, Any], expected: list[str]
) -> None:
    answer = hand_in(sign_in(anna), xlsx([ROW, row(**{"title": "Another", **values})]))

    assert 422 == answer.status_code
    [(number, *told)] = faults(answer)
    assert "3" == number
    assert all(words in cell for words, cell in zip(expected, told, strict=True)), told
    assert (0, 0) == (count(Resource), count(ResourceImport))
    assert not soup(answer).select("main form")


def test_all_faults_of_all_rows_are_told_at_once(anna: User, sign_in: SignIn) -> None:
    rows = [row(kind="sermon", minutes=0), ROW, row(title="IL  GRUPPO"), row(title="Third", language="xx")]

    answer = hand_in(sign_in(anna), comma_separated([{**one, "minutes": one.get("minutes", "")} for one in rows]))

    assert [("2", "Kind"), ("2", "Minutes in class"), ("3", "Title"), ("4", "Title"), ("5", "Language")] == [
        (number, column) for number, column, *_rest in faults(answer)
    ]
    assert "the same title and link as in row 2" == faults(answer)[2][3]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "the file is empty"),
        (b"title,abstract\n", "a.csv", "missing column (Kind, Language, Licence, Link)"),
        (xlsx(columns=[*ROW, "price"]), "a.xlsx", "column price: this column is not known"),
        (xlsx(columns=["title"]), "a.xlsx", "missing column"),
        (xlsx([row(Titolo="x")]), "a.xlsx", "column Titolo: the column is there twice"),
        (xlsx([], columns=ROW), "a.xlsx", "the file has a header but no rows"),
        (comma_separated().replace(b",", b";"), "a.csv", "separated by semicolons"),
        (comma_separated() + b"only,two\n", "a.csv", "row 3: the row has 2 values"),
        (comma_separated().replace(b"Una", b"\xe8"), "a.csv", "not UTF-8"),
        (samples.HTML, "a.csv", "web page"),
        (samples.DOCX, "a.xlsx", "this is no spreadsheet"),
        (samples.ZIP, "a.xlsx", "This is an archive"),
        (samples.OLD_WORD, "a.xls", "an old Office format"),
        (xlsx()[:-200], "a.xlsx", "damaged"),
        (xlsx([row(title=f"T {n}") for n in range(SHEET_ROWS_MOST + 1)]), "a.xlsx", "more than 500 rows"),
    ],
)
def test_a_file_that_is_no_table_of_materials_is_refused_whole(
    anna: User, sign_in: SignIn, content: bytes, name: str, words: str
) -> None:
    answer = hand_in(sign_in(anna), content, name)

    assert 422 == answer.status_code
    assert words in soup(answer).select_one("#file-error").get_text()
    assert (0, 0) == (count(Resource), count(ResourceImport))


def test_a_workbook_that_is_a_bomb_is_not_opened(anna: User, sign_in: SignIn) -> None:
    book = openpyxl.Workbook()
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(30_000_000))

    answer = hand_in(sign_in(anna), written.getvalue())

    assert 422 == answer.status_code
    assert "far larger than any lesson" in soup(answer).select_one("#file-error").get_text()


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_template_can_be_filled_in_with_the_words_of_the_reader(anna: User, sign_in: SignIn, language: str) -> None:
    programme = make_programme()
    anna.language = language
    browser = sign_in(anna)
    answer = browser.get(f"{IMPORT}/template.xlsx")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    filled, lists = book.worksheets
    first = {code: cells[1].value for code, cells in zip(COLUMNS, lists.iter_cols(), strict=True)}
    words = {**ROW, **{code: first[code] for code in ("kind", "licence", "grades", "topics", "skills", "access")}}
    words |= {"language": "English", "programme": programme.name.text(language)}
    filled.append([words.get(code) for code in COLUMNS])
    written = io.BytesIO()
    book.save(written)
    anna.language = "en"

    browser.post(handed_in(browser, written.getvalue()))

    added = db.session.scalars(select(Resource)).one()
    assert (ResourceKind.LESSON_PLAN, "en", Licence.CC0, programme.id) == (
        added.kind,
        added.language.value,
        added.licence,
        added.programme_id,
    )
    assert (1, 1, 1) == (len(added.topics), len(added.skills), len(added.access))


def test_an_empty_template_has_no_rows(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)

    answer = hand_in(browser, browser.get(f"{IMPORT}/template.xlsx").data)

    assert "has a header but no rows" in soup(answer).select_one("#file-error").get_text()


def test_faults_are_told_in_italian(anna: User, sign_in: SignIn) -> None:
    anna.language = "it"
    browser = sign_in(anna)

    answer = hand_in(browser, xlsx([row(kind="predica", link="")]))

    assert ["Tipo", "Link"] == [column for _row, column, *_rest in faults(answer)]
    assert "«predica» non è tra i valori ammessi" in faults(answer)[0][3]


def test_what_is_left_out_adds_nothing(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    place = handed_in(browser, xlsx())

    assert 303 == browser.post(f"{place}/discard").status_code

    assert (0, 0) == (count(Resource), count(ResourceImport))
    assert 404 == browser.post(place).status_code
    assert 404 == browser.post(f"{place}/discard").status_code


def test_a_row_that_no_longer_fits_stops_all_of_them(anna: User, sign_in: SignIn) -> None:
    programme = make_programme()
    browser = sign_in(anna)
    place = handed_in(browser, xlsx([ROW, row(title="Another", programme=programme.slug)]))
    programme.is_active = False

    answer = browser.post(place)

    assert 422 == answer.status_code
    assert [("3", "Programme")] == [(number, column) for number, column, *_rest in faults(answer)]
    assert (0, 1) == (count(Resource), count(ResourceImport))


def test_a_spreadsheet_waits_a_day(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    place = handed_in(browser, xlsx())
    waiting = db.session.scalars(select(ResourceImport)).one()
    waiting.uploaded_at = clock.now() - timedelta(hours=25)

    assert 404 == browser.get(place).status_code
    assert 404 == browser.post(place).status_code
    assert 1 == service.forget_old_imports(now=clock.now())
    assert (0, 0) == (count(Resource), count(ResourceImport))


@pytest.mark.parametrize("what", ["", "/discard"])
def test_nobody_else_confirms_or_discards(anna: User, dario: User, client: Client, sign_in: SignIn, what: str) -> None:
    place = handed_in(sign_in(anna), xlsx())

    assert 404 == sign_in(dario).post(place + what).status_code
    assert 401 == client.post(place + what).status_code
    assert (0, 1) == (count(Resource), count(ResourceImport))


@pytest.mark.parametrize("wrong", ["not-an-id", str(uuid.UUID(int=1))])
def test_a_bad_or_unknown_spreadsheet_is_not_found(anna: User, sign_in: SignIn, wrong: str) -> None:
    browser = sign_in(anna)

    assert 404 == browser.get(f"{IMPORT}/{wrong}").status_code
    assert 404 == browser.post(f"{IMPORT}/{wrong}").status_code
    assert 404 == browser.post(f"{IMPORT}/{wrong}/discard").status_code


@pytest.mark.parametrize("who", ["anna", "bruno", "dario"])
def test_the_pages_open_for_those_who_may_add(request: pytest.FixtureRequest, sign_in: SignIn, who: str) -> None:
    browser = sign_in(request.getfixturevalue(who))

    assert 303 == hand_in(browser, xlsx()).status_code
    assert 200 == browser.get(f"{IMPORT}/template.xlsx").status_code
    assert browser.page("/resources/mine").select_one(f"a[href='{IMPORT}']")


def test_nobody_imports_without_signing_in(client: Client) -> None:
    assert 401 == hand_in(client, xlsx()).status_code
    assert 303 == client.get(f"{IMPORT}/template.xlsx").status_code
    assert 0 == count(ResourceImport)


def test_a_form_without_a_file_changes_nothing_and_discarding_has_no_page(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)

    assert 422 == browser.post(IMPORT).status_code
    assert 405 == browser.get(f"{handed_in(browser, xlsx())}/discard").status_code
    assert 1 == count(ResourceImport)
    assert browser.page(IMPORT).select_one("input[type=file][accept='.xlsx,.csv']")


def test_the_number_of_queries_does_not_grow_with_the_rows(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    places = [handed_in(browser, xlsx([row(title=f"T {n}") for n in range(most)])) for most in (2, 20)]
    browser.get(places[0])

    counts = []
    for place in places:
        with counted_queries() as statements:
            browser.get(place)
        counts.append(statements.count)

    assert counts[0] == counts[1]
