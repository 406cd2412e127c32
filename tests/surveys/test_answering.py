"""A pupil's way: code, questions, answers, thanks; and the same closed door for every code that does not work."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from prevention.config import ROOT
from prevention.core import clock
from prevention.core.db import db
from prevention.schools.rules import Level
from prevention.surveys import service
from prevention.surveys.codes import GUESS_BUDGET, GUESS_WINDOW_S, class_part_hash, read_code
from prevention.surveys.models import AccessCode, Ballot, CodeGuard
from prevention.surveys.rules import NOT_ASKED
from prevention.surveys.service.secrets import pepper
from prevention.surveys.wave_rules import WaveStatus
from tests.conftest import NOW
from tests.factories.schools import make_school_class, make_site
from tests.factories.surveys import ClassWithCodes, make_class_with_codes
from tests.support.http import Client, soup

STATIC = ROOT / "prevention" / "static"
SUBMISSION = "a-random-mark-of-22-chr"


def send(client: Client, code: str, *, submission: str = SUBMISSION, **answers: str | list[str]) -> TestResponse:
    """Send a form as a browser would."""
    return client.post(
        "/s/answers", data={"code": code, "submission": submission, "language": "en", "T0": "yes", **answers}
    )


def parsed(page: str) -> BeautifulSoup:
    """Give a page parsed."""
    return BeautifulSoup(page, "html5lib")


def ballots() -> list[dict[str, object]]:
    """Give the answers in the box."""
    return list(db.session.scalars(select(Ballot.answers)))


@pytest.fixture
def room(app: Flask) -> ClassWithCodes:
    """A class with three codes in an open wave."""
    return make_class_with_codes()


def test_the_first_page_asks_for_a_code_in_italian(client: Client, app: Flask) -> None:
    page = client.page("/s/")

    assert "it" == page.html["lang"]
    assert page.find("input", {"name": "code"})


def test_a_code_opens_the_whole_senior_form(client: Client, room: ClassWithCodes) -> None:
    page = soup(client.post("/s/", data={"code": room.codes[0], "language": "en"}))

    items = [item["data-item"] for item in page.select("fieldset")]
    assert 89 == len(items)
    assert "T0" == items[0]
    assert room.codes[0] == page.find("input", {"name": "code"})["value"]
    assert "I prefer not to answer" in page.text


def test_every_item_is_a_fieldset_with_a_legend_and_no_item_is_compulsory(client: Client, room: ClassWithCodes) -> None:
    page = soup(client.post("/s/", data={"code": room.codes[0]}))

    assert all(item.legend and item.legend.text.strip() for item in page.select("fieldset"))
    assert not page.select("fieldset [required]")
    assert not page.select("table")
    assert [] == [
        item["data-item"]
        for item in page.select("fieldset")
        if item["data-item"] != "T0" and not item.select("[value=declined]")
    ]


def test_a_class_of_the_first_grade_gets_the_junior_form(client: Client, app: Flask) -> None:
    junior = make_class_with_codes(make_school_class(site=make_site(level=Level.PRIMO_GRADO)))

    page = soup(client.post("/s/", data={"code": junior.codes[0], "language": "it"}))

    assert 51 == len(page.select("fieldset"))
    assert "loot box" in page.text
    assert "cocaina" not in page.text


def test_every_page_is_new_but_for_the_code_and_the_mark(client: Client, room: ClassWithCodes) -> None:
    """The form is built once and kept; nothing of one pupil may be left in it for the next."""
    first, second = (
        client.post("/s/", data={"code": code, "language": "en"}).get_data(as_text=True) for code in room.codes[:2]
    )

    marks = [str(page.find("input", {"name": "submission"})["value"]) for page in map(parsed, (first, second))]
    assert marks[0] != marks[1]
    assert room.codes[0] not in second
    assert second == first.replace(room.codes[0], room.codes[1]).replace(marks[0], marks[1])


def test_answers_are_stored_as_the_rules_say(client: Client, room: ClassWithCodes) -> None:
    response = send(client, room.codes[0], B1="0", B2="1-5", M2=["family", "school"], A1="")

    assert 200 == response.status_code
    assert "Thank you" in soup(response).h1.text
    (answers,) = ballots()
    assert "yes" == answers["T0"]
    assert NOT_ASKED == answers["B2"]
    assert ["family", "school"] == answers["M2"]
    assert "A1" not in answers


def test_the_page_after_sending_shows_help_and_no_trace(client: Client, room: ClassWithCodes) -> None:
    page = send(client, room.codes[0], D1="40+").get_data(as_text=True)

    assert room.codes[0] not in page
    assert "40+" not in page
    assert 'href="tel:' in page


def test_who_does_not_want_to_take_part_is_thanked_and_the_slip_is_used(client: Client, room: ClassWithCodes) -> None:
    response = send(client, room.codes[0], T0="no", A1="male", D1="40+")

    assert "did not want to answer" in soup(response).text
    (answers,) = ballots()
    assert {"no", NOT_ASKED} == set(map(str, answers.values()))


def test_a_code_works_once(client: Client, room: ClassWithCodes) -> None:
    send(client, room.codes[0])

    again = send(client, room.codes[0], submission="another-mark")

    assert 422 == again.status_code
    assert 1 == len(ballots())


def test_the_same_page_sent_twice_is_thanked_twice_and_stored_once(client: Client, room: ClassWithCodes) -> None:
    first = send(client, room.codes[0])
    second = send(client, room.codes[0])

    assert (200, 200) == (first.status_code, second.status_code)
    assert first.data == second.data
    assert 1 == len(ballots())


def test_a_page_sent_again_after_the_wave_was_closed_finds_a_closed_door(client: Client, room: ClassWithCodes) -> None:
    """The receipt is forgotten on closing: what remains of the code says only that it was spent."""
    send(client, room.codes[0])
    service.close_wave(None, room.wave, NOW)

    assert 422 == send(client, room.codes[0]).status_code
    assert [None] == list(db.session.scalars(select(AccessCode.receipt_hash)))


def test_every_code_that_does_not_work_gives_the_same_page(client: Client, room: ClassWithCodes) -> None:
    """Unknown, spent, early, late, of a draft, of a closed wave, resting, malformed: nothing tells them apart."""
    early = make_class_with_codes(opens_on=date(2026, 11, 24), closes_on=date(2026, 11, 27))
    late = make_class_with_codes(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 22))
    draft = make_class_with_codes(status=WaveStatus.DRAFT)
    closed = make_class_with_codes()
    service.close_wave(None, closed.wave, NOW)
    resting = make_class_with_codes()
    _exhaust(client, resting.codes[0])
    send(client, room.codes[0])
    unknown = room.codes[1][:-1] + ("3" if room.codes[1][-1] != "3" else "4")
    codes = [
        unknown, "3333-333-3333", room.codes[0], early.codes[0], late.codes[0], draft.codes[0],
        closed.codes[0], resting.codes[0], "", "x", "K7RM", "<script>", "\0", "K" * 5_000,
    ]  # fmt: skip

    answers = {
        (response.status_code, response.data, tuple(sorted(response.headers)))
        for code in codes
        for response in (
            client.post("/s/", data={"code": code, "language": "en"}),
            client.post("/s/answers", data={"code": code, "language": "en", "submission": "other", "T0": "yes"}),
        )
    }

    assert 1 == len(answers)
    assert 422 == answers.pop()[0]


def test_codes_of_another_class_work_while_one_rests(client: Client, room: ClassWithCodes) -> None:
    other = make_class_with_codes()
    _exhaust(client, room.codes[0])

    assert 422 == client.post("/s/", data={"code": room.codes[0]}).status_code
    assert 200 == client.post("/s/", data={"code": other.codes[0]}).status_code


def test_a_resting_class_wakes_up_with_the_next_window(client: Client, room: ClassWithCodes) -> None:
    _exhaust(client, room.codes[0])

    with clock.frozen(NOW + timedelta(seconds=GUESS_WINDOW_S)):
        assert 200 == client.post("/s/", data={"code": room.codes[0]}).status_code


def test_a_right_code_does_not_reset_the_count_of_wrong_ones(client: Client, room: ClassWithCodes) -> None:
    _exhaust(client, room.codes[0], leaving=1)

    client.post("/s/", data={"code": room.codes[0]})
    client.post("/s/", data={"code": _wrong(room.codes[0], 0)})

    assert 422 == client.post("/s/", data={"code": room.codes[0]}).status_code


def test_guesses_at_class_parts_leave_no_rows(client: Client, room: ClassWithCodes) -> None:
    """Else a stranger could fill the table: there is the class's row, and one that all other refusals share."""
    for code in ("3333-333-3333", "4444-333-3333", "no code", room.codes[0][:9]):
        client.post("/s/", data={"code": code})

    assert [0, 0] == list(db.session.scalars(select(CodeGuard.failures)))


