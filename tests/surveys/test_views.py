"""Pages of staff: who may do what, what an invalid form changes (nothing), and what a page must never show."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import segno
from flask import Flask, template_rendered
from jinja2 import Template
from pypdf import PdfReader
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db
from prevention.network import service as network
from prevention.schools.models import SchoolClass
from prevention.surveys import service
from prevention.surveys.codes import read_code
from prevention.surveys.models import AccessCode, ClassReport, Wave
from prevention.surveys.slips import Slip
from prevention.surveys.wave_rules import WaveStatus
from tests.conftest import NOW
from tests.factories.schools import SCHOOL_YEAR, make_school_class, make_site
from tests.factories.surveys import make_class_with_codes, make_wave
from tests.support.http import Client, soup
from tests.support.queries import counted_queries
from tests.support.verapdf import VeraResult

SignIn = Callable[[User], Client]


@pytest.fixture
def school_class(bruno: User) -> SchoolClass:
    """A class of Bruno's school."""
    return make_school_class(site=make_site(institute_id=bruno.roles[0].institute_id))


def new_wave(**values: object) -> dict[str, object]:
    """Give the body of a new wave."""
    return {
        "name": "Survey 2026/27",
        "questionnaire": "core",
        "mode": "monitoring",
        "opens_on": "2026-11-16",
        "closes_on": "2026-11-27",
        "which": "chosen",
        **values,
    }


REPORT = {"enrolled": "25", "present": "22", "absent": "3", "refused": "1", "disturbed": "y"}


# ---- Who may ------------------------------------------------------------------------------------------------------

PAGES = ("/surveys/", "/surveys/{wave}", "/surveys/classes/{wave_class}/slips", "/surveys/classes/{wave_class}/report")
OFFICE_PAGES = ("/surveys/new",)
ACTIONS = ("/surveys/{wave}/open", "/surveys/{wave}/close")


def addresses(templates: tuple[str, ...], wave: Wave) -> list[str]:
    """Fill addresses in."""
    return [template.format(wave=wave.id, wave_class=wave.classes[0].id) for template in templates]


def test_nobody_gets_in_without_signing_in(client: Client, school_class: SchoolClass) -> None:
    wave = make_wave(school_class)

    for address in addresses(PAGES + OFFICE_PAGES, wave):
        assert 303 == client.get(address).status_code
    for address in addresses(PAGES[2:] + OFFICE_PAGES + ACTIONS, wave):
        assert 401 == client.post(address).status_code


def test_a_facilitator_is_turned_away(sign_in: SignIn, dario: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class)
    browser = sign_in(dario)

    for address in addresses(PAGES[:2] + OFFICE_PAGES, wave):
        assert 403 == browser.get(address).status_code
    for address in addresses(OFFICE_PAGES + ACTIONS, wave):
        assert 403 == browser.post(address).status_code
    # Slips and reports are theirs in the waves that their own sessions opened; this is none.
    for address in addresses(PAGES[2:], wave):
        assert 404 == browser.get(address).status_code
        assert 404 == browser.post(address, data={**REPORT, "number": "2"}).status_code
    assert 0 == db.session.scalar(select(func.count()).select_from(AccessCode))


def test_a_coordinator_of_another_school_finds_nothing(sign_in: SignIn, carla: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class)
    browser = sign_in(carla)

    for address in addresses(PAGES[1:], wave):
        assert 404 == browser.get(address).status_code
    for address in addresses(PAGES[2:], wave):
        assert 404 == browser.post(address, data={**REPORT, "number": "2"}).status_code
    assert wave.name not in browser.get("/surveys/").get_data(as_text=True)
    assert 0 == db.session.scalar(select(func.count()).select_from(AccessCode))


def test_a_coordinator_can_neither_prepare_nor_open_nor_close(
    sign_in: SignIn, bruno: User, school_class: SchoolClass
) -> None:
    wave = make_wave(school_class)
    browser = sign_in(bruno)

    assert 403 == browser.get("/surveys/new").status_code
    for address in addresses(OFFICE_PAGES + ACTIONS, wave):
        assert 403 == browser.post(address).status_code
    assert WaveStatus.OPEN is db.session.get_one(Wave, wave.id).status


def test_actions_without_a_page_refuse_to_be_read(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class)

    for address in addresses(ACTIONS, wave):
        assert 405 == sign_in(anna).get(address).status_code


