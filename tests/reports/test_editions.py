"""An edition of the yearly report: written, signed by a second person, built, published; nothing half-published."""

import uuid
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db, unit_of_work
from prevention.core.files import NoSpaceLeft
from prevention.messages.models import OutboxMessage
from prevention.reports import building, edition_papers, edition_reading, editions, service, tasks
from prevention.reports.edition_rules import (
    BuildState,
    ChangesUnsaid,
    EditionState,
    Missing,
    NotBuilt,
    NothingConcluded,
    NotNow,
    OneUnderWay,
    ResultsChanged,
    SamePerson,
    TextsChanged,
    YearNotClosed,
    missing_of,
)
from prevention.reports.figures import YearFigures
from prevention.reports.models import ReportEdition, ReportPaper
from prevention.reports.papers import Kind, Paper
from prevention.reports.rich_text import rendered
from prevention.reports.rules import LEASE, MOST_ATTEMPTS, Problem
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.published import make_table, publish
from tests.factories.schools import make_site
from tests.factories.surveys import make_wave
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]

CLOSED_YEAR, RUNNING_YEAR = 2025, 2026
TEXTS = {"it": {"conclusions": "Un anno **buono**.", "plan": "- di più\n- prima"}, "en": {}}
IN_ALL = 8


@pytest.fixture
def elena(app: Flask) -> User:
    """Elena, education office, who did not write the report."""
    return make_user("Elena", Role.OFFICE)


def begun(person: User, *, year: int = CLOSED_YEAR) -> ReportEdition:
    """Begin an edition."""
    return editions.begin(actor_of(person), school_year=year, now=clock.now(), today=clock.today())


def in_review(person: User, *, changes: dict[str, str] | None = None) -> ReportEdition:
    """Begin an edition, write its texts and send it to review."""
    edition = begun(person)
    editions.save_texts(actor_of(person), edition, TEXTS, changes=changes or {}, version=edition.texts_version)
    editions.send_to_review(actor_of(person), edition, now=clock.now(), today=clock.today())
    return edition


def signed(author: User, signer: User) -> ReportEdition:
    """Give an edition that was signed, without papers yet."""
    edition = in_review(author)
    editions.sign(actor_of(signer), edition, now=clock.now(), today=clock.today())
    db.session.commit()
    return edition


def with_papers(edition: ReportEdition, *kinds: Kind, scope: str = "") -> ReportEdition:
    """Say that an edition is built, with papers made by hand."""
    for kind in kinds:
        for language in ("it", "en"):
            edition_papers.add_paper(
                edition.id, kind=kind, language=language, scope=scope, file_name=f"{kind}-{language}.pdf",
                content=f"%PDF-1.7 {kind} {language} {scope}".encode(), printed=(),
            )  # fmt: skip
    edition.build = BuildState.DONE
    db.session.flush()
    return edition


def published(author: User, signer: User, *kinds: Kind, scope: str = "") -> ReportEdition:
    """Give a published edition."""
    edition = with_papers(signed(author, signer), *kinds, scope=scope)
    editions.publish(actor_of(signer), edition, now=clock.now())
    return edition


# ---- The way of an edition ----
# Making papers takes processes and seconds, and knows no database: such tests stand on one.


@pytest.mark.usefixtures("quick_processes")
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_an_edition_goes_from_draft_to_publication_with_every_paper(anna: User, elena: User) -> None:
    edition = signed(anna, elena)
    assert edition.identifier == edition_reading.figures_of(edition).identifier

    assert tasks.build_next_edition() is True

    db.session.refresh(edition)
    assert (BuildState.DONE, IN_ALL) == (edition.build, edition_papers.count_papers(edition.id))
    assert edition.papers_wanted == IN_ALL
    editions.publish(actor_of(elena), edition, now=clock.now())
    assert edition == edition_reading.published_year(CLOSED_YEAR)
    assert tasks.build_next_edition() is False