def test_a_wrong_try_is_counted_although_it_is_refused(client: Client, room: ClassWithCodes) -> None:
    client.post("/s/", data={"code": _wrong(room.codes[0], 0)})

    assert 1 == db.session.scalar(select(CodeGuard.failures))


def _wrong(code: str, number: int) -> str:
    """Give a code of the same class that is not the one on the slip."""
    right = read_code(code)
    assert right is not None
    digits = "34679CDFGHJKMNPQRTVWXY"
    return f"{right.class_part}{digits[number // 22 % 22] * 6}{digits[number % 22]}"


def _exhaust(client: Client, code: str, *, leaving: int = 0) -> None:
    """Use the class's guesses up, all but some."""
    right = read_code(code)
    assert right is not None
    client.post("/s/", data={"code": _wrong(code, 0)})

    guard = db.session.get_one(CodeGuard, class_part_hash(right.class_part, pepper=pepper()))
    assert 1 == guard.failures
    guard.failures = GUESS_BUDGET - leaving
    db.session.flush()


def test_the_first_question_left_empty_shows_the_form_again_with_everything_in_it(
    client: Client, room: ClassWithCodes
) -> None:
    response = send(client, room.codes[0], T0="", A1="female", A2="2010", M2=["school"])

    page = soup(response)
    assert 422 == response.status_code
    assert "whether you want to take part" in page.text
    assert {"female", "school"} == {field["value"] for field in page.select("fieldset [checked]")}
    assert "2010" == page.select_one("select[name=A2] [selected]")["value"]
    assert [] == ballots()
    assert 200 == send(client, room.codes[0]).status_code