@pytest.mark.parametrize("bad", [str(uuid.UUID(int=7)), "7", "x"])
def test_what_is_not_there_is_not_found(sign_in: SignIn, anna: User, bad: str) -> None:
    browser = sign_in(anna)

    for template in PAGES[1:]:
        assert 404 == browser.get(template.format(wave=bad, wave_class=bad)).status_code
    for template in ACTIONS:
        assert 404 == browser.post(template.format(wave=bad)).status_code


# ---- Preparing, opening, closing ----------------------------------------------------------------------------------


def test_the_office_prepares_a_wave_of_chosen_classes(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    browser = sign_in(anna)
    page = browser.page("/surveys/new")

    response = browser.post("/surveys/new", data=new_wave(classes=[str(school_class.id)]))

    assert page.find("input", {"value": str(school_class.id)})
    wave = db.session.scalars(select(Wave)).one()
    assert (303, f"/surveys/{wave.id}") == (response.status_code, response.location)
    assert (date(2026, 11, 16), SCHOOL_YEAR) == (wave.opens_on, wave.school_year)
    assert [school_class.id] == [one.school_class_id for one in wave.classes]


@pytest.mark.parametrize(
    ("grades", "is_first_school", "expected"),
    [
        (["secondo_grado-2"], False, {"2A", "2B"}),
        (["secondo_grado-1", "secondo_grado-2"], True, {"1A", "2A"}),
        ([], True, {"1A", "2A", "3A"}),
    ],
)
def test_the_office_prepares_a_wave_of_grades_and_schools(
    sign_in: SignIn, anna: User, *, grades: list[str], is_first_school: bool, expected: set[str]
) -> None:
    first, second = make_site(), make_site()
    for site, label in ((first, "1A"), (first, "2A"), (first, "3A"), (second, "2B"), (second, "3B")):
        make_school_class(site=site, grade=int(label[0]), section=label[1], label=label)
    make_school_class(site=first, grade=2, section="Z", label="2Z", school_year=SCHOOL_YEAR - 1)
    chosen = {"which": "matching", "grades": grades, "sites": [str(first.id)] if is_first_school else []}

    response = sign_in(anna).post("/surveys/new", data=new_wave(**chosen))

    assert 303 == response.status_code
    assert expected == {one.school_class.label for one in db.session.scalars(select(Wave)).one().classes}


def test_the_grades_that_have_classes_are_offered_with_how_many(
    sign_in: SignIn, anna: User, school_class: SchoolClass
) -> None:
    page = sign_in(anna).page("/surveys/new")

    (box,) = page.select("#grades input")
    assert f"secondo_grado-{school_class.grade}" == box["value"]
    assert "1 class" in page.select_one("#grades label").text
    assert [str(school_class.site_id)] == [one["value"] for one in page.select("#sites input")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"opens_on": "soon"},
        {"closes_on": "2026-11-15"},
        {"questionnaire": "other"},
        {"classes": []},
        {"classes": ["x"]},
        {"classes": [str(uuid.UUID(int=7))]},
        {"which": "booked"},
        {"which": "matching"},
        {"which": "matching", "grades": ["secondo_grado-9"]},
        {"which": "matching", "sites": ["x"]},
        {"which": "sideways"},
    ],
)
def test_an_invalid_wave_is_shown_again_and_not_kept(
    sign_in: SignIn, anna: User, school_class: SchoolClass, wrong: dict[str, object]
) -> None:
    response = sign_in(anna).post("/surveys/new", data=new_wave(**{"classes": [str(school_class.id)], **wrong}))

    assert 422 == response.status_code
    assert soup(response).select(".error-summary li")
    assert 0 == db.session.scalar(select(func.count()).select_from(Wave))


def test_the_office_opens_and_closes_a_wave(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class, status=WaveStatus.DRAFT)
    browser = sign_in(anna)

    assert 303 == browser.post(f"/surveys/{wave.id}/open").status_code
    assert WaveStatus.OPEN is db.session.get_one(Wave, wave.id).status
    assert 303 == browser.post(f"/surveys/{wave.id}/close").status_code
    assert WaveStatus.CLOSED is db.session.get_one(Wave, wave.id).status


@pytest.mark.parametrize(
    ("action", "status"),
    [("open", WaveStatus.OPEN), ("open", WaveStatus.SEALED), ("close", WaveStatus.DRAFT), ("close", WaveStatus.CLOSED)],
)
def test_a_step_at_the_wrong_time_is_refused_in_words(
    sign_in: SignIn, anna: User, school_class: SchoolClass, action: str, status: WaveStatus
) -> None:
    wave = make_wave(school_class, status=status)

    response = sign_in(anna).post(f"/surveys/{wave.id}/{action}")

    assert 422 == response.status_code
    assert "cannot be done" in soup(response).text
    assert status is db.session.get_one(Wave, wave.id).status