def test_who_wrote_or_sent_it_does_not_sign_it(anna: User, elena: User) -> None:
    edition = in_review(anna)

    with pytest.raises(SamePerson):
        editions.sign(actor_of(anna), edition, now=clock.now(), today=clock.today())

    assert EditionState.IN_REVIEW is edition.state
    edition.sent_by = elena.id
    db.session.flush()
    with pytest.raises(SamePerson):
        editions.sign(actor_of(elena), edition, now=clock.now(), today=clock.today())


def test_a_year_that_is_not_closed_is_refused_with_what_is_missing(anna: User) -> None:
    wave = make_wave(school_year=RUNNING_YEAR)
    edition = begun(anna, year=RUNNING_YEAR)
    editions.save_texts(actor_of(anna), edition, TEXTS, changes={}, version=1)

    with pytest.raises(YearNotClosed) as refused:
        editions.send_to_review(actor_of(anna), edition, now=clock.now(), today=clock.today())

    missing = refused.value.missing
    assert missing.lessons_end is not None
    assert missing.lessons_end > clock.today()
    assert (wave.name,) == missing.surveys
    assert EditionState.DRAFT is edition.state


@pytest.mark.parametrize(
    ("today", "registers", "surveys", "missing"),
    [
        (date(2026, 6, 8), 0, (), Missing(lessons_end=date(2026, 6, 8))),
        (date(2026, 6, 9), 0, (), Missing()),
        (date(2026, 6, 9), 3, (), Missing(registers=3)),
        (date(2026, 6, 9), 0, ("Rilevazione",), Missing(surveys=("Rilevazione",))),
    ],
)
def test_a_year_is_closed_after_its_last_lesson_with_all_registers_and_surveys(
    today: date, registers: int, surveys: tuple[str, ...], missing: Missing
) -> None:
    found = missing_of(
        today=today, lessons_end=date(2026, 6, 8), registers_missing=registers, unsealed=surveys
    )  # fmt: skip

    assert missing == found
    assert bool(found) is (missing != Missing())
    # Registers that can no longer be had may be accepted, but not more of them than were seen; nothing else may.
    only_registers = missing == Missing(registers=registers)
    assert found.but_for_registers(registers) is not only_registers
    assert found.but_for_registers(registers - 1) or not registers


def test_without_conclusions_it_is_not_sent(anna: User) -> None:
    edition = begun(anna)

    with pytest.raises(NothingConcluded):
        editions.send_to_review(actor_of(anna), edition, now=clock.now(), today=clock.today())


def test_one_edition_of_a_year_at_a_time(anna: User, elena: User) -> None:
    begun(anna)

    with pytest.raises(OneUnderWay):
        begun(elena)


def test_a_correction_is_a_new_edition_that_says_what_changed(anna: User, elena: User) -> None:
    first = published(anna, elena, Kind.IMPACT)
    second = begun(anna)
    assert (2, first.texts) == (second.number, second.texts)

    with pytest.raises(ChangesUnsaid):
        editions.send_to_review(actor_of(anna), second, now=clock.now(), today=clock.today())

    editions.save_texts(actor_of(anna), second, TEXTS, changes={"it": "Corretto un numero."}, version=1)
    editions.send_to_review(actor_of(anna), second, now=clock.now(), today=clock.today())
    assert first == edition_reading.published_year(CLOSED_YEAR)
    editions.sign(actor_of(elena), second, now=clock.now(), today=clock.today())
    editions.publish(actor_of(elena), with_papers(second, Kind.IMPACT), now=clock.now())
    assert second == edition_reading.published_year(CLOSED_YEAR)
    assert first.identifier != second.identifier


def test_texts_that_somebody_else_saved_are_not_overwritten(anna: User, elena: User) -> None:
    edition = begun(anna)
    editions.save_texts(actor_of(elena), edition, TEXTS, changes={}, version=1)

    with pytest.raises(TextsChanged):
        editions.save_texts(actor_of(anna), edition, {"it": {"conclusions": "Altro"}}, changes={}, version=1)

    assert "Un anno **buono**." == edition.texts["it"]["conclusions"]


