"""Schools say which classes they have: their own, and nobody else's."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.schools import service
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level
from tests.factories.network import make_municipality
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

CLASSES = "/schools/classes"
NEW = "/schools/classes/new"


def site_of(user: User, **values: object) -> Site:
    return make_site(institute_id=user.roles[0].institute_id, municipality=make_municipality(), **values)


@pytest.fixture
def school_a(bruno: User) -> Site:
    """The only site of Bruno's school."""
    return site_of(bruno, name="Liceo Alfa")


@pytest.fixture
def school_b(carla: User) -> Site:
    """The only site of Carla's school."""
    return site_of(carla, name="Liceo Beta")


@pytest.fixture
def browser(bruno: User, school_a: Site, sign_in: Callable[[User], Client]) -> Client:
    """Bruno's browser."""
    return sign_in(bruno)


def classes(session: scoped_session[Session]) -> list[tuple[int, str, str, int | None]]:
    rows = session.scalars(select(SchoolClass).order_by(SchoolClass.grade, SchoolClass.section))
    return [(row.grade, row.section, row.label, row.pupils) for row in rows]


def labels(client: Client, query: str = "") -> list[str]:
    return [row.text for row in client.page(CLASSES + query).select("tbody tr:not(.total) th")]


def entry(site: Site, /, **values: object) -> dict[str, object]:
    return {"site": site.code, "grades": ["1"], "sections": "A", "pupils": "", **values}


def test_a_coordinator_sees_the_classes_of_the_own_school_only(browser: Client, school_a: Site, school_b: Site) -> None:
    make_school_class(site=school_a, grade=2, section="B", label="2B")
    make_school_class(site=school_a, grade=1, section="A", label="1A")
    make_school_class(site=school_b, grade=1, section="C", label="1C")

    assert ["1A", "2B"] == labels(browser)


def test_classes_of_another_year_stand_on_their_own_page(browser: Client, school_a: Site) -> None:
    make_school_class(site=school_a, school_year=2026, label="1A")
    make_school_class(site=school_a, school_year=2024, label="1Z")

    assert (["1A"], ["1Z"]) == (labels(browser), labels(browser, "?year=2024"))
    switch = browser.page(CLASSES).select(".year-switch a")
    assert ["2027/28", "2026/27", "2024/25"] == [link.text for link in switch]


def test_a_nonsense_year_is_this_year(browser: Client, school_a: Site) -> None:
    make_school_class(site=school_a, label="1A")

    assert ["1A"] == labels(browser, "?year=soon") == labels(browser, "?year=99999999")


def test_the_office_chooses_a_school(school_a: Site, anna: User, sign_in: Callable[[User], Client]) -> None:
    make_school_class(site=school_a, label="1A")
    office = sign_in(anna)

    assert [] == labels(office)
    assert ["1A"] == labels(office, f"?institute={school_a.institute.code}")


def test_another_school_is_not_there(browser: Client, school_b: Site) -> None:
    other = make_school_class(site=school_b)
    code = school_b.institute.code

    answers = [
        browser.get(f"{CLASSES}?institute={code}"),
        browser.get(f"{NEW}?institute={code}"),
        browser.post(f"{NEW}?institute={code}", data=entry(school_b)),
        browser.get(f"{CLASSES}/{other.id}"),
        browser.post(f"{CLASSES}/{other.id}", data={"grade": "1", "section": "Z", "label": "", "pupils": "20"}),
        browser.get(f"{CLASSES}?institute=CRXX000000"),
    ]

    assert [404] * 6 == [answer.status_code for answer in answers]
    assert "Z" != other.section


def test_a_site_of_another_school_cannot_be_chosen(
    browser: Client, school_b: Site, session: scoped_session[Session]
) -> None:
    response = browser.post(NEW, data=entry(school_b))

    assert 422 == response.status_code
    assert [] == classes(session)


