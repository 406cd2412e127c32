"""A file of closures is taken in whole, or refused with its line and the reason."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.core.csv_reading import FileFault, FileRefused
from prevention.schools.closure_files import ClosureFault, FoundClosure, read_closures
from prevention.schools.school_time import ClosureKind
from prevention.schools.time_models import SchoolClosure
from tests.factories.network import make_municipality
from tests.factories.schools import make_site
from tests.support.http import Client, soup

ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//school//IT\r\n"
    "BEGIN:VEVENT\r\nUID:trip-1\r\nDTSTART;VALUE=DATE:20270412\r\nDTEND;VALUE=DATE:20270417\r\n"
    "SUMMARY:Viaggio d'istruzione\r\n  a Roma\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:invalsi-1\r\nDTSTART;VALUE=DATE:20270308\r\nSUMMARY:Prove INVALSI\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
)
TABLE = 'dal,al,tipo,motivo,classi\n2027-03-08,2027-03-09,invalsi,Prove INVALSI,"2,5"\n12/04/2027,,gita,Roma,4\n'
IMPORT = "/schools/calendar/2026/import"


def read(text: str | bytes, *, name: str = "closures") -> list[FoundClosure]:
    content = text.encode() if isinstance(text, str) else text
    return read_closures(
        io.BytesIO(content), file_name=name, school_year=2026, kind=ClosureKind.TRIP, grades=range(1, 6)
    )


def test_a_calendar_of_whole_days_is_read() -> None:
    trip, test = read(ICS)

    assert (date(2027, 4, 12), date(2027, 4, 16), "Viaggio d'istruzione a Roma") == (
        trip.first_day,
        trip.last_day,
        trip.reason,
    )
    assert (date(2027, 3, 8), date(2027, 3, 8), ClosureKind.TRIP) == (test.first_day, test.last_day, test.kind)


def test_a_table_is_read_with_either_way_of_writing_days() -> None:
    test, trip = read(TABLE)

    assert (date(2027, 3, 8), date(2027, 3, 9), ClosureKind.INVALSI, (2, 5)) == (
        test.first_day,
        test.last_day,
        test.kind,
        test.grades,
    )
    assert (date(2027, 4, 12), date(2027, 4, 12), ClosureKind.TRIP, (4,)) == (
        trip.first_day,
        trip.last_day,
        trip.kind,
        trip.grades,
    )


@pytest.mark.parametrize(
    ("text", "fault", "row"),
    [
        (ICS.replace("END:VEVENT", "END:VTODO", 1), ClosureFault.BROKEN_CALENDAR, 10),
        (ICS.replace("END:VCALENDAR\r\n", ""), ClosureFault.BROKEN_CALENDAR, 1),
        (ICS.replace("UID:trip-1\r\n", ""), ClosureFault.NO_UID, 4),
        (ICS.replace("UID:invalsi-1", "UID:trip-1"), ClosureFault.REPEATED_ENTRY, 11),
        (ICS.replace("SUMMARY:Prove INVALSI\r\n", ""), ClosureFault.NO_REASON, 11),
        (
            ICS.replace("20270308", "20270308T080000Z").replace(";VALUE=DATE:20270308T", ":20270308T"),
            ClosureFault.HAS_HOURS,
            13,
        ),
        (ICS.replace(";VALUE=DATE:20270308", ":soon"), ClosureFault.WRONG_DAY, 13),
        (ICS.replace("DTSTART;VALUE=DATE:20270308\r\n", ""), ClosureFault.WRONG_DAY, 11),
        (ICS.replace("SUMMARY:Prove", "RRULE:FREQ=WEEKLY\r\nSUMMARY:Prove"), ClosureFault.REPEATS, 14),
        (ICS.replace("20270417", "20270401"), ClosureFault.REVERSED, 4),
        (ICS.replace("20270308", "20280308"), ClosureFault.OTHER_YEAR, 11),
        (ICS.replace("SUMMARY:Prove INVALSI", "Prove"), ClosureFault.BROKEN_CALENDAR, 14),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", ClosureFault.NO_EVENTS, None),
        ("BEGIN:VCARD\r\nEND:VCARD\r\n", ClosureFault.NOT_CALENDAR, 1),
        (ICS.encode().replace(b"Roma", b"Rom\xe0"), FileFault.NOT_UTF8, 9),
        (TABLE.replace("2027-03-08", "8 marzo"), ClosureFault.WRONG_DAY, 2),
        (TABLE.replace("gita", "festa"), ClosureFault.WRONG_KIND, 3),
        (TABLE.replace("Roma,4", "Roma,7"), ClosureFault.WRONG_GRADE, 3),
        (TABLE.replace("2027-03-09", "2027-03-01"), ClosureFault.REVERSED, 2),
        (TABLE.replace("12/04/2027", "12/04/2028"), ClosureFault.OTHER_YEAR, 3),
        (TABLE.replace("Roma", ""), ClosureFault.NO_REASON, 3),
        (TABLE.replace("motivo", "perché"), FileFault.MISSING_COLUMN, 1),
        (TABLE + "2027-05-01,2027\n", FileFault.RAGGED_ROW, 4),
        (b"PK\x03\x04 a spreadsheet", FileFault.SPREADSHEET, None),
        (b"", FileFault.EMPTY, None),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str | bytes, fault: object, row: int | None) -> None:
    with pytest.raises(FileRefused) as refused:
        read(text)

    assert (fault, row) == (refused.value.fault, refused.value.row)


@pytest.fixture
def school(bruno: User, sign_in: Callable[[User], Client]) -> Client:
    """Bruno's browser; his school has one site."""
    make_site(institute_id=bruno.roles[0].institute_id, municipality=make_municipality())
    return sign_in(bruno)