# ---- What a wave's page shows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answers", "shown"), [(9, "fewer than 10"), (10, "10 or more"), (17, "10 or more")])
def test_a_waves_page_never_counts_answers(
    sign_in: SignIn, anna: User, school_class: SchoolClass, answers: int, shown: str
) -> None:
    room = make_class_with_codes(school_class, number=17)
    for number, code in enumerate(room.codes[:answers]):
        service.cast_ballot(service.enter(code, NOW), {"T0": "yes"}, submission=str(number))

    page = sign_in(anna).page(f"/surveys/{room.wave.id}")

    assert shown == page.select_one('[data-label="Answers so far"]').text.strip()


def test_the_pages_of_nine_and_of_no_answers_are_the_same_but_for_nothing(
    sign_in: SignIn, anna: User, school_class: SchoolClass
) -> None:
    room = make_class_with_codes(school_class, number=17)
    browser = sign_in(anna)
    before = browser.page(f"/surveys/{room.wave.id}").find("main").text
    for number, code in enumerate(room.codes[:9]):
        service.cast_ballot(service.enter(code, NOW), {"T0": "yes"}, submission=str(number))

    assert before == browser.page(f"/surveys/{room.wave.id}").find("main").text


@pytest.mark.parametrize("status", WaveStatus)
def test_every_state_of_a_wave_has_a_page(
    sign_in: SignIn, anna: User, bruno: User, school_class: SchoolClass, status: WaveStatus
) -> None:
    wave = make_wave(school_class, status=status)

    for person in (anna, bruno):
        page = sign_in(person).page(f"/surveys/{wave.id}")
        assert school_class.label in page.text
        assert bool(page.select('form[action$="/close"]')) is (person is anna and status is WaveStatus.OPEN)
        assert bool(page.select('form[action$="/open"]')) is (person is anna and status is WaveStatus.DRAFT)
    assert wave.name in sign_in(bruno).page("/surveys/").text


def test_the_classes_of_a_wave_take_as_many_queries_for_many_as_for_one(app: Flask, anna: User) -> None:
    actor = actor_of(anna)
    counts = []
    for number in (1, 12):
        wave = make_wave(*(make_school_class() for _ in range(number)))
        db.session.expire_all()
        with counted_queries() as statements:
            for state in service.class_states(actor, wave):
                assert state.wave_class.school_class.site.display_name
        counts.append(statements.count)

    assert counts[0] == counts[1]


# ---- Slips --------------------------------------------------------------------------------------------------------


def sheet_of(browser: Client, wave_class_id: uuid.UUID, **data: object) -> tuple[PdfReader, str]:
    """Print the slips of a class and give the PDF and its text."""
    response = browser.post(f"/surveys/classes/{wave_class_id}/slips", data=data)
    assert 200 == response.status_code
    assert "application/pdf" == response.mimetype
    assert "no-store" == response.headers["Cache-Control"]
    paper = PdfReader(BytesIO(response.data))
    return paper, "\n".join(page.extract_text() for page in paper.pages)


def test_a_coordinator_prints_slips_that_work(
    sign_in: SignIn, client: Client, bruno: User, school_class: SchoolClass
) -> None:
    wave = make_wave(school_class)

    paper, words = sheet_of(sign_in(bruno), wave.classes[0].id, number="5")

    codes = [line.strip() for line in words.splitlines() if read_code(line.strip())]
    assert 5 == len(set(codes))
    assert 1 == len(paper.pages)
    assert "127.0.0.1:8000/s" in words
    assert 200 == client.post("/s/", data={"code": codes[0]}).status_code


def test_twenty_four_slips_stand_on_a_page(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class)

    paper, _words = sheet_of(sign_in(anna), wave.classes[0].id, number="25")

    pages = [[line for line in page.extract_text().splitlines() if read_code(line.strip())] for page in paper.pages]
    assert [24, 1] == list(map(len, pages))


def test_the_sheet_is_tagged_and_names_its_language(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class)

    paper, _words = sheet_of(sign_in(anna), wave.classes[0].id, number="1")

    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "en" == paper.trailer["/Root"]["/Lang"]
    assert paper.metadata is not None
    assert school_class.label in str(paper.metadata.title)