def test_a_facilitator_and_a_visitor_have_no_classes(
    app: Flask, dario: User, sign_in: Callable[[User], Client], client: Client, school_a: Site
) -> None:
    facilitator = sign_in(dario)
    school_class = make_school_class(site=school_a)
    places = [CLASSES, NEW, f"{CLASSES}/{school_class.id}"]

    assert [403] * 3 == [facilitator.get(place).status_code for place in places]
    assert [403] * 2 == [facilitator.post(place).status_code for place in places[1:]]
    assert [303] * 3 == [client.get(place).status_code for place in places]
    assert [401] * 2 == [client.post(place).status_code for place in places[1:]]


def test_each_grade_gets_each_section(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    response = browser.post(NEW, data=entry(school_a, grades=["1", "2"], sections="a, B lsa", pupils="24"))

    assert 303 == response.status_code
    assert [(1, "A", "1A", 24), (1, "B LSA", "1B LSA", 24), (2, "A", "2A", 24), (2, "B LSA", "2B LSA", 24)] == classes(
        session
    )
    assert {2026} == set(session.scalars(select(SchoolClass.school_year)))


def test_classes_of_next_year_can_be_entered(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    browser.post(f"{NEW}?year=2027", data=entry(school_a))

    assert [2027] == list(session.scalars(select(SchoolClass.school_year)))


@pytest.mark.parametrize(
    "values",
    [
        {"grades": []},
        {"grades": ["6"]},
        {"sections": ""},
        {"sections": "A;B"},
        {"sections": "A, ?"},
        {"pupils": "0"},
        {"pupils": "61"},
        {"pupils": "many"},
        {"site": ""},
        {"site": "CRXX000000"},
    ],
)
def test_a_wrong_entry_is_told_and_changes_nothing(
    browser: Client, school_a: Site, session: scoped_session[Session], values: dict[str, object]
) -> None:
    response = browser.post(NEW, data=entry(school_a, **values))

    assert 422 == response.status_code
    assert all(len(link.text) > 20 for link in soup(response).select(".error-summary a"))
    assert [] == classes(session)


def test_a_grade_that_the_school_does_not_have_is_refused_with_those_it_has(
    bruno: User, sign_in: Callable[[User], Client], session: scoped_session[Session]
) -> None:
    site = site_of(bruno, level=Level.PRIMO_GRADO)

    response = sign_in(bruno).post(NEW, data=entry(site, grades=["3", "4"]))

    assert 422 == response.status_code
    assert "4" in soup(response).select_one(".field-error").text
    assert [] == classes(session)


def test_a_class_that_is_there_is_named_and_none_is_added(
    browser: Client, school_a: Site, session: scoped_session[Session]
) -> None:
    make_school_class(site=school_a, grade=2, section="A", label="2A", pupils=None)

    response = browser.post(NEW, data=entry(school_a, grades=["1", "2"]))

    assert 422 == response.status_code
    assert "2A" in soup(response).select_one(".field-error").text
    assert [(2, "A", "2A", None)] == classes(session)


def test_the_same_name_in_another_year_or_site_is_another_class(
    browser: Client, bruno: User, school_a: Site, session: scoped_session[Session]
) -> None:
    make_school_class(site=school_a, grade=1, section="A", school_year=2025)
    make_school_class(site=site_of(bruno, name="Liceo Alfa 2"), grade=1, section="A")

    assert 303 == browser.post(NEW, data=entry(school_a)).status_code
    assert 3 == len(classes(session))


def test_a_school_without_classes_in_the_register_cannot_enter_any(
    carla: User, sign_in: Callable[[User], Client]
) -> None:
    site_of(carla, level=Level.ISTITUTO)
    client = sign_in(carla)

    assert 404 == client.get(NEW).status_code
    assert client.page(CLASSES).select_one(".empty") is not None


def test_a_class_is_corrected(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    found = make_school_class(site=school_a, grade=1, section="A", label="1A", pupils=20)
    cohort = found.cohort_id

    response = browser.post(f"{CLASSES}/{found.id}", data={"grade": "2", "section": "b", "label": "", "pupils": "23"})

    assert 303 == response.status_code
    assert [(2, "B", "2B", 23)] == classes(session)
    assert cohort == session.scalar(select(SchoolClass.cohort_id))


def test_a_class_may_have_a_name_of_its_own(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    found = make_school_class(site=school_a, grade=1, section="A", label="1A")

    browser.post(f"{CLASSES}/{found.id}", data={"grade": "1", "section": "A", "label": "I A classico", "pupils": ""})

    assert [(1, "A", "I A classico", None)] == classes(session)
    assert "I A classico" == browser.page(f"{CLASSES}/{found.id}").select_one('input[name="label"]')["value"]


def test_a_name_made_of_grade_and_section_is_shown_empty_so_that_it_follows(browser: Client, school_a: Site) -> None:
    found = make_school_class(site=school_a, grade=1, section="A", label="1A")

    assert "" == browser.page(f"{CLASSES}/{found.id}").select_one('input[name="label"]')["value"]


@pytest.mark.parametrize(
    "values",
    [{"grade": "6"}, {"grade": ""}, {"section": "?"}, {"section": ""}, {"pupils": "61"}, {"label": "x" * 25}],
)
def test_a_wrong_correction_changes_nothing(
    browser: Client, school_a: Site, session: scoped_session[Session], values: dict[str, str]
) -> None:
    found = make_school_class(site=school_a, grade=1, section="A", label="1A", pupils=20)

    response = browser.post(
        f"{CLASSES}/{found.id}", data={"grade": "1", "section": "A", "label": "", "pupils": "21", **values}
    )

    assert 422 == response.status_code
    assert [(1, "A", "1A", 20)] == classes(session)


def test_a_correction_to_the_name_of_another_class_is_refused(
    browser: Client, school_a: Site, session: scoped_session[Session]
) -> None:
    make_school_class(site=school_a, grade=1, section="A", label="1A", pupils=20)
    found = make_school_class(site=school_a, grade=1, section="B", label="1B", pupils=21)

    response = browser.post(f"{CLASSES}/{found.id}", data={"grade": "1", "section": "A", "label": "", "pupils": "21"})

    assert 422 == response.status_code
    assert [(1, "A", "1A", 20), (1, "B", "1B", 21)] == classes(session)


def test_a_made_up_class_is_not_there(browser: Client) -> None:
    assert [404, 404] == [
        browser.get(f"{CLASSES}/00000000-0000-0000-0000-000000000000").status_code,
        browser.get(f"{CLASSES}/nonsense").status_code,
    ]


def test_the_forms_are_protected_by_a_token(app: Flask, browser: Client, school_a: Site) -> None:
    found = make_school_class(site=school_a)
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answers = [browser.post(NEW, data=entry(school_a)), browser.post(f"{CLASSES}/{found.id}")]
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert [400, 400] == [answer.status_code for answer in answers]


def test_pupils_are_summed_per_site(browser: Client, school_a: Site) -> None:
    make_school_class(site=school_a, pupils=20)
    make_school_class(site=school_a, pupils=None)
    make_school_class(site=school_a, pupils=22)

    assert "42 pupils" in browser.page(CLASSES).select_one(".site-lines li").text


def test_more_classes_need_no_more_statements(browser: Client, school_a: Site) -> None:
    def statements(count: int) -> int:
        for _number in range(count):
            make_school_class(site=school_a)
        with counted_queries() as sent:
            browser.page(CLASSES)
        return sent.count

    statements(1)  # what is read once per process is read now

    assert statements(1) == statements(30)


def test_the_classes_of_an_institute_are_read_with_their_sites_in_one_statement(
    app: Flask, school_a: Site, school_b: Site, session: scoped_session[Session]
) -> None:
    make_school_class(site=school_a)
    make_school_class(site=school_b)
    institute_id = school_a.institute_id
    session.expunge_all()

    with counted_queries() as sent:
        found = service.classes_of(institute_id, 2026)
        names = [row.site.institute.name for row in found]

    assert (1, 1) == (sent.count, len(names))
    assert 2 == session.scalar(select(func.count(SchoolClass.id)))