def test_a_signature_fixes_figures_and_texts(anna: User, elena: User) -> None:
    edition = signed(anna, elena)

    with pytest.raises(NotNow):
        editions.save_texts(actor_of(anna), edition, TEXTS, changes={}, version=edition.texts_version)
    with pytest.raises(NotNow):
        editions.collect_again(actor_of(anna), edition, now=clock.now(), today=clock.today())
    with pytest.raises(NotBuilt):
        editions.publish(actor_of(elena), edition, now=clock.now())


def test_a_signature_taken_back_forgets_the_papers(anna: User, elena: User) -> None:
    edition = with_papers(signed(anna, elena), Kind.IMPACT, Kind.PARENTS)

    editions.take_back(actor_of(elena), edition, note="Un refuso")

    assert (EditionState.DRAFT, None, 0) == (edition.state, edition.identifier, edition_papers.count_papers(edition.id))
    with pytest.raises(NotNow):
        editions.publish(actor_of(elena), edition, now=clock.now())


# ---- Building ----


@pytest.mark.usefixtures("quick_processes")
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_build_that_was_stopped_goes_on_where_it_was(
    anna: User, elena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = signed(anna, elena)
    made: list[building.Built] = []
    build = building.build

    def stopped_after_two(figures: YearFigures, wanted: Sequence[Paper], folder: Path) -> Generator[building.Built]:
        for built in build(figures, wanted, folder):
            made.append(built)
            if len(made) == 3:
                with unit_of_work():
                    edition_papers.stop_building(actor_of(anna), edition)
            yield built

    monkeypatch.setattr(building, "build", stopped_after_two)
    assert tasks.build_next_edition() is True
    db.session.refresh(edition)
    assert (BuildState.STOPPED, 2) == (edition.build, edition_papers.count_papers(edition.id))
    assert tasks.build_next_edition() is False

    edition_papers.go_on_building(actor_of(anna), edition)
    db.session.commit()
    monkeypatch.setattr(building, "build", build)
    assert tasks.build_next_edition() is True

    db.session.refresh(edition)
    assert (BuildState.DONE, IN_ALL) == (edition.build, edition_papers.count_papers(edition.id))


def test_a_process_that_died_is_followed_by_another_and_then_given_up(
    anna: User, elena: User, frozen_clock: datetime
) -> None:
    edition = signed(anna, elena)

    for attempt in range(MOST_ATTEMPTS):
        claim = edition_papers.claim_next(frozen_clock + attempt * LEASE)
        assert claim is not None
        assert edition_papers.claim_next(frozen_clock + attempt * LEASE + timedelta(seconds=1)) is None

    assert edition_papers.claim_next(frozen_clock + MOST_ATTEMPTS * LEASE) is None
    db.session.refresh(edition)
    assert (BuildState.FAILED, Problem.INTERRUPTED) == (edition.build, edition.problem)
    edition_papers.go_on_building(actor_of(anna), edition)
    assert BuildState.WAITING is edition.build


@pytest.mark.usefixtures("quick_processes")
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_full_disk_ends_the_build_in_words(anna: User, elena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = signed(anna, elena)

    def full(*_args: object, **_values: object) -> None:
        raise NoSpaceLeft(28, "No space left on device")

    monkeypatch.setattr(edition_papers, "add_paper", full)

    assert tasks.build_next_edition() is True

    db.session.refresh(edition)
    assert (BuildState.FAILED, Problem.NO_SPACE) == (edition.build, edition.problem)
    with pytest.raises(NotBuilt):
        editions.publish(actor_of(elena), edition, now=clock.now())


def test_papers_that_disagree_are_not_offered(anna: User, elena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = signed(anna, elena)

    def differing(_figures: YearFigures, _wanted: Sequence[Paper], folder: Path) -> Generator[building.Built]:
        for name, words in (("one", "95"), ("two", "96")):
            (folder / name).write_bytes(b"%PDF-1.7")
            paper = Paper(kind=Kind.PARENTS, language="it", scope=name)
            printed = (("district.pupils", words),)
            yield building.Built(paper=paper, file_name=name, size=8, sha256="", figures=printed)

    monkeypatch.setattr(building, "build", differing)

    with pytest.raises(RuntimeError, match=r"district.pupils: “95” in one; “96” in two"):
        tasks.build_next_edition()

    db.session.refresh(edition)
    assert (BuildState.FAILED, Problem.BUG) == (edition.build, edition.problem)


def test_results_corrected_after_the_signature_stop_papers_and_publication(anna: User, elena: User) -> None:
    """The papers would contradict the open data; that is no bug, and what to do is said."""
    edition = signed(anna, elena)
    publish(make_table(), school_year=CLOSED_YEAR)

    assert tasks.build_next_edition() is True

    db.session.refresh(edition)
    assert (BuildState.FAILED, Problem.RESULTS_CHANGED) == (edition.build, edition.problem)
    with pytest.raises(ResultsChanged):
        editions.publish(actor_of(elena), with_papers(edition, Kind.IMPACT), now=clock.now())
    assert EditionState.SIGNED is edition.state


def test_results_corrected_while_papers_are_made_are_no_bug(
    anna: User, elena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = signed(anna, elena)

    def corrected_meanwhile(_figures: YearFigures, _wanted: Sequence[Paper], folder: Path) -> Generator[building.Built]:
        (folder / "one").write_bytes(b"%PDF-1.7")
        paper = Paper(kind=Kind.PARENTS, language="it")
        yield building.Built(paper=paper, file_name="one", size=8, sha256="", figures=())
        with unit_of_work():
            publish(make_table(), school_year=CLOSED_YEAR)

    monkeypatch.setattr(building, "build", corrected_meanwhile)

    assert tasks.build_next_edition() is True

    db.session.refresh(edition)
    assert (BuildState.FAILED, Problem.RESULTS_CHANGED) == (edition.build, edition.problem)


# ---- The office's words ----


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("Uno.\n\nDue.", "<p>Uno.</p>\n<p>Due.</p>\n"),
        ("- a\n- **b**", "<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("![x](http://evil/x.png) [y](javascript:z)", "<p>![x](http://evil/x.png) [y](javascript:z)</p>\n"),
        ("# no heading", "<p># no heading</p>\n"),
    ],
)
def test_the_offices_words_become_paragraphs_lists_and_stress_and_nothing_else(typed: str, html: str) -> None:
    assert html == rendered(typed)


# ---- Pages ----


def addresses(edition: ReportEdition) -> list[str]:
    """Give the office's addresses of an edition that answer GET."""
    base = f"/reports/editions/{edition.id}"
    return ["/reports/editions/new", f"{base}/", f"{base}/texts", f"{base}/preview", f"{base}/progress"]


ACTS = ("collect", "send", "send_back", "sign", "take_back", "stop", "go_on", "publish")


def test_the_office_walks_an_edition_through_its_pages(anna: User, elena: User, bruno: User, sign_in: SignIn) -> None:
    author, signer = sign_in(anna), sign_in(elena)
    begun_at = author.post("/reports/editions/new", data={"school_year": CLOSED_YEAR})
    base = begun_at.headers["Location"].rstrip("/")
    edition = db.session.get_one(ReportEdition, uuid.UUID(base.rsplit("/", 1)[1]))
    assert [200] * 5 == [author.get(address).status_code for address in addresses(edition)]

    assert 422 == author.post(f"{base}/send").status_code
    texts = {"version": 1, "conclusions_it": "Un anno **buono**.", "plan_it": "Di più."}
    assert 303 == author.post(f"{base}/texts", data=texts).status_code
    assert 303 == author.post(f"{base}/send").status_code
    assert (303, 422) == (author.get(f"{base}/texts").status_code, author.post(f"{base}/texts", data=texts).status_code)
    assert 422 == author.post(f"{base}/sign").status_code
    assert 303 == signer.post(f"{base}/sign").status_code
    assert 422 == signer.post(f"{base}/publish").status_code
    with_papers(edition, Kind.IMPACT)
    assert 200 == signer.get(f"{base}/").status_code
    assert 303 == signer.post(f"{base}/publish").status_code

    page = author.get(f"/reports/published/{CLOSED_YEAR}/").get_data(as_text=True)
    assert "<strong>buono</strong>" in page
    told = db.session.scalars(
        select(OutboxMessage.recipient).where(OutboxMessage.key.startswith("report-published:"))
    ).all()
    assert [bruno.email] == list(told)


def test_texts_are_saved_while_one_writes(anna: User, elena: User, sign_in: SignIn) -> None:
    edition = begun(anna)
    client, other = sign_in(anna), sign_in(elena)
    address, as_script = f"/reports/editions/{edition.id}/texts", {"Accept": "application/json"}

    saved = client.post(address, data={"version": 1, "conclusions_it": "Prima"}, headers=as_script)
    late = other.post(address, data={"version": 1, "conclusions_it": "Seconda"}, headers=as_script)
    without_script = other.post(address, data={"version": 1, "conclusions_it": "Seconda"})

    assert (200, 2) == (saved.status_code, saved.get_json()["version"])
    assert (409, 409) == (late.status_code, without_script.status_code)
    assert "Seconda" in without_script.get_data(as_text=True)
    db.session.refresh(edition)
    assert "Prima" == edition.texts["it"]["conclusions"]
    too_long = {"version": 2, "conclusions_it": "x" * 9000}
    assert 422 == client.post(address, data=too_long, headers=as_script).status_code
    unprintable = client.post(
        address, data={"version": 2, "conclusions_it": "Bene \U0001f600 è ≥ 3"}, headers=as_script
    )
    assert 422 == unprintable.status_code
    assert "\U0001f600" in unprintable.get_json()["refused"]
    assert "≥" not in unprintable.get_json()["refused"]


def test_coordinators_and_facilitators_reach_no_edition(anna: User, bruno: User, dario: User, sign_in: SignIn) -> None:
    edition = in_review(anna)

    for client in (sign_in(bruno), sign_in(dario)):
        assert {403} == {client.get(address).status_code for address in addresses(edition)}
        assert {403} == {client.post(f"/reports/editions/{edition.id}/{act}").status_code for act in ACTS}

    assert EditionState.IN_REVIEW is edition.state


def test_an_edition_that_is_not_there_is_not_found(anna: User, sign_in: SignIn) -> None:
    client = sign_in(anna)

    for mark in (str(uuid.uuid4()), "x"):
        assert 404 == client.get(f"/reports/editions/{mark}/").status_code
        assert {404} == {client.post(f"/reports/editions/{mark}/{act}").status_code for act in ACTS}
    edition = begun(anna)
    assert 404 == client.post(f"/reports/editions/{edition.id}/explode").status_code
    assert {405} == {client.get(f"/reports/editions/{edition.id}/{act}").status_code for act in ACTS}
    assert 422 == client.post(f"/reports/editions/{edition.id}/send_back", data={"note": "x" * 3000}).status_code
    assert 422 == client.post("/reports/editions/new", data={"school_year": "1999"}).status_code
    assert 422 == client.post("/reports/editions/new", data={}).status_code


def test_nothing_is_public_before_publication(anna: User, elena: User, app: Flask) -> None:
    with_papers(signed(anna, elena), Kind.IMPACT)
    visitor = app.test_client()

    assert 404 == visitor.get(f"/reports/published/{CLOSED_YEAR}/").status_code
    assert 404 == visitor.get(f"/reports/published/{CLOSED_YEAR}/impact-it.pdf").status_code
    assert "2025/26" not in visitor.get("/reports/published/").get_data(as_text=True)


def test_what_is_published_is_for_everybody_but_a_schools_sheet(
    anna: User, elena: User, bruno: User, carla: User, app: Flask, sign_in: SignIn
) -> None:
    site = make_site(institute_id=bruno.roles[0].institute_id)
    edition = published(anna, elena, Kind.IMPACT, Kind.PARENTS)
    with_papers(edition, Kind.SCHOOL, scope=site.code)
    visitor = app.test_client()
    sheet = f"/reports/school/{CLOSED_YEAR}/it-{site.code}.pdf"

    assert "2025/26" in visitor.get("/reports/published/").get_data(as_text=True)
    assert 200 == visitor.get(f"/reports/published/{CLOSED_YEAR}/").status_code
    taken = visitor.get(f"/reports/published/{CLOSED_YEAR}/impact-it.pdf", buffered=True)
    assert (200, b"%PDF-1.7 impact it ") == (taken.status_code, taken.data)
    assert 404 == visitor.get(f"/reports/published/{CLOSED_YEAR}/school-it-{site.code}.pdf").status_code
    assert 303 == visitor.get(sheet).status_code
    assert 200 == sign_in(bruno).get(sheet, buffered=True).status_code
    assert site.code in sign_in(bruno).get("/reports/school").get_data(as_text=True)
    assert 404 == sign_in(carla).get(sheet).status_code
    assert site.code not in sign_in(carla).get("/reports/school").get_data(as_text=True)
    assert 403 == sign_in(anna).get(sheet).status_code
    taken = sign_in(anna).get(f"/reports/editions/{edition.id}/school-it-{site.code}.pdf", buffered=True)
    assert 200 == taken.status_code


def test_the_office_reads_by_name_whose_each_paper_is(anna: User, elena: User, bruno: User, sign_in: SignIn) -> None:
    site = make_site(institute_id=bruno.roles[0].institute_id, name="Scuola dei Ciliegi")
    edition = with_papers(signed(anna, elena), Kind.SCHOOL, scope=site.code)
    place = next(one for one in edition_reading.figures_of(edition).activity.municipalities if one.name)
    with_papers(edition, Kind.MAYORS, scope=place.istat_code)

    rows = [row.get_text() for row in sign_in(anna).page(f"/reports/editions/{edition.id}/").select("tbody th")]

    assert 2 == sum("Scuola dei Ciliegi" in row for row in rows)
    assert 2 == sum(place.name in row for row in rows)
    assert not any(site.code in row or place.istat_code in row for row in rows)


def test_pages_ask_the_database_the_same_number_of_times_for_few_and_many(
    anna: User, elena: User, sign_in: SignIn
) -> None:
    client = sign_in(anna)
    edition = with_papers(signed(anna, elena), Kind.IMPACT)
    pages = (f"/reports/editions/{edition.id}/", "/reports/")
    for page in pages:
        client.get(page)

    def asked() -> list[int]:
        counts = []
        for page in pages:
            with counted_queries() as queries:
                client.get(page)
            counts.append(queries.count)
        return counts

    few = asked()
    for number in range(30):
        with_papers(edition, Kind.SCHOOL, scope=f"CR{number}")

    assert few == asked()


def test_lists_and_pages_do_not_read_what_is_long(anna: User, elena: User, sign_in: SignIn) -> None:
    """The figures of every year, and those printed in every paper, are many MiB in a province."""
    edition = published(anna, elena, Kind.IMPACT)
    client = sign_in(anna)

    with counted_queries() as lists:
        for page in ("/reports/", "/reports/published/", f"/reports/editions/{edition.id}/"):
            client.get(page)
    with counted_queries() as year:
        client.get(f"/reports/published/{CLOSED_YEAR}/")

    assert 1 >= sum("report_edition.figures" in one for one in lists.sent)
    assert 1 == sum("report_edition.figures" in one for one in year.sent)
    assert [] == [one for one in (*lists.sent, *year.sent) if "report_paper.printed" in one]


def test_a_paper_that_is_not_there_is_not_found(anna: User, elena: User) -> None:
    edition = published(anna, elena, Kind.IMPACT)

    with pytest.raises(NotYours):
        edition_papers.paper_of(edition, kind=Kind.SCHOOL, language="it", scope="nowhere")
    assert 2 == db.session.scalar(select(func.count()).select_from(ReportPaper))


def test_figures_kept_with_an_edition_come_back_as_they_were(anna: User) -> None:
    edition = begun(anna)

    figures = edition_reading.figures_of(edition)

    assert figures == replace(service.figures_of(CLOSED_YEAR, today=clock.today()), edition=1)