def test_an_answer_outside_the_list_is_refused_and_nothing_else_is_lost(client: Client, room: ClassWithCodes) -> None:
    response = send(client, room.codes[0], A1="female", B1="a thousand")

    page = soup(response)
    assert 422 == response.status_code
    assert "B1" == page.find("input", {"name": "at"})["value"]
    assert page.select_one("[name=A1][value=female][checked]")
    assert "a thousand" not in response.get_data(as_text=True)
    assert [] == ballots()


def test_the_language_changes_at_any_point_and_the_answers_stay(client: Client, room: ClassWithCodes) -> None:
    response = client.post(
        "/s/",
        data={
            "code": room.codes[0], "submission": SUBMISSION, "language": "it", "switch": "en", "at": "C1",
            "T0": "yes", "M2": ["family", "elsewhere"], "A2": "2011", "C1": "declined",
        },
    )  # fmt: skip

    page = soup(response)
    assert "en" == page.html["lang"]
    assert {("T0", "yes"), ("M2", "family"), ("M2", "elsewhere"), ("C1", "declined")} == {
        (field["name"], field["value"]) for field in page.select("fieldset [checked]")
    }
    assert SUBMISSION == page.find("input", {"name": "submission"})["value"]
    assert "C1" == page.find("input", {"name": "at"})["value"]
    assert [] == ballots()