def test_the_sheet_is_accessible_and_archivable(
    sign_in: SignIn, anna: User, school_class: SchoolClass, verapdf: Callable[[bytes], list[VeraResult]]
) -> None:
    wave = make_wave(school_class)

    response = sign_in(anna).post(f"/surveys/classes/{wave.classes[0].id}/slips", data={"number": "26"})

    results = verapdf(response.data)
    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


def test_the_qr_of_a_slip_leads_to_the_code_behind_the_hash(
    app: Flask, sign_in: SignIn, anna: User, school_class: SchoolClass
) -> None:
    """Drawn a second time from the address a pupil needs: what stands before the # is the only thing a server sees."""
    wave = make_wave(school_class)
    printed: list[Slip] = []

    def note(_app: Flask, template: Template, context: dict[str, Any], **_rest: object) -> None:
        if template.name == "surveys/code_sheet.html":
            printed.extend(slip for page in context["pages"] for slip in page)

    with template_rendered.connected_to(note, app):
        sheet_of(sign_in(anna), wave.classes[0].id, number="3")

    assert 3 == len(printed)
    for slip in printed:
        address = f"http://127.0.0.1:8000/s/#{slip.code}"
        drawn = segno.make(address, error="m", micro=False).svg_inline(border=0, omitsize=True)
        assert drawn.split("<path")[1] == slip.qr.split("<path")[1]


@pytest.mark.parametrize("number", ["0", "61", "-1", "many", ""])
def test_an_impossible_number_of_slips_makes_none(
    sign_in: SignIn, anna: User, school_class: SchoolClass, number: str
) -> None:
    wave = make_wave(school_class)

    response = sign_in(anna).post(f"/surveys/classes/{wave.classes[0].id}/slips", data={"number": number})

    assert 422 == response.status_code
    assert 0 == db.session.scalar(select(func.count()).select_from(AccessCode))


def test_slips_of_a_closed_wave_are_refused_in_words(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    wave = make_wave(school_class, status=WaveStatus.CLOSED)

    response = sign_in(anna).post(f"/surveys/classes/{wave.classes[0].id}/slips", data={"number": "2"})

    assert 422 == response.status_code
    assert "cannot be done" in soup(response).text


def test_the_page_warns_before_codes_are_made_again(sign_in: SignIn, anna: User, school_class: SchoolClass) -> None:
    room = make_class_with_codes(school_class)

    page = sign_in(anna).page(f"/surveys/classes/{room.wave_class.id}/slips")

    assert "stop working at once" in page.text


# ---- Class report -------------------------------------------------------------------------------------------------


def test_a_coordinator_reports_on_a_class_and_corrects_it(
    sign_in: SignIn, bruno: User, school_class: SchoolClass
) -> None:
    wave = make_wave(school_class)
    address = f"/surveys/classes/{wave.classes[0].id}/report"
    browser = sign_in(bruno)

    assert 303 == browser.post(address, data=REPORT).status_code
    assert "22" == browser.page(address).find("input", {"name": "present"})["value"]
    assert 303 == browser.post(address, data={**REPORT, "present": "21"}).status_code

    report = db.session.scalars(select(ClassReport)).one()
    assert (25, 21, 3, 1, True) == (report.enrolled, report.present, report.absent, report.refused, report.disturbed)


@pytest.mark.parametrize(
    "wrong",
    [{"present": "23"}, {"present": "0"}, {"absent": "-1"}, {"absent": ""}, {"enrolled": "61"}, {"refused": "x"}],
)
def test_a_report_that_cannot_be_true_is_not_kept(
    sign_in: SignIn, bruno: User, school_class: SchoolClass, wrong: dict[str, str]
) -> None:
    wave = make_wave(school_class)

    response = sign_in(bruno).post(f"/surveys/classes/{wave.classes[0].id}/report", data={**REPORT, **wrong})

    assert 422 == response.status_code
    assert soup(response).select(".error-summary li")
    assert 0 == db.session.scalar(select(func.count()).select_from(ClassReport))


def test_the_office_is_warned_beside_its_surveys_that_help_data_are_old(
    sign_in: Callable[[User], Client], anna: User, bruno: User
) -> None:
    network.load_help_services()
    warning = "verified more than twelve months ago"
    assert warning not in sign_in(anna).page("/surveys/").text

    with clock.frozen(NOW + timedelta(days=400)):
        assert warning in sign_in(anna).page("/surveys/").text
        assert warning in sign_in(anna).page("/help/").text
        assert warning not in sign_in(bruno).page("/surveys/").text
