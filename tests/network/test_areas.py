"""Planning areas and mayors' addresses: assigned by the office alone, whole or not at all."""

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core.csv_reading import FileFault, FileRefused
from prevention.core.csv_wording import refusal_in_words
from prevention.network import service
from prevention.network.areas import (
    LONGEST_CODE,
    AreaFault,
    AreaSpelledOtherwise,
    Known,
    NoAreaName,
    area_code,
    read_areas,
)
from prevention.network.models import Municipality, PlanningAreaContact
from prevention.network.rules import OrganisationKind
from prevention.network.wording import AREA_REASONS
from tests.factories.network import make_municipality, make_organisation
from tests.support.http import Client
from tests.support.queries import counted_queries

Rows = scoped_session[Session]
SignIn = Callable[[User], Client]

KNOWN = {
    "019035": Known(name="Crema", planning_area="Cremasco"),
    "019036": Known(name="Cremona", planning_area=""),
    "019009": Known(name="Bonemerse", planning_area=""),
}
HEADER = "codice_istat,comune,ambito,email\n"


@pytest.fixture
def towns(anna: User) -> dict[str, Municipality]:
    """The municipalities of `KNOWN`, by name."""
    return {
        one.name: make_municipality(istat_code=code, name=one.name, planning_area=one.planning_area or None)
        for code, one in KNOWN.items()
    }


def taken_in(anna: User, text: str) -> service.AreasReport:
    return service.import_areas(actor_of(anna), io.BytesIO(text.encode()), file_name="ambiti.csv")


def areas_of(session: Rows) -> dict[str, str | None]:
    return {row.name: row.planning_area for row in session.scalars(select(Municipality))}


def test_a_table_assigns_areas_and_addresses_and_leaves_the_others(
    towns: dict[str, Municipality], anna: User, session: Rows
) -> None:
    report = taken_in(anna, HEADER + "19036,CREMONA,  Cremonese  ,Sindaco@example.org\n019009,,Cremonese,\n")

    assert (2, 2) == (report.rows, report.changed)
    assert {"Crema": "Cremasco", "Cremona": "Cremonese", "Bonemerse": "Cremonese"} == areas_of(session)
    assert {"019036": "sindaco@example.org"} == service.mayor_addresses().municipalities


def test_the_table_that_is_handed_out_changes_nothing_when_it_comes_back(
    towns: dict[str, Municipality], anna: User, sign_in: SignIn
) -> None:
    taken_in(anna, HEADER + "019036,Cremona,Cremonese,a@example.org\n")

    text = sign_in(anna).get("/network/areas.csv").get_data(as_text=True)

    assert 0 == taken_in(anna, text).changed
    assert 4 == len(text.splitlines())


def test_an_empty_value_takes_away_and_a_missing_column_does_not(
    towns: dict[str, Municipality], anna: User, session: Rows
) -> None:
    taken_in(anna, HEADER + "019036,Cremona,Cremonese,a@example.org\n")

    taken_in(anna, "codice_istat,ambito\n019036,\n")

    assert areas_of(session)["Cremona"] is None
    assert "a@example.org" == service.mayor_addresses().of("019036")
    taken_in(anna, HEADER + "019036,Cremona,,\n")
    assert "" == service.mayor_addresses().of("019036")


