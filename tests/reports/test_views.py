"""Pages of reports: for the office alone; asking is one click, and impossible answers change nothing."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core import clock, files
from prevention.core.db import db
from prevention.reports.models import ReportRun
from prevention.reports.rules import Problem, RunStatus, Step
from tests.factories.delivery import make_booked_meetings
from tests.factories.programmes import make_edition, make_programme
from tests.factories.reports import make_run
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]

PDF = b"%PDF-1.7 a report"


def make_done(now: datetime, **changes: object) -> ReportRun:
    """Give a run that is done, with its file in the store."""
    stored = files.store(BytesIO(PDF), max_bytes=100)
    return make_run(
        **{
            "status": RunStatus.DONE, "progress": 100, "file_sha256": stored.sha256, "file_size": stored.size,
            "file_name": "relazione-annuale-cremona-2026-27.pdf", "finished_at": now, "started_at": now,
        }
        | changes
    )  # fmt: skip


def make_running(now: datetime, **changes: object) -> ReportRun:
    """Give a run that began half a minute ago."""
    return make_run(
        **{
            "status": RunStatus.RUNNING, "progress": 25, "step": Step.LAYING_OUT, "claim": uuid.uuid4(),
            "leased_until": now + timedelta(minutes=5), "started_at": now - timedelta(seconds=30), "attempts": 1,
        }
        | changes
    )  # fmt: skip


def count_runs() -> int:
    """Count the rows."""
    return db.session.scalar(select(func.count()).select_from(ReportRun)) or 0


def addresses(run: ReportRun) -> list[str]:
    """Give every address of this room that answers GET."""
    return ["/reports/", "/reports/new", f"/reports/{run.id}/", f"/reports/{run.id}/progress", f"/reports/{run.id}/pdf"]


# ---- Who may ----


def test_the_office_opens_every_door(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    client = sign_in(anna)

    assert [200] * 5 == [
        client.get(address, buffered=True).status_code for address in addresses(make_done(frozen_clock))
    ]


def test_coordinators_and_facilitators_open_none(
    bruno: User, dario: User, sign_in: SignIn, frozen_clock: datetime
) -> None:
    run = make_done(frozen_clock)

    for person in (bruno, dario):
        client = sign_in(person)
        assert [403] * 5 == [client.get(address, buffered=True).status_code for address in addresses(run)]
        assert 403 == client.post("/reports/new", data={"school_year": "2026", "language": "it"}).status_code
    assert 1 == count_runs()


def test_who_has_not_signed_in_is_asked_to(client: Client, frozen_clock: datetime) -> None:
    for address in addresses(make_done(frozen_clock)):
        assert 303 == client.get(address, buffered=True).status_code
    assert client.post("/reports/new", data={"school_year": "2026", "language": "it"}).status_code in (400, 401)
    assert 1 == count_runs()


# ---- Asking ----


def test_asking_makes_a_run_and_leads_to_its_page(anna: User, sign_in: SignIn) -> None:
    client = sign_in(anna)

    answer = client.post("/reports/new", data={"school_year": "2025", "language": "en"})

    run = db.session.scalars(select(ReportRun)).one()
    assert (303, f"/reports/{run.id}/") == (answer.status_code, answer.location)
    assert (2025, "en", RunStatus.QUEUED, anna.id) == (run.school_year, run.language, run.status, run.requested_by)


def test_a_second_click_leads_to_the_same_run(anna: User, sign_in: SignIn) -> None:
    client = sign_in(anna)

    first, second = (client.post("/reports/new", data={"school_year": "2025", "language": "it"}) for _click in "12")

    assert first.location == second.location
    assert 1 == count_runs()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"school_year": "2026"},
        {"language": "it"},
        {"school_year": "2026", "language": "it"},
        {"school_year": "2025", "language": "it", "accepted": "-1"},
        {"school_year": "2027", "language": "it"},
        {"school_year": "1999", "language": "it"},
        {"school_year": "", "language": "it"},
        {"school_year": "soon", "language": "it"},
        {"school_year": "2026/27", "language": "it"},
        {"school_year": "9" * 400, "language": "it"},
        {"school_year": "2026", "language": "de"},
        {"school_year": "2026", "language": "🐘"},
    ],
)
def test_an_impossible_request_shows_the_form_again_and_changes_nothing(
    anna: User, sign_in: SignIn, data: dict[str, str]
) -> None:
    client = sign_in(anna)

    answer = client.post("/reports/new", data=data)

    assert 422 == answer.status_code
    assert 0 == count_runs()


def test_a_year_that_is_not_closed_is_refused_with_what_it_lacks(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).post("/reports/new", data={"school_year": "2026", "language": "it"})

    assert 422 == answer.status_code
    assert "The school year is not closed yet. Lessons end on" in answer.get_data(as_text=True)
    assert 'name="accepted" type="hidden" value=""' in answer.get_data(as_text=True)
    assert 0 == count_runs()


def test_missing_registers_are_shown_and_accepted_by_asking_once_more(anna: User, sign_in: SignIn) -> None:
    edition = make_edition(programme=make_programme(meetings=3), school_year=2025)
    make_booked_meetings(edition=edition, starts_at=datetime(2026, 5, 4, 8, tzinfo=UTC))
    with clock.frozen(datetime(2026, 6, 20, 8, tzinfo=UTC)):
        client = sign_in(anna)
        wanted = {"school_year": "2025", "language": "it"}

        refused = client.post("/reports/new", data=wanted)
        asked_again = client.post("/reports/new", data=wanted | {"accepted": "3"})

    assert (422, 303) == (refused.status_code, asked_again.status_code)
    assert 'name="accepted" type="hidden" value="3"' in refused.get_data(as_text=True)
    assert 1 == count_runs()


def test_the_form_offers_this_year_first_and_italian(anna: User, sign_in: SignIn) -> None:
    page = sign_in(anna).page("/reports/new")

    assert "2026/27" == page.select_one("select[name=school_year] option").text
    assert "2025/26" == page.select_one("select[name=school_year] option[selected]").text
    assert "it" == page.select_one("input[name=language][checked]")["value"]


# ---- Following ----


def test_a_run_under_way_shows_how_far_it_is(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    client = sign_in(anna)
    run = make_running(frozen_clock)

    page = client.page(f"/reports/{run.id}/")
    answer = client.get(f"/reports/{run.id}/progress")

    assert "25" == page.select_one("progress")["value"]
    assert "Laying out the pages" in page.select_one("main").text
    assert f"/reports/{run.id}/progress" == page.select_one("[data-progress]")["data-progress"]
    assert page.select_one("noscript meta[http-equiv=refresh]") or "http-equiv" in str(page.head)
    assert {"done": 25, "step": "Laying out the pages", "left": "about 2 minutes left", "is_over": False} == answer.json


def test_a_run_that_waits_promises_no_time(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).get(f"/reports/{make_run().id}/progress")

    assert {"done": 0, "step": "Waiting for its turn", "left": "", "is_over": False} == answer.json


def test_a_run_that_is_over_is_no_longer_followed(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    client = sign_in(anna)
    run = make_done(frozen_clock)

    page = client.page(f"/reports/{run.id}/")

    assert client.get(f"/reports/{run.id}/progress").json["is_over"] is True
    assert page.select_one("[data-progress]") is None
    assert "http-equiv" not in str(page.head)
    assert run.file_sha256 in page.select_one("main").text


@pytest.mark.parametrize("problem", list(Problem))
def test_a_run_that_failed_says_why_and_how_to_go_on(
    anna: User, sign_in: SignIn, frozen_clock: datetime, problem: Problem
) -> None:
    run = make_run(status=RunStatus.FAILED, problem=problem, finished_at=frozen_clock)

    page = sign_in(anna).page(f"/reports/{run.id}/")

    assert page.select_one(".notice-danger") is not None
    assert page.select_one("main a[href='/reports/new']") is not None


# ---- Taking ----


def test_the_pdf_comes_with_its_name_and_length_and_is_never_shown_as_a_page(
    anna: User, sign_in: SignIn, frozen_clock: datetime
) -> None:
    run = make_done(frozen_clock)

    answer = sign_in(anna).get(f"/reports/{run.id}/pdf", buffered=True)

    assert PDF == answer.data
    assert "application/pdf" == answer.mimetype
    assert str(len(PDF)) == answer.headers["Content-Length"]
    assert 'filename="relazione-annuale-cremona-2026-27.pdf"' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert f'"{run.file_sha256}"' == answer.headers["ETag"]


def test_a_browser_that_has_the_pdf_does_not_get_it_again(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    run = make_done(frozen_clock)

    answer = sign_in(anna).get(
        f"/reports/{run.id}/pdf", headers={"If-None-Match": f'"{run.file_sha256}"'}, buffered=True
    )

    assert (304, b"") == (answer.status_code, answer.data)


def test_a_run_without_a_file_has_no_pdf(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    client = sign_in(anna)
    failed = make_run(language="en", status=RunStatus.FAILED, problem=Problem.BUG, finished_at=frozen_clock)

    for run in (make_running(frozen_clock), failed):
        assert 404 == client.get(f"/reports/{run.id}/pdf", buffered=True).status_code


def test_a_broken_download_can_be_resumed(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    run = make_done(frozen_clock)

    answer = sign_in(anna).get(f"/reports/{run.id}/pdf", headers={"Range": "bytes=5-"}, buffered=True)

    assert (206, PDF[5:]) == (answer.status_code, answer.data)


# ---- Bad addresses ----


@pytest.mark.parametrize("address", ["", "progress", "pdf"])
@pytest.mark.parametrize("run_id", [str(uuid.UUID(int=0)), "1", "new'--", "%F0%9F%90%98"])
def test_a_run_that_is_not_there_is_not_found(anna: User, sign_in: SignIn, run_id: str, address: str) -> None:
    assert 404 == sign_in(anna).get(f"/reports/{run_id}/{address}").status_code


@pytest.mark.parametrize("page", ["0", "-1", "7", "x"])
def test_a_page_of_the_list_that_is_not_there_is_not_found(anna: User, sign_in: SignIn, page: str) -> None:
    make_run()

    assert 404 == sign_in(anna).get(f"/reports/?page={page}").status_code


def test_what_has_no_page_refuses_other_methods(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    client = sign_in(anna)
    run = make_done(frozen_clock)

    for address in ("/reports/", f"/reports/{run.id}/", f"/reports/{run.id}/progress", f"/reports/{run.id}/pdf"):
        assert 405 == client.post(address).status_code


# ---- The list ----


def test_the_list_says_what_to_do_when_it_is_empty(anna: User, sign_in: SignIn) -> None:
    page = sign_in(anna).page("/reports/")

    assert page.select_one(".empty a[href='/reports/new']") is not None


def test_the_list_shows_newest_first_and_needs_few_queries(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    client = sign_in(anna)
    for number in range(24):
        make_done(frozen_clock, school_year=2025, requested_at=frozen_clock - timedelta(hours=number + 1))
    newest = make_running(frozen_clock)

    with counted_queries() as queries:
        page = client.page("/reports/")

    rows = page.select("tbody tr")
    assert 25 == len(rows)
    assert f"/reports/{newest.id}/" == rows[0].a["href"]
    assert "Being made" in rows[0].text
    assert queries.count < 8
