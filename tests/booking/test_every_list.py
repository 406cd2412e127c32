"""Every list of booking, schools and registers filters, sorts, pages and is taken away as CSV and XLSX."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from openpyxl import load_workbook

from prevention.accounts.models import User
from prevention.booking.plan_rules import PlanningStatus
from prevention.core.web import ROWS_PER_PAGE
from prevention.programmes.rules import BookingMode
from prevention.roles import Role
from prevention.schools.views.classes import CLASSES_PER_PAGE
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_request, make_slot, make_waiting_class
from tests.factories.delivery import HOUR, make_booked_meeting, make_register
from tests.factories.network import make_municipality
from tests.factories.planning import make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_closure
from tests.factories.schools import make_institute, make_school_class, make_site
from tests.support.http import Client

DAY = timedelta(days=1)
MANY = ROWS_PER_PAGE + 2
EPIPHANY = datetime.fromisoformat("2027-01-06T09:00:00+00:00")

Fill = Callable[[User, User, User, datetime], None]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A list: its address, who reads it, and what puts more rows into it than a page holds."""

    address: str
    who: str
    fill: Fill

    def __str__(self) -> str:
        return f"{self.who} {self.address}"


def own_site(bruno: User) -> object:
    return make_site(institute_id=bruno.roles[0].institute_id, municipality=make_municipality())


def bookings(_anna: User, bruno: User, dario: User, _now: datetime) -> None:
    site = own_site(bruno)
    edition = make_edition(organisation_id=dario.roles[0].organisation_id)
    for number in range(MANY):
        slot = make_slot(edition=edition, places=2, starts=[FIRST_START + number * timedelta(minutes=5)])
        make_booking(bruno, slot=slot, school_class=make_school_class(site=site))


def slots(_anna: User, _bruno: User, dario: User, _now: datetime) -> None:
    edition = make_edition(organisation_id=dario.roles[0].organisation_id)
    for number in range(MANY):
        make_slot(edition=edition, starts=[FIRST_START + number * DAY])


def requests(anna: User, _bruno: User, dario: User, _now: datetime) -> None:
    edition = make_edition(booking_mode=BookingMode.REQUESTS, organisation_id=dario.roles[0].organisation_id)
    for _number in range(MANY):
        make_request(anna, edition=edition)


def waiting(_anna: User, bruno: User, _dario: User, _now: datetime) -> None:
    site, slot = own_site(bruno), make_slot()
    for _number in range(MANY):
        make_waiting_class(bruno, slot, school_class=make_school_class(site=site))


def conflicts(anna: User, _bruno: User, _dario: User, _now: datetime) -> None:
    edition = make_edition()
    for _number in range(MANY):
        make_booking(anna, slot=make_slot(edition=edition, starts=[EPIPHANY]))


def schools(_anna: User, _bruno: User, _dario: User, _now: datetime) -> None:
    place = make_municipality()
    for _number in range(MANY):
        make_site(institute=make_institute(municipality=place))


def classes(_anna: User, bruno: User, _dario: User, _now: datetime) -> None:
    site = own_site(bruno)
    for number in range(CLASSES_PER_PAGE + 2):
        make_school_class(site=site, grade=1 + number % 5)


def closures(_anna: User, bruno: User, _dario: User, _now: datetime) -> None:
    for number in range(MANY):
        make_closure(first_day=date(2026, 10, 1) + number * DAY, institute_id=bruno.roles[0].institute_id)


def plans(_anna: User, _bruno: User, _dario: User, now: datetime) -> None:
    for number in range(MANY):
        make_run_row(status=PlanningStatus.FAILED, requested_at=now - number * HOUR)


def leaders(_anna: User, _bruno: User, dario: User, _now: datetime) -> None:
    for number in range(MANY):
        make_user(f"Elena {number}", Role.FACILITATOR, organisation_id=dario.roles[0].organisation_id)


def ways(_anna: User, _bruno: User, _dario: User, _now: datetime) -> None:
    for number in range(MANY + 1):
        make_site(municipality=make_municipality(name=f"Comune {number}", latitude=45 + number / 100, longitude=10.0))


def due(_anna: User, _bruno: User, dario: User, now: datetime) -> None:
    edition = make_edition(programme=make_programme())
    for number in range(MANY):
        make_booked_meeting(edition=edition, facilitator_id=dario.id, starts_at=now - (number + 1) * HOUR)


def ahead(_anna: User, _bruno: User, dario: User, now: datetime) -> None:
    edition = make_edition(programme=make_programme())
    for number in range(MANY):
        make_booked_meeting(edition=edition, facilitator_id=dario.id, starts_at=now + (number + 1) * HOUR)


def done(_anna: User, _bruno: User, dario: User, now: datetime) -> None:
    edition = make_edition(programme=make_programme())
    for number in range(MANY):
        make_register(
            make_booked_meeting(edition=edition, facilitator_id=dario.id, starts_at=now - (number + 1) * HOUR)
        )