@pytest.mark.parametrize(
    ("text", "fault", "row", "column"),
    [
        (HEADER + "x,Crema,A,\n", AreaFault.WRONG_ISTAT_CODE, 2, "codice_istat"),
        (HEADER + ",Crema,A,\n", AreaFault.WRONG_ISTAT_CODE, 2, "codice_istat"),
        (HEADER + "019035,Crema,A,\n019999,Nowhere,A,\n", AreaFault.UNKNOWN_MUNICIPALITY, 3, "codice_istat"),
        (HEADER + "019035,Cremona,A,\n", AreaFault.OTHER_NAME, 2, "comune"),
        (HEADER + "019035,Crema,A,\n019035,Crema,A,\n", AreaFault.DUPLICATE_CODE, 3, "codice_istat"),
        (HEADER + f"019035,Crema,{'a' * 81},\n", AreaFault.WRONG_AREA, 2, "ambito"),
        (HEADER + "019035,Crema,=1+1,\n", AreaFault.WRONG_AREA, 2, "ambito"),
        (HEADER + "019035,Crema,Cremasco,\n019036,Cremona,cremasco,\n", AreaFault.TWO_SPELLINGS, 3, "ambito"),
        (HEADER + "019036,Cremona,CREMASCO,\n", AreaFault.TWO_SPELLINGS, 2, "ambito"),
        (HEADER + "019035,Crema,A,sindaco@\n", AreaFault.WRONG_EMAIL, 2, "email"),
        ("codice_istat,comune\n019035,Crema\n", FileFault.MISSING_COLUMN, 1, "ambito"),
        (HEADER.replace(",", ";"), FileFault.OTHER_DELIMITER, 1, None),
        ("", FileFault.EMPTY, None, None),
    ],
)
def test_a_bad_table_is_refused_whole_with_row_and_column(
    text: str, fault: str, row: int | None, column: str | None
) -> None:
    with pytest.raises(FileRefused) as caught:
        read_areas(io.BytesIO(text.encode()), file_name="ambiti.csv", known=KNOWN)

    assert (fault, row, column) == (caught.value.fault, caught.value.row, caught.value.column)
    for language in ("it", "en"):
        assert caught.value.fault in AREA_REASONS, language


def test_every_refusal_has_words(towns: dict[str, Municipality]) -> None:
    for language in ("it", "en"):
        with force_locale(language):
            for fault in AreaFault:
                refusal = FileRefused(fault, file_name="a.csv", row=2, column="ambito", value="x", expected="y")
                assert "%(" not in refusal_in_words(refusal, reasons=AREA_REASONS)


@pytest.mark.parametrize(
    ("area", "code"),
    [("Cremasco", "cremasco"), ("Ambito di Crema", "ambito-di-crema"), ("Oglio  Po", "oglio-po"), ("Città", "città")],
)
def test_an_area_has_a_code_for_addresses(area: str, code: str) -> None:
    assert code == area_code(area)


def test_long_names_that_begin_alike_have_codes_of_their_own() -> None:
    one, other = (area_code(f"Ambito distrettuale del Cremasco {end}") for end in ("nord", "sud"))

    assert one != other
    assert max(len(one), len(other)) <= LONGEST_CODE


def test_areas_are_listed_with_their_residents_and_address(
    towns: dict[str, Municipality], anna: User, session: Rows
) -> None:
    towns["Crema"].population = 34_000
    service.assign_area(actor_of(anna), [towns["Cremona"].id, towns["Bonemerse"].id], "Cremonese")
    service.set_area_address(actor_of(anna), "Cremasco", "Ufficio@example.org")

    cremasco, cremonese = service.planning_areas()

    assert ("Cremasco", 1, 34_000, "ufficio@example.org") == (
        cremasco.name, cremasco.municipalities, cremasco.residents, cremasco.email,
    )  # fmt: skip
    assert ("Cremonese", 2, None, "") == (
        cremonese.name, cremonese.municipalities, cremonese.residents, cremonese.email,
    )  # fmt: skip
    assert "ufficio@example.org" == service.mayor_addresses().of("cremasco")


def test_the_address_of_an_area_goes_with_its_last_municipality(
    towns: dict[str, Municipality], anna: User, session: Rows
) -> None:
    service.set_area_address(actor_of(anna), "Cremasco", "a@example.org")

    service.assign_area(actor_of(anna), [towns["Crema"].id], "")

    assert [] == list(session.scalars(select(PlanningAreaContact)))


def test_a_second_spelling_of_an_area_is_refused(towns: dict[str, Municipality], anna: User, session: Rows) -> None:
    with pytest.raises(AreaSpelledOtherwise) as caught:
        service.assign_area(actor_of(anna), [towns["Cremona"].id], "cremasco")
    with pytest.raises(NoAreaName):
        service.assign_area(actor_of(anna), [towns["Cremona"].id], "12")

    assert "Cremasco" == caught.value.expected
    # The only municipality of an area may be given its new spelling.
    assert 1 == service.assign_area(actor_of(anna), [towns["Crema"].id], "CREMASCO")


