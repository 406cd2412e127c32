"""Pages that show the register: found, filtered, paged, in a constant number of statements."""

from collections.abc import Callable

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.schools.models import Site
from prevention.schools.rules import Level, Track
from tests.factories.network import make_municipality
from tests.factories.schools import make_enrolment, make_institute, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries


@pytest.fixture
def browser(app: Flask, bruno: User, sign_in: Callable[[User], Client]) -> Client:
    """The browser of Bruno, who coordinates school A."""
    return sign_in(bruno)


def names(client: Client, query: str = "") -> list[str]:
    page = client.page(f"/schools/{query}")
    return [cell.select_one("a").text for cell in page.select("tbody th[scope=row]") if cell.select_one("a")]


def test_a_visitor_is_sent_to_sign_in(app: Flask, client: Client) -> None:
    site = make_site()

    for path in ("/schools/", f"/schools/sites/{site.code}", f"/schools/institutes/{site.institute.code}"):
        assert 303 == client.get(path).status_code


def test_the_register_lists_sites_with_institute_municipality_level_and_pupils(browser: Client) -> None:
    crema = make_municipality(name="Crema")
    institute = make_institute(name='"P.SRAFFA"', municipality=crema)
    site = make_site(name="Marazzi", institute=institute, track=Track.PROFESSIONALE)
    make_enrolment(site=site, school_year=2023, pupils=1)
    make_enrolment(site=site, school_year=2024, pupils=1234)

    row = browser.page("/schools/").select_one("tbody tr")

    assert all(part in row.text for part in ("Marazzi", site.code, "P.SRAFFA", "Crema", "234"))
    assert '"P.SRAFFA"' not in row.text


def test_hidden_and_unknown_counts_are_told_apart(browser: Client) -> None:
    low, unknown = make_site(name="Low"), make_site(name="Unknown")
    make_enrolment(site=low, pupils=None, is_low=True)

    cells = {
        row.select_one("th a").text: row.select_one("td.number").text
        for row in browser.page("/schools/").select("tbody tr")
    }

    assert "≤ 3" in cells[low.name]
    assert "3" not in cells[unknown.name]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Alfa", "Beta", "Gamma"}),
        ("?words=alf", {"Alfa"}),
        ("?words=ALFA+CRPS", {"Alfa"}),
        ("?words=alfa+beta", set()),
        ("?words=100%25", set()),
        ("?words=garibaldi", {"Beta"}),
        ("?level=primo_grado", {"Beta"}),
        ("?level=nonsense", {"Alfa", "Beta", "Gamma"}),
        ("?kind=non_state", {"Gamma"}),
        ("?kind=state", {"Alfa", "Beta"}),
        ("?gone=yes", {"Beta"}),
        ("?gone=no", {"Alfa", "Gamma"}),
        ("?municipality=nonsense", {"Alfa", "Beta", "Gamma"}),
    ],
)
def test_the_register_is_narrowed_by_each_filter(browser: Client, query: str, expected: set[str]) -> None:
    make_site(name="Alfa", last_seen=2026)
    make_site(name="Beta", level=Level.PRIMO_GRADO, address="Via Garibaldi 1", first_seen=2024, last_seen=2025)
    make_site(name="Gamma", is_state=False, first_seen=2023, last_seen=2023)

    assert expected == set(names(browser, query))


def test_the_register_is_narrowed_by_municipality(browser: Client) -> None:
    make_site(name="Alfa")
    crema = make_municipality(name="Crema")
    make_site(name="Beta", municipality=crema)

    assert ["Beta"] == names(browser, f"?municipality={crema.id}")


def test_the_register_is_paged_and_an_impossible_page_is_not_there(browser: Client) -> None:
    institute = make_institute()
    for _number in range(30):
        make_site(institute=institute)

    assert [25, 5] == [len(names(browser, f"?page={page}")) for page in (1, 2)]
    assert 404 == browser.get("/schools/?page=3").status_code
    assert 404 == browser.get("/schools/?page=0").status_code


def test_an_empty_search_says_so(browser: Client) -> None:
    assert [] == names(browser, "?words=zzzz")
    assert browser.page("/schools/?words=zzzz").select_one(".empty") is not None


def test_only_the_office_is_offered_to_take_files_in(
    browser: Client, anna: User, sign_in: Callable[[User], Client]
) -> None:
    make_site()
    link = 'a[href="/schools/import"]'

    assert browser.page("/schools/").select_one(link) is None
    assert sign_in(anna).page("/schools/").select_one(link) is not None


def test_an_institute_shows_its_sites_office_first(browser: Client) -> None:
    institute = make_institute(name="Torriani")
    make_site(name="Liceo", institute=institute)
    make_site(name="Torriani", institute=institute, level=Level.ISTITUTO, code=institute.code)
    make_site(name="Elsewhere")

    page = browser.page(f"/schools/institutes/{institute.code}")

    assert ["Torriani", "Liceo"] == [cell.text for cell in page.select("tbody th a")]
    assert "Torriani" in page.select_one("h1").text


def test_a_site_shows_its_pupils_year_by_year(browser: Client) -> None:
    site = make_site(website="https://www.scuola.example.org/", email="scuola@example.org")
    make_enrolment(site=site, school_year=2024, pupils=101)
    make_enrolment(site=site, school_year=2023, pupils=99)

    page = browser.page(f"/schools/sites/{site.code}")

    assert ["2023/24", "2024/25"] == [cell.text for cell in page.select("tbody th")]
    assert page.select_one('a[href="https://www.scuola.example.org/"]') is not None


def test_a_head_office_says_where_its_pupils_are_counted(browser: Client) -> None:
    site = make_site(level=Level.ISTITUTO)

    page = browser.page(f"/schools/sites/{site.code}")

    assert page.select_one(".notice-info") is not None
    assert [] == page.select("tbody tr")


def test_a_code_that_is_not_there_is_not_found(browser: Client) -> None:
    assert 404 == browser.get("/schools/sites/CRXX000000").status_code
    assert 404 == browser.get("/schools/institutes/CRXX000000").status_code


def test_the_way_to_the_classes_is_shown_to_those_who_may_enter_them(
    browser: Client, bruno: User, anna: User, dario: User, sign_in: Callable[[User], Client]
) -> None:
    own = make_site(institute_id=bruno.roles[0].institute_id, municipality=make_municipality())
    other = make_site()

    def is_offered(client: Client, site: Site) -> bool:
        page = client.page(f"/schools/sites/{site.code}")
        return page.select_one('a[href^="/schools/classes"].btn') is not None

    assert [True, False] == [is_offered(browser, site) for site in (own, other)]
    assert is_offered(sign_in(anna), other)
    assert not is_offered(sign_in(dario), other)


@pytest.mark.parametrize("path", ["/schools/", "/schools/institutes/{institute}"])
def test_a_longer_register_needs_no_more_statements(browser: Client, path: str) -> None:
    institute = make_institute()
    path = path.format(institute=institute.code)

    def statements(count: int) -> int:
        for _number in range(count):
            make_enrolment(site=make_site(institute=institute, municipality=make_municipality()))
        with counted_queries() as sent:
            browser.page(path)
        return sent.count

    statements(1)  # what is read once per process is read now

    assert statements(1) == statements(20)