LISTS = {
    "booking.bookings": Listed(address="/booking/", who="anna", fill=bookings),
    "booking.my_bookings": Listed(address="/booking/mine", who="bruno", fill=bookings),
    "booking.agenda": Listed(address="/booking/agenda", who="dario", fill=bookings),
    "booking.slots": Listed(address="/booking/slots", who="bruno", fill=slots),
    "booking.provided": Listed(address="/booking/provided", who="dario", fill=slots),
    "booking.requests": Listed(address="/booking/requests", who="anna", fill=requests),
    "booking.waiting": Listed(address="/booking/waiting", who="bruno", fill=waiting),
    "booking.conflicts": Listed(address="/booking/conflicts", who="anna", fill=conflicts),
    "booking.unreached_schools": Listed(address="/booking/unreached/schools", who="anna", fill=schools),
    "booking.unreached_classes": Listed(address="/booking/unreached/classes", who="anna", fill=classes),
    "booking.plans": Listed(address="/booking/planning/", who="anna", fill=plans),
    "booking.leaders": Listed(address="/booking/hours/", who="anna", fill=leaders),
    "booking.ways": Listed(address="/booking/ways/", who="anna", fill=ways),
    "calendar.calendar": Listed(address="/calendar/?view=list&day=2027-01-08", who="anna", fill=bookings),
    "schools.register": Listed(address="/schools/", who="bruno", fill=schools),
    "schools.calendar": Listed(address="/schools/calendar", who="bruno", fill=closures),
    "schools.classes": Listed(address="/schools/classes", who="bruno", fill=classes),
    "delivery.registers": Listed(address="/registers?show=due", who="dario", fill=due),
    "delivery.registers, ahead": Listed(address="/registers?show=ahead", who="dario", fill=ahead),
    "delivery.registers, done": Listed(address="/registers?show=done", who="dario", fill=done),
}

# Pages of these rooms that are no lists of rows without end: forms, one thing, a board, a handful of lines.
NO_LISTS = {
    "booking.board", "booking.reminders", "calendar.feeds",
    "schools.add_classes", "schools.successions", "schools.upload",
}  # fmt: skip


def joined(address: str, more: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{more}"


def csv_rows(client: Client, address: str) -> list[list[str]]:
    answer = client.get(joined(address, "format=csv"))
    assert (200, "text/csv") == (answer.status_code, answer.mimetype), address
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))[1:]


def total(client: Client, address: str) -> int:
    page = client.page(address)
    count = page.select_one(".table-count")
    if count is not None:
        return int(re.sub(r"\D", "", count.get_text().rsplit("of", 1)[-1]))
    return sum(len(client.page(joined(address, f"page={number}")).select("article")) for number in (1, 2, 3))


def rows_shown(page: BeautifulSoup) -> set[str]:
    """The rows of the list, which is the last table of its page; or its cards."""
    return {str(row) for table in page.select("table")[-1:] for row in table.select("tbody tr")} or {
        str(card) for card in page.select("article")
    }


def it_pages(reader: Client, address: str) -> None:
    page = reader.page(address)
    onward = page.select_one('.pagination a[rel="next"]')

    assert onward is not None
    first, second = (rows_shown(each) for each in (page, reader.page(str(onward["href"]))))
    assert len(first) >= len(second) > 0
    assert not first & second
    assert 404 == reader.get(joined(address, "page=999")).status_code


def it_sorts_by_each_key_both_ways(reader: Client, address: str) -> None:
    page = reader.page(address)
    orders = [str(option["value"]) for option in page.select('select[name="sort"] option')]

    assert len(orders) >= 4
    assert {str(link["href"]).split("sort=")[1].split("&")[0] for link in page.select("a.sort-link")} <= {
        order for order in orders if ":" not in order
    }
    files = {order: csv_rows(reader, joined(address, f"sort={order}")) for order in orders}
    whole = sorted(files[orders[0]])
    assert all(whole == sorted(rows) for rows in files.values())
    assert any(files[order] != files[f"{order}:desc"] for order in orders if ":" not in order)


def it_filters_and_its_files_hold_what_it_shows(reader: Client, address: str) -> None:
    form = reader.page(address).select_one("main form.filters")

    assert form is not None
    own = [field for field in form.select("select, input:not([type=hidden])") if field.get("name") != "sort"]
    assert own, address
    rows = csv_rows(reader, address)
    assert total(reader, address) == len(rows) > ROWS_PER_PAGE
    narrowed = [
        joined(address, f"{field['name']}={option['value']}")
        for field in own
        for option in field.select("option[value]")[1:]
    ]
    nonsense = {"search": "zzz", "date": "2031-01-01"}
    narrowed += [
        joined(address, f"{field['name']}={nonsense[str(field['type'])]}") for field in own if field.name == "input"
    ]
    counts = {each: len(csv_rows(reader, each)) for each in narrowed}
    assert min(counts.values(), default=0) < len(rows), counts
    for each, count in counts.items():
        assert count == (total(reader, each) if count else 0), each


def it_is_a_spreadsheet_too(reader: Client, address: str) -> None:
    links = {link.get_text(): str(link["href"]) for link in reader.page(address).select(".list-files a")}
    assert {"Excel (XLSX)", "CSV"} == set(links)

    answer = reader.get(links["Excel (XLSX)"])

    sheet = load_workbook(io.BytesIO(answer.get_data()), read_only=True).active
    assert sheet is not None
    assert len(csv_rows(reader, address)) == len(list(sheet.iter_rows())) - 1


@pytest.mark.parametrize("listed", LISTS.values(), ids=list(LISTS))
def test_every_list_pages_sorts_filters_and_is_taken_away(
    anna: User, bruno: User, dario: User, sign_in: Callable[[User], Client], frozen_clock: datetime, listed: Listed
) -> None:
    """In one test, because what fills a list takes longest."""
    listed.fill(anna, bruno, dario, frozen_clock)
    reader = sign_in({"anna": anna, "bruno": bruno, "dario": dario}[listed.who])

    it_pages(reader, listed.address)
    it_sorts_by_each_key_both_ways(reader, listed.address)
    it_filters_and_its_files_hold_what_it_shows(reader, listed.address)
    it_is_a_spreadsheet_too(reader, listed.address)


def test_no_list_is_forgotten(app: Flask) -> None:
    rooms = ("booking", "calendar", "schools")
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint.split(".")[0] in rooms
    }

    listed = {name for name in LISTS if name.split(".")[0] in rooms}
    assert pages == listed | NO_LISTS
