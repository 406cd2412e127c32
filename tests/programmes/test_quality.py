"""Stages with evidence and gaps, parts that do not clash, money with its cost, and the project sheet."""

import io
import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.network.models import Organisation
from prevention.network.rules import OrganisationKind
from prevention.programmes.models import Programme
from prevention.programmes.quality_models import FundingLine, ProgrammePartner, ProgrammeStage
from prevention.programmes.quality_rules import Part, Stage, StageState, cost_per
from prevention.programmes.service import quality
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.delivery import make_booked_meetings, make_register
from tests.factories.governance import PDF
from tests.factories.network import make_municipality, make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import SCHOOL_YEAR, make_school_class, make_site
from tests.support.http import Client

Rows = scoped_session[Session]
SignIn = Callable[[User], Client]


@pytest.fixture
def programme(app: Flask) -> Programme:
    return make_programme(slug="unplugged")


@pytest.fixture
def town(app: Flask) -> Organisation:
    return make_organisation(name="Comune", kind=OrganisationKind.MUNICIPALITY, municipality_id=make_municipality().id)


@pytest.fixture
def elena(town: Organisation) -> User:
    """Elena, who works for a municipality."""
    return make_user("Elena", Role.PARTNER, organisation_id=town.id)


def entry(**values: object) -> dict[str, object]:
    return {"state": "partly", "done": "Questionario.", "gap": "Famiglie.", "owner_id": "", **values}


def test_there_are_eight_stages_and_four_that_cut_across() -> None:
    assert list("12345678ABCD") == [stage.number for stage in Stage]


def test_a_stage_is_kept_with_evidence_gap_and_owner(
    anna: User, programme: Programme, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    address = "/programmes/unplugged/quality/needs"
    browser = sign_in(anna)

    first = browser.post(address, data=entry(owner_id=str(town.id), file=(io.BytesIO(PDF), "analisi.pdf")))
    second = browser.post(address, data=entry(state="done", gap="", file=(io.BytesIO(PDF + b"2"), "verbale.pdf")))

    row = session.scalars(select(ProgrammeStage)).one()
    assert [303, 303] == [first.status_code, second.status_code]
    assert (StageState.DONE, "Questionario.", "") == (row.state, row.done, row.gap)
    assert ["analisi.pdf", "verbale.pdf"] == sorted(document.file_name for document in row.documents)
    page = browser.page("/programmes/unplugged/quality").text
    assert "analisi.pdf" in page
    assert "Questionario." in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "x"},
        {"state": "done", "done": ""},
        {"state": "partly", "gap": " "},
        {"owner_id": str(uuid.UUID(int=1))},
        {"file": b"<script>"},
    ],
    ids=["state", "nothing done", "no gap", "owner", "file"],
)
def test_a_wrong_stage_changes_nothing(
    anna: User, programme: Programme, sign_in: SignIn, session: Rows, wrong: dict[str, object]
) -> None:
    if isinstance(wrong.get("file"), bytes):
        wrong = {"file": (io.BytesIO(b"<script>"), "x.pdf")}

    response = sign_in(anna).post("/programmes/unplugged/quality/needs", data=entry(**wrong))

    assert 422 == response.status_code
    assert 0 == session.scalar(select(func.count()).select_from(ProgrammeStage))


def test_only_the_office_writes(
    anna: User, bruno: User, dario: User, elena: User, programme: Programme, sign_in: SignIn
) -> None:
    part = quality.add_part(actor_of(anna), programme, organisation_id=make_organisation().id, part=Part.HOSTS)
    for person in (bruno, dario, elena):
        browser = sign_in(person)
        assert 200 == browser.get("/programmes/unplugged/quality").status_code
        assert [403, 403, 403] == [
            browser.post("/programmes/unplugged/quality/needs", data=entry()).status_code,
            browser.post("/programmes/unplugged/parts", data={}).status_code,
            browser.post(f"/programmes/unplugged/parts/{part.id}/remove").status_code,
        ]
    browser = sign_in(anna)
    assert 404 == browser.get("/programmes/unplugged/quality/nonsense").status_code
    assert 404 == browser.get("/programmes/nothing/quality").status_code
    assert 404 == browser.post(f"/programmes/unplugged/parts/{uuid.uuid4()}/remove").status_code
    assert [405, 405] == [
        browser.get(f"/programmes/unplugged/{rest}").status_code for rest in ("parts", f"parts/{part.id}/remove")
    ]


