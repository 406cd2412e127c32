"""Codes that ended and their successors: found in the real register, decided once, and history follows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db, unit_of_work
from prevention.core.models import AuditEntry
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools import service
from prevention.schools.history_models import SiteSuccession
from prevention.schools.models import Enrolment, Site
from prevention.schools.rules import Level
from prevention.schools.succession import AlreadyDecided, CannotFollow, NotGone
from tests.factories.accounts import make_user
from tests.factories.network import make_municipality
from tests.factories.schools import make_enrolment, make_institute, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
PAGE = "/schools/successions"
OLD, NEW = "CRMM81001A", "CRMM80304A"
# The sites of the institute that was dissolved, and those that have taken their place.
REAL = {
    "CRAA810016": "CRAA80309B",
    "CRAA810027": "CRAA80310D",
    "CRAA810038": "CRAA80311E",
    "CREE81001B": "CREE80304B",
    "CREE81002C": "CREE80305C",
    "CREE81003D": "CREE80306D",
    "CRMM81001A": "CRMM80304A",
    "CRMM81002B": "CRMM80305B",
}


def make_merger() -> tuple[Site, Site]:
    """A school that changed its code from 2024/25 to 2025/26, with pupils under the old one."""
    place = make_municipality()
    values = {"name": "STEFANO JACINI", "address": "VIA VERDI 8", "municipality": place, "level": Level.PRIMO_GRADO}
    old = make_site(code=OLD, first_seen=2024, last_seen=2024, institute=make_institute(municipality=place), **values)
    new = make_site(code=NEW, first_seen=2025, last_seen=2025, institute=make_institute(municipality=place), **values)
    make_enrolment(site=old, school_year=2023, pupils=119)
    make_enrolment(site=old, school_year=2024, pupils=104)
    return old, new


def take_real_files_in(folder: Path) -> None:
    with (folder / "geo" / "cremona_comuni_istat.csv").open("rb") as stream:
        network.import_municipalities(stream, file_name="comuni.csv")
    for name in ("SCUANAGRAFESTAT20252620250901.csv.gz", "scuole_paritarie_cremona_202324.csv"):
        with (folder / "schools" / name).open("rb") as stream:
            service.import_register(stream, file_name=name, provinces=("CR",), now=clock.now())
    name = "alunni_per_scuola_cremona_202122_202425.csv"
    with (folder / "schools" / name).open("rb") as stream:
        service.import_enrolments(stream, file_name=name, now=clock.now())


def test_the_merger_in_the_real_register_is_found_and_history_follows_the_new_codes(
    app: Flask, anna: User, shared_data: Path
) -> None:
    take_real_files_in(shared_data)

    found = {each.gone.code: each for each in service.proposed_successions() if each.gone.last == 2024}
    proposed = {code: each.new.code for code, each in found.items() if each.new is not None}

    assert REAL == proposed
    assert {"CR1ATC500C"} == set(found) - set(REAL)
    assert {("CRIC803006", 8, 8)} == {
        (each.new.institute, each.evidence.together, each.evidence.together_of)
        for each in found.values()
        if each.new is not None and each.evidence is not None
    }

    # The year before, an institute was shared out among five: nothing is guessed, but each code has its candidates.
    earlier = [each for each in service.proposed_successions() if each.gone.last == 2023]
    assert (15, {None}, True) == (len(earlier), {each.new for each in earlier}, all(one.candidates for one in earlier))

    service.decide_successions(actor_of(anna), dict(proposed), now=clock.now())

    new = service.site_by_code("CRMM80304A")
    assert new is not None
    assert [(2021, 115), (2022, 119), (2023, 116), (2024, 104)] == [
        (row.school_year, row.pupils) for row in service.enrolment_history(new.id)
    ]
    assert not set(REAL) & {each.gone.code for each in service.proposed_successions()}
    pupils = select(func.sum(Enrolment.pupils)).where(Enrolment.school_year == 2024)
    assert 47_217 == db.session.scalar(pupils)
    assert 332 == db.session.scalar(select(func.count()).where(Enrolment.school_year == 2024))
    with pytest.raises(AlreadyDecided):
        service.decide_successions(actor_of(anna), {"CRMM81001A": "CRMM80304A"}, now=clock.now())


def test_reading_the_pupils_again_keeps_what_was_decided(app: Flask, anna: User, shared_data: Path) -> None:
    take_real_files_in(shared_data)
    service.decide_successions(actor_of(anna), {"CRMM81001A": "CRMM80304A"}, now=clock.now())

    name = "alunni_per_scuola_cremona_202122_202425.csv"
    with (shared_data / "schools" / name).open("rb") as stream:
        report = service.import_enrolments(stream, file_name=name, now=clock.now())

    assert report.changes_nothing


def test_a_code_known_from_an_earlier_register_is_found_by_its_details(app: Flask) -> None:
    make_merger()

    (found,) = service.proposed_successions()

    assert found.new is not None
    assert NEW == found.new.code


def test_what_was_decided_can_be_taken_back(app: Flask, anna: User) -> None:
    old, new = make_merger()
    service.decide_successions(actor_of(anna), {OLD: NEW}, now=clock.now())
    assert new.id == service.site_lineage().of(old.id)
    assert 2 == len(service.enrolment_history(new.id))

    service.withdraw_succession(actor_of(anna), OLD)

    assert old.id == service.site_lineage().of(old.id)
    assert (2, 0) == (len(service.enrolment_history(old.id)), len(service.enrolment_history(new.id)))
    with pytest.raises(NotYours):
        service.withdraw_succession(actor_of(anna), OLD)


def test_a_chain_of_codes_leads_to_its_end(app: Flask, anna: User) -> None:
    old, middle = make_merger()
    last = make_site(
        code="CRMM99901A",
        first_seen=2026,
        last_seen=2026,
        name="STEFANO JACINI",
        address="VIA VERDI 8",
        level=Level.PRIMO_GRADO,
        municipality=middle.municipality,
    )
    db.session.add(
        SiteSuccession(old_code=OLD, site=middle, since=2025, evidence={}, decided_by=anna.id, decided_at=clock.now())
    )
    db.session.flush()

    service.decide_successions(actor_of(anna), {NEW: last.code}, now=clock.now())

    assert last.id == service.site_lineage().of(old.id) == service.site_lineage().of(middle.id)
    assert {old.id, middle.id} == set(service.site_lineage().before(last.id))
    assert [2023, 2024] == [row.school_year for row in service.enrolment_history(last.id)]


def test_a_site_with_two_old_codes_has_the_pupils_of_both(app: Flask, anna: User) -> None:
    _old, new = make_merger()
    make_enrolment(site=make_site(code="CRMM81002B", last_seen=2025, level=Level.PRIMO_GRADO), school_year=2024)
    row = db.session.scalars(select(Enrolment).where(Enrolment.code == "CRMM81002B")).one()
    row.site_id = new.id
    service.decide_successions(actor_of(anna), {OLD: NEW}, now=clock.now())

    (line,) = [each for each in service.sites_of_institute(new.institute_id) if each.site.id == new.id]

    assert 204 == line.pupils


@pytest.mark.parametrize(
    ("choices", "refusal"),
    [
        ({"CRXX00000X": NEW}, NotGone),
        ({NEW: NEW}, NotGone),
        ({OLD: "CRXX00000X"}, CannotFollow),
        ({OLD: OLD}, CannotFollow),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    app: Flask, anna: User, choices: dict[str, str | None], refusal: type[Exception]
) -> None:
    make_merger()

    with pytest.raises(refusal):
        service.decide_successions(actor_of(anna), choices, now=clock.now())

    assert not db.session.scalar(select(func.count()).select_from(SiteSuccession))


def test_statements_do_not_grow_with_the_codes(app: Flask) -> None:
    make_merger()
    with counted_queries() as few:
        service.proposed_successions()
    for number in range(5):
        make_site(code=f"CRMM7{number}001A", first_seen=2024, last_seen=2024, level=Level.PRIMO_GRADO)
    with counted_queries() as many:
        service.proposed_successions()

    assert few.count == many.count


def test_the_office_confirms_what_the_page_proposes(anna: User, sign_in: SignIn) -> None:
    make_merger()
    browser = sign_in(anna)
    page = browser.page(PAGE)
    assert NEW == page.select_one(f"select[name={OLD}] option[selected]")["value"]

    answer = browser.post(PAGE, data={OLD: NEW})

    assert 303 == answer.status_code
    assert "1 code was decided." in browser.page(PAGE).get_text()
    assert "under code CRMM81001A" in browser.page(f"/schools/sites/{NEW}").get_text()


def test_a_code_can_be_closed_or_left_for_later(anna: User, sign_in: SignIn) -> None:
    make_merger()
    browser = sign_in(anna)

    browser.post(PAGE, data={OLD: ""})
    assert not db.session.scalars(select(SiteSuccession)).all()
    browser.post(PAGE, data={OLD: "closed"})

    (row,) = db.session.scalars(select(SiteSuccession))
    assert row.site_id is None


def test_a_choice_that_is_none_changes_nothing(anna: User, sign_in: SignIn) -> None:
    make_merger()

    assert 422 == sign_in(anna).post(PAGE, data={OLD: "CRXX00000X"}).status_code
    assert not db.session.scalars(select(SiteSuccession)).all()


def test_taking_back_works_on_the_page_and_only_once(anna: User, sign_in: SignIn) -> None:
    make_merger()
    browser = sign_in(anna)
    browser.post(PAGE, data={OLD: NEW})

    answers = [browser.post(f"{PAGE}/{OLD}/withdraw").status_code for _ in range(2)]

    assert [303, 404] == answers


def test_others_than_the_office_decide_nothing(bruno: User, client: Client, sign_in: SignIn) -> None:
    make_merger()
    browser = sign_in(bruno)

    assert [403, 403, 403] == [
        browser.get(PAGE).status_code,
        browser.post(PAGE, data={OLD: NEW}).status_code,
        browser.post(f"{PAGE}/{OLD}/withdraw").status_code,
    ]
    assert 303 == client.get(PAGE).status_code
    assert not db.session.scalars(select(SiteSuccession)).all()


def test_a_withdrawal_has_no_page_of_its_own(anna: User, sign_in: SignIn) -> None:
    assert 405 == sign_in(anna).get(f"{PAGE}/{OLD}/withdraw").status_code


def test_of_two_who_confirm_at_once_one_decides(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        make_merger()
        user_id = make_user("Anna", Role.OFFICE).id
    start = Barrier(2)

    def confirm(_number: int) -> str:
        with live_app.app_context():
            actor = actor_of(db.session.get_one(User, user_id))
            db.session.rollback()
            start.wait()
            try:
                with unit_of_work():
                    service.decide_successions(actor, {OLD: NEW}, now=clock.now())
            except (AlreadyDecided, NotGone):
                return "told"
            return "decided"

    with ThreadPoolExecutor(2) as pool:
        assert ["decided", "told"] == sorted(pool.map(confirm, range(2)))


def test_coordinators_of_a_dissolved_institute_follow_when_the_office_says_so(
    anna: User, client: Client, sign_in: SignIn
) -> None:
    old, new = make_merger()
    bruno = make_user("Bruno", Role.COORDINATOR, institute_id=old.institute_id)
    office = sign_in(anna)
    assert "Coordinated by Bruno" in office.page(PAGE).get_text()

    office.post(PAGE, data={OLD: NEW, "lets_follow": "y"})
    db.session.expire_all()

    assert {old.institute_id, new.institute_id} == {role.institute_id for role in bruno.roles}
    assert 200 == sign_in(bruno).get(f"/schools/sites/{NEW}").status_code
    logged = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "accounts.followed_institute")
    assert 1 == db.session.scalar(logged)

    office.post(f"{PAGE}/{OLD}/withdraw")
    db.session.expire_all()
    assert [old.institute_id] == [role.institute_id for role in bruno.roles]


def test_nobody_follows_unasked_nor_from_an_institute_that_lives_on(anna: User, sign_in: SignIn) -> None:
    old, new = make_merger()
    bruno = make_user("Bruno", Role.COORDINATOR, institute_id=old.institute_id)
    sign_in(anna).post(PAGE, data={OLD: NEW})
    db.session.expire_all()
    assert 1 == len(bruno.roles)
    service.withdraw_succession(actor_of(anna), OLD)

    make_site(institute_id=old.institute_id, municipality=old.municipality, last_seen=new.last_seen)
    office = sign_in(anna)
    assert "Coordinated by" not in office.page(PAGE).get_text()
    office.post(PAGE, data={OLD: NEW, "lets_follow": "y"})
    db.session.expire_all()

    assert 1 == len(bruno.roles)