def hand_in(client: Client, text: str, *, name: str = "gite.ics", query: str = "") -> tuple[int, str]:
    data = {"file": (io.BytesIO(text.encode()), name), "site": "", "kind": "trip"}
    response = client.post(IMPORT + query, data=data, content_type="multipart/form-data")
    return response.status_code, soup(response).text if response.status_code != 303 else ""


def closures(session: scoped_session[Session]) -> list[tuple[date, str]]:
    rows = session.scalars(select(SchoolClosure).order_by(SchoolClosure.first_day))
    return [(row.first_day, row.reason["it"]) for row in rows]


@pytest.mark.parametrize(("text", "name"), [(ICS, "gite.ics"), (TABLE, "gite.csv")])
def test_the_same_file_twice_changes_nothing(
    school: Client, session: scoped_session[Session], text: str, name: str
) -> None:
    first = hand_in(school, text, name=name)
    before = closures(session)
    second = hand_in(school, text, name=name)
    page = school.page("/schools/calendar")

    assert (303, 303) == (first[0], second[0])
    assert 2 == len(before)
    assert before == closures(session)
    assert "0 new, 0 changed, 2 as before" in page.text


def test_an_event_that_moved_or_was_cancelled_follows(school: Client, session: scoped_session[Session]) -> None:
    hand_in(school, ICS)

    changed = ICS.replace("20270308", "20270309").replace("UID:trip-1", "UID:trip-1\r\nSTATUS:CANCELLED")
    hand_in(school, changed)

    assert [(date(2027, 3, 9), "Prove INVALSI")] == closures(session)


def test_a_wrong_file_leaves_nothing_behind(school: Client, session: scoped_session[Session]) -> None:
    status, text = hand_in(school, ICS.replace("UID:invalsi-1\r\n", ""))

    assert 422 == status
    assert "gite.ics, row 11: the event has no UID" in text
    assert [] == closures(session)


def test_a_file_for_another_school_is_refused(
    school: Client, carla: User, session: scoped_session[Session], sign_in: Callable[[User], Client], anna: User
) -> None:
    other = make_site(institute_id=carla.roles[0].institute_id, municipality=make_municipality()).institute

    assert 404 == hand_in(school, ICS, query=f"?institute={other.code}")[0]
    assert 404 == hand_in(school, ICS, query="?institute=CRXX000000")[0]
    assert 404 == hand_in(sign_in(anna), ICS)[0]
    assert [] == closures(session)


def test_only_schools_and_the_office_hand_files_in(
    app: Flask, dario: User, sign_in: Callable[[User], Client], client: Client
) -> None:
    assert 403 == sign_in(dario).post(IMPORT).status_code
    assert 401 == client.post(IMPORT).status_code