def test_the_language_of_the_first_page_changes_and_a_typed_code_stays(client: Client, room: ClassWithCodes) -> None:
    page = soup(client.post("/s/", data={"code": room.codes[0].lower(), "language": "it", "switch": "en"}))

    assert "en" == page.html["lang"]
    assert room.codes[0] == page.find("input", {"name": "code"})["value"]


def test_strange_values_are_never_written_into_the_page(client: Client, room: ClassWithCodes) -> None:
    evil = '"><script>alert(1)</script>'
    response = client.post(
        "/s/",
        data={"code": room.codes[0], "submission": evil, "switch": evil, "language": evil, "at": evil, "A1": evil},
    )

    assert 200 == response.status_code
    assert b"<script>alert" not in response.data


@pytest.mark.parametrize("address", ["/s/answers"])
def test_an_action_without_a_page_refuses_to_be_read(client: Client, app: Flask, address: str) -> None:
    assert 405 == client.get(address).status_code


def test_a_huge_submission_is_refused_on_a_page_of_this_side(client: Client, room: ClassWithCodes) -> None:
    response = send(client, room.codes[0], X="x" * 100_000)

    assert 413 == response.status_code
    assert "Set-Cookie" not in response.headers
    assert soup(response).select_one("[data-quick-exit]")


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_page_has_a_way_out_and_help(client: Client, room: ClassWithCodes, language: str) -> None:
    pages = [
        client.get(f"/s/?language={language}"),
        client.post("/s/", data={"code": room.codes[0], "language": language}),
        client.post("/s/", data={"code": "no", "language": language}),
        client.get(f"/s/privacy?language={language}"),
        send(client, room.codes[0], language=language),
    ]

    for page in map(soup, pages):
        assert language == page.html["lang"]
        assert page.select_one("[data-quick-exit]")["href"].startswith("https://")
        assert page.select_one("details.help a[href^='tel:']")


def test_the_first_load_is_light(client: Client, room: ClassWithCodes) -> None:
    """Old phones on slow lines: page, style and script together stay below 150 kB."""
    page = client.post("/s/", data={"code": room.codes[0]})
    files = [STATIC / name for name in ("survey.css", "survey.js", "survey-send.js", "survey-aids.js", "favicon.svg")]

    assert len(page.data) + sum(file.stat().st_size for file in files) < 150_000


def test_a_page_loads_our_own_files_only(client: Client, room: ClassWithCodes) -> None:
    page = soup(client.post("/s/", data={"code": room.codes[0]}))

    loaded = [str(tag.get("src") or tag.get("href")) for tag in page.select("script, link, img, iframe")]
    assert [
        "/static/favicon.svg",
        "/static/survey-aids.js",
        "/static/survey-send.js",
        "/static/survey.css",
        "/static/survey.js",
    ] == sorted(loaded)


def test_answers_on_the_last_day_count_and_on_the_next_do_not(client: Client, room: ClassWithCodes) -> None:
    """Days are days in Rome: 23:30 there is still 22:30 UTC."""
    with clock.frozen(datetime(2026, 11, 27, 22, 30, tzinfo=UTC)):
        assert 200 == client.post("/s/", data={"code": room.codes[0]}).status_code
    with clock.frozen(datetime(2026, 11, 27, 23, 30, tzinfo=UTC)):
        assert 422 == client.post("/s/", data={"code": room.codes[0]}).status_code


def test_no_stranger_finds_a_wave_behind_the_anonymous_pages(client: Client, app: Flask) -> None:
    assert 404 == client.get(f"/s/{uuid.uuid4()}").status_code