def test_evidence_is_read_by_the_office_and_by_those_in_the_programme(
    anna: User, bruno: User, elena: User, programme: Programme, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    sign_in(anna).post("/programmes/unplugged/quality/needs", data=entry(file=(io.BytesIO(PDF), "analisi.pdf")))
    document = session.scalars(select(ProgrammeStage)).one().documents[0]
    address = f"/programmes/unplugged/quality/evidence/{document.id}"

    def status(person: User) -> int:
        with sign_in(person).get(address) as response:
            return response.status_code

    before = [status(person) for person in (anna, bruno, elena)]
    quality.add_part(actor_of(anna), programme, organisation_id=town.id, part=Part.HOSTS)

    assert [200, 404, 404] == before
    assert 200 == status(elena)
    assert 404 == sign_in(elena).get(f"/network/documents/{document.id}").status_code


def test_a_part_is_given_once_and_nobody_evaluates_what_they_deliver(
    anna: User, programme: Programme, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    provider = make_edition(programme=programme).organisation
    browser = sign_in(anna)

    def add(organisation: Organisation, part: Part) -> int:
        data = {"organisation_id": str(organisation.id), "part": part.value}
        return browser.post("/programmes/unplugged/parts", data=data).status_code

    assert [303, 422] == [add(town, Part.HOSTS), add(town, Part.HOSTS)]
    assert [422, 303, 422] == [add(provider, Part.EVALUATES), add(town, Part.EVALUATES), add(town, Part.DELIVERS)]
    rows = session.scalars(select(ProgrammePartner)).all()
    assert {(town.id, Part.HOSTS), (town.id, Part.EVALUATES)} == {(row.organisation_id, row.part) for row in rows}
    browser.post(f"/programmes/unplugged/parts/{rows[0].id}/remove")
    assert 1 == session.scalar(select(func.count()).select_from(ProgrammePartner))


def test_costs_are_those_of_the_classes_and_pupils_reached(
    anna: User, programme: Programme, town: Organisation, sign_in: SignIn
) -> None:
    edition = make_edition(programme=programme)
    for present in (20, 15):
        make_register(make_booked_meetings(edition=edition)[0], present=present, expected=30)
    browser = sign_in(anna)
    for amount, programme_id in (("1000.50", str(programme.id)), ("99,50", str(programme.id)), ("500", "")):
        data = {
            "school_year": str(SCHOOL_YEAR),
            "payer_id": str(town.id),
            "programme_id": programme_id,
            "amount": amount,
        }
        assert 303 == browser.post("/programmes/funding", data=data).status_code

    found = quality.costs(SCHOOL_YEAR)

    assert [(110_000, 2, 35, 55_000, 3_143), (50_000, 0, 0, None, None)] == [
        (cost.amount_cents, cost.classes, cost.pupils, cost.class_cents, cost.pupil_cents) for cost in found
    ]
    assert "€550.00" in browser.page("/programmes/funding").text


@pytest.mark.parametrize(
    "wrong", [{"amount": "0"}, {"amount": "x"}, {"payer_id": str(uuid.UUID(int=1))}, {"school_year": "1999"}], ids=str
)
def test_a_wrong_line_of_funding_changes_nothing(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows, wrong: dict[str, str]
) -> None:
    data = {"school_year": str(SCHOOL_YEAR), "payer_id": str(town.id), "programme_id": "", "amount": "1", **wrong}

    assert 422 == sign_in(anna).post("/programmes/funding", data=data).status_code
    assert 0 == session.scalar(select(func.count()).select_from(FundingLine))


def test_who_pays_sees_its_own_lines_and_no_costs(
    anna: User, bruno: User, elena: User, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    for payer, purpose in ((town, "Oursum"), (make_organisation(), "Theirsum")):
        data = {
            "school_year": str(SCHOOL_YEAR),
            "payer_id": str(payer.id),
            "programme_id": "",
            "amount": "10",
            "purpose": purpose,
        }
        sign_in(anna).post("/programmes/funding", data=data)

    page = sign_in(elena).page("/programmes/funding").text
    exported = sign_in(elena).get("/programmes/funding?format=csv").get_data(as_text=True)
    line = session.scalars(select(FundingLine)).first()
    assert line is not None

    assert ("Oursum" in page, "Theirsum" in page, "Theirsum" in exported) == (True, False, False)
    assert "For each class" not in page
    assert 404 == sign_in(elena).post("/programmes/funding", data=data).status_code
    assert 403 == sign_in(elena).post(f"/programmes/funding/{line.id}/remove").status_code
    assert 403 == sign_in(bruno).get("/programmes/funding").status_code
    assert 303 == sign_in(anna).post(f"/programmes/funding/{line.id}/remove").status_code
    assert 404 == sign_in(anna).post(f"/programmes/funding/{uuid.uuid4()}/remove").status_code


def test_a_municipality_sees_its_parts_payments_and_the_coverage_of_its_schools_alone(
    anna: User, elena: User, dario: User, programme: Programme, town: Organisation, sign_in: SignIn
) -> None:
    quality.add_part(actor_of(anna), programme, organisation_id=town.id, part=Part.HOSTS)
    here = make_school_class(site=make_site(municipality_id=town.municipality_id))
    there = make_school_class()
    edition = make_edition(programme=programme)
    for school_class in (here, there):
        make_register(make_booked_meetings(edition=edition, school_class=school_class)[0])

    page = sign_in(elena).page("/network/mine").text
    other = sign_in(dario).page("/network/mine").text

    assert "gives rooms or transport" in page
    assert "1 of 1" in page
    assert "gives rooms or transport" not in other
    assert "Schools reached" not in other


def test_the_project_sheet_holds_what_is_known_and_nothing_else(
    anna: User, programme: Programme, town: Organisation, sign_in: SignIn
) -> None:
    make_edition(programme=programme)
    quality.add_part(actor_of(anna), programme, organisation_id=town.id, part=Part.HOSTS)
    browser = sign_in(anna)
    browser.post("/programmes/unplugged/quality/needs", data=entry(file=(io.BytesIO(PDF), "analisi.pdf")))

    with browser.get("/programmes/unplugged/project-sheet") as response:
        sheet = load_workbook(io.BytesIO(response.data)).active
    assert sheet is not None
    rows = {(row[0], row[1]): row[2] for row in sheet.iter_rows(min_row=2, values_only=True)}

    assert programme.name.text("en") == rows["Project", "Title"]
    assert "Comune (gives rooms or transport)" == rows["Project", "Partners"]
    assert "Partly\nQuestionario.\nMissing: Famiglie.\nanalisi.pdf" == rows["Quality (EDPQS)", "1. Needs assessment"]
    assert ("Project", "Pupils reached") not in rows
    assert all(rows.values())
    with browser.get("/programmes/unplugged/project-sheet?format=csv") as response:
        assert response.get_data(as_text=True).startswith("\ufeffSheet,Field,Value")


@pytest.mark.parametrize(("cents", "number", "expected"), [(100, 3, 33), (200, 3, 67), (1, 0, None)])
def test_cost_is_to_the_nearest_cent(cents: int, number: int, expected: int | None) -> None:
    assert expected == cost_per(cents, number)


def test_the_review_of_a_stage_is_dated(anna: User, programme: Programme, sign_in: SignIn, session: Rows) -> None:
    sign_in(anna).post("/programmes/unplugged/quality/ethics", data=entry())

    assert date(2026, 11, 23) == session.scalars(select(ProgrammeStage)).one().reviewed_on