def test_a_mayors_own_address_goes_before_the_municipalitys(
    towns: dict[str, Municipality], anna: User, session: Rows
) -> None:
    for name in ("Crema", "Cremona"):
        make_organisation(
            kind=OrganisationKind.MUNICIPALITY, municipality_id=towns[name].id, email=f"{name.lower()}@example.org"
        )
    service.save_municipality(actor_of(anna), towns["Crema"], planning_area="Cremasco", mayor_email="S@example.org")
    session.flush()

    with counted_queries() as sent:
        found = service.mayor_addresses()

    assert {"019035": "s@example.org", "019036": "cremona@example.org"} == found.municipalities
    assert 2 == sent.count


# ---- Pages ----


def posts(towns: dict[str, Municipality]) -> list[tuple[str, dict[str, Any]]]:
    """Give the addresses that write, with what they take."""
    crema = towns["Crema"].id
    return [
        ("/network/areas/assign", {"area": "Alto Cremasco", "municipalities": [str(crema)]}),
        ("/network/areas/address", {"name": "Cremasco", "email": "a@example.org"}),
        ("/network/areas/file", {"file": (io.BytesIO(f"{HEADER}019036,,Po,\n".encode()), "a.csv")}),
        (f"/network/municipalities/{crema}/edit", {"planning_area": "Cremasco", "mayor_email": "b@example.org"}),
    ]


def test_the_office_assigns_areas_by_hand_by_table_and_one_by_one(
    towns: dict[str, Municipality], anna: User, sign_in: SignIn, session: Rows
) -> None:
    client = sign_in(anna)
    assert "Cremona, " in client.page("/network/areas").text or "Cremona." in client.page("/network/areas").text

    assert [303] * 4 == [client.post(address, data=data).status_code for address, data in reversed(posts(towns))]

    assert {"Crema": "Alto Cremasco", "Cremona": "Po", "Bonemerse": None} == areas_of(session)
    assert "b@example.org" == service.mayor_addresses().of("019035")


def test_nobody_else_writes_or_reads_them(
    towns: dict[str, Municipality], bruno: User, dario: User, sign_in: SignIn, session: Rows
) -> None:
    before = areas_of(session)

    for person in (bruno, dario):
        client = sign_in(person)
        assert {403} == {client.post(address, data=data).status_code for address, data in posts(towns)}
        assert {403} == {client.get(address).status_code for address in ("/network/areas", "/network/areas.csv")}

    assert before == areas_of(session)


def test_what_is_wrong_changes_nothing(
    towns: dict[str, Municipality], anna: User, sign_in: SignIn, session: Rows
) -> None:
    client, before = sign_in(anna), areas_of(session)
    crema = str(towns["Crema"].id)
    bad: list[tuple[str, dict[str, Any]]] = [
        ("/network/areas/assign", {"area": "X"}),
        ("/network/areas/assign", {"area": "X", "municipalities": [str(uuid.uuid4())]}),
        ("/network/areas/assign", {"area": "cremasco", "municipalities": [str(towns["Cremona"].id)]}),
        ("/network/areas/assign", {"area": "y" * 81, "municipalities": [crema]}),
        ("/network/areas/address", {"name": "Nowhere", "email": "a@example.org"}),
        ("/network/areas/address", {"name": "Cremasco", "email": "a@"}),
        ("/network/areas/file", {}),
        ("/network/areas/file", {"file": (io.BytesIO(b"codice_istat;ambito\n"), "a.csv")}),
        (f"/network/municipalities/{crema}/edit", {"planning_area": "7", "mayor_email": ""}),
        (f"/network/municipalities/{crema}/edit", {"planning_area": "A", "mayor_email": "b@"}),
    ]

    assert [422] * len(bad) == [client.post(address, data=data).status_code for address, data in bad]

    assert before == areas_of(session)
    for mark in (uuid.uuid4(), "x"):
        assert 404 == client.get(f"/network/municipalities/{mark}/edit").status_code
        assert 404 == client.post(f"/network/municipalities/{mark}/edit").status_code
    assert {405} == {client.get(f"/network/areas/{act}").status_code for act in ("assign", "address", "file")}
