"""The register's page: who may open it, what it proposes, what it refuses and in which words."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from bs4 import BeautifulSoup, Tag

from prevention.accounts.models import User
from prevention.booking.models import BookingMeeting
from prevention.booking.rules import MeetingStatus
from prevention.core.db import db
from prevention.delivery import service
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Extent, LedBy, Outcome, Reason
from tests.factories.delivery import HOUR, WEEK, make_booked_meeting, make_register
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client, soup

SignIn = Callable[[User], Client]


@pytest.fixture
def meeting(dario: User) -> BookingMeeting:
    """Dario's meeting of two activities with class 3A LSA, an hour ago."""
    return make_booked_meeting(
        school_class=make_school_class(grade=3, section="A LSA", label="3A LSA"),
        edition=make_edition(programme=make_programme(minutes=50, activities=2)),
        facilitator_id=dario.id,
        pupils=24,
    )


def address(meeting: BookingMeeting) -> str:
    """Give the address of a meeting's register."""
    return f"/registers/{meeting.id}"


def filled_in(page: BeautifulSoup, **changes: str) -> dict[str, str]:
    """Give what a browser would send from the page, with some fields changed; "" takes one out."""
    sent: dict[str, str] = {}
    for field in page.select("#register input, #register textarea, #register select"):
        name, kind = str(field.get("name", "")), field.get("type")
        if kind in ("radio", "checkbox") and field.get("checked") is None:
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            sent[name] = str(chosen["value"]) if chosen else ""
        else:
            sent[name] = str(field.get("value", "")) if field.name == "input" else field.get_text().strip()
    return {name: value for name, value in {**sent, **changes}.items() if value}


def all_in_full(page: BeautifulSoup) -> dict[str, str]:
    """Answer every activity of the page with "in full"."""
    return {str(radio["name"]): "full" for radio in page.select("input[name^=activity_]")}


def standing(meeting: BookingMeeting) -> SessionRegister | None:
    """Give the register as it is in the database."""
    return service.register_of(meeting)


def test_the_page_proposes_what_was_planned_and_guesses_no_activity(
    dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    sent = filled_in(sign_in(dario).page(address(meeting)))

    assert ("held", "50", "24", "24", "facilitator") == (
        sent["outcome"],
        sent["minutes"],
        sent["present"],
        sent["expected"],
        sent["led_by"],
    )
    assert not [name for name in sent if name.startswith("activity_")]


def test_each_activity_is_a_group_of_choices_with_its_own_name(
    dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    page = sign_in(dario).page(address(meeting))

    assert {"Attività 1", "Attività 2"} <= {legend.get_text().strip() for legend in page.select("fieldset > legend")}


def test_a_register_is_saved_and_leads_back_to_the_list(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))

    answer = browser.post(address(meeting), data=filled_in(page, **all_in_full(page), present="21"))

    assert 303 == answer.status_code
    assert answer.location.endswith("/registers")
    register = standing(meeting)
    assert register is not None
    assert (Outcome.HELD, 50, 21, 24, LedBy.FACILITATOR) == (
        register.outcome,
        register.minutes,
        register.present,
        register.expected,
        register.led_by,
    )
    assert [Extent.FULL, Extent.FULL] == [record.extent for record in register.activities]
    assert dario.id == register.recorded_by


def test_the_same_page_sent_twice_arrives_once(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))
    sent = filled_in(page, **all_in_full(page))

    answers = [browser.post(address(meeting), data=sent) for _ in range(2)]

    assert [303, 303] == [answer.status_code for answer in answers]
    register = standing(meeting)
    assert register is not None
    assert 1 == register.revision


def test_a_meeting_that_was_not_held_needs_only_a_reason(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))

    answer = browser.post(address(meeting), data=filled_in(page, outcome="not_held", reason="class_away"))

    assert 303 == answer.status_code
    register = standing(meeting)
    assert register is not None
    assert (Outcome.NOT_HELD, Reason.CLASS_AWAY, None) == (register.outcome, register.reason, register.present)


def test_a_saved_register_comes_back_filled_in_and_can_be_corrected(
    anna: User, dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    """Dario writes it, Anna opens it and corrects the number present."""
    browser = sign_in(dario)
    page = browser.page(address(meeting))
    browser.post(address(meeting), data=filled_in(page, **all_in_full(page), present="21"))

    office = sign_in(anna)
    shown = filled_in(office.page(address(meeting)))
    answer = office.post(address(meeting), data={**shown, "present": "20"})

    assert ("21", "1") == (shown["present"], shown["revision"])
    assert 303 == answer.status_code
    register = standing(meeting)
    assert register is not None
    assert (20, 2, anna.id) == (register.present, register.revision, register.recorded_by)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"outcome": ""}, "This field is required."),
        ({"minutes": ""}, "Say how many minutes it lasted."),
        ({"minutes": "4"}, "Give between 5 and 480 minutes."),
        ({"minutes": "an hour"}, "Not a valid integer value."),
        ({"present": "25"}, "25 present is more than the 24 in the class. Correct one of the two."),
        ({"present": "0"}, "At least one pupil was there, and at most 300 are in a group."),
        ({"led_by": ""}, "Say who led it."),
        ({"led_by": "nobody"}, "Not a valid choice."),
        ({"outcome": "not_held"}, "Choose why it was not held on its day."),
        ({"outcome": "moved", "reason": "other"}, "Say in a few words what the reason was."),
        ({"adaptations": "x" * 1001}, "Field cannot be longer than 1000 characters."),
    ],
)
def test_what_does_not_add_up_is_said_beside_the_field_and_nothing_is_kept(
    dario: User, meeting: BookingMeeting, sign_in: SignIn, changes: dict[str, str], words: str
) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))

    answer = browser.post(address(meeting), data=filled_in(page, **{**all_in_full(page), **changes}))

    assert 422 == answer.status_code
    assert words in " ".join(error.get_text(" ", strip=True) for error in soup(answer).select(".field-error"))
    assert standing(meeting) is None


def test_an_activity_without_an_answer_is_asked_for_by_itself(
    dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))
    first, *_others = all_in_full(page)

    answer = browser.post(address(meeting), data=filled_in(page, **{first: "part"}))

    errors = soup(answer).select("fieldset.has-error")
    assert ["Attività 2"] == [_legend(error) for error in errors]
    assert "Say how this activity went." in errors[0].get_text()


def _legend(group: Tag) -> str:
    legend = group.select_one("legend")
    assert legend is not None
    return legend.get_text().strip()


def test_a_refused_page_keeps_what_was_typed(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))

    answer = browser.post(
        address(meeting), data=filled_in(page, **all_in_full(page), minutes="999", adaptations="In two rooms")
    )

    again = filled_in(soup(answer))
    assert ("999", "In two rooms", "24") == (again["minutes"], again["adaptations"], again["present"])
    assert filled_in(page)["submission_id"] == again["submission_id"]


def test_whoever_comes_second_is_told_and_overwrites_nothing(
    anna: User, dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    """Both opened the page before either sent it."""
    first, second = sign_in(dario), sign_in(anna)
    page_of_first, page_of_second = first.page(address(meeting)), second.page(address(meeting))
    first.post(address(meeting), data=filled_in(page_of_first, **all_in_full(page_of_first)))

    answer = second.post(address(meeting), data=filled_in(page_of_second, outcome="not_held", reason="room"))

    assert 422 == answer.status_code
    assert "Somebody else registered this meeting" in answer.get_data(as_text=True)
    register = standing(meeting)
    assert register is not None
    assert Outcome.HELD is register.outcome


def test_a_meeting_ahead_can_be_called_off_but_not_held(dario: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    ahead = make_booked_meeting(facilitator_id=dario.id, starts_at=frozen_clock + WEEK)
    browser = sign_in(dario)
    page = browser.page(address(ahead))
    assert "outcome" not in filled_in(page)

    held = browser.post(address(ahead), data=filled_in(page, **all_in_full(page), outcome="held"))
    off = browser.post(address(ahead), data=filled_in(page, outcome="not_held", reason="school_closed"))

    assert (422, 303) == (held.status_code, off.status_code)
    assert "it cannot have been held yet" in held.get_data(as_text=True)


def test_a_cancelled_meeting_says_that_there_is_nothing_to_register(
    dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))
    meeting.status = MeetingStatus.CANCELLED

    answer = browser.post(address(meeting), data=filled_in(page, **all_in_full(page)))

    assert 422 == answer.status_code
    assert "This meeting was cancelled" in answer.get_data(as_text=True)
    assert standing(meeting) is None


def test_an_activity_of_another_meeting_is_not_taken(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    """A field that the form does not have is not read at all."""
    browser = sign_in(dario)
    page = browser.page(address(meeting))
    foreign = make_programme().meetings[0].activities[0]

    answer = browser.post(
        address(meeting), data=filled_in(page, **all_in_full(page), **{f"activity_{foreign.id.hex}": "full"})
    )

    assert 303 == answer.status_code
    register = standing(meeting)
    assert register is not None
    assert foreign.id not in {record.activity_id for record in register.activities}


@pytest.mark.parametrize("method", ["get", "post"])
def test_people_of_other_schools_and_providers_find_nothing(
    carla: User, meeting: BookingMeeting, sign_in: SignIn, method: str
) -> None:
    answer = getattr(sign_in(carla), method)(address(meeting))

    assert 404 == answer.status_code
    assert standing(meeting) is None


def test_the_coordinator_of_the_class_may_register_for_the_teacher(bruno: User, sign_in: SignIn) -> None:
    site = make_site(institute_id=bruno.roles[0].institute_id)
    meeting = make_booked_meeting(school_class=make_school_class(site=site))
    browser = sign_in(bruno)
    page = browser.page(address(meeting))

    answer = browser.post(address(meeting), data=filled_in(page, **all_in_full(page), led_by="teacher"))

    assert 303 == answer.status_code


def test_nobody_registers_without_signing_in(client: Client, meeting: BookingMeeting) -> None:
    assert 303 == client.get(address(meeting)).status_code
    assert 401 == client.post(address(meeting)).status_code
    assert standing(meeting) is None


@pytest.mark.parametrize("wrong", ["/registers/not-an-id", f"/registers/{uuid.UUID(int=1)}"])
def test_a_bad_or_unknown_id_is_not_found(anna: User, sign_in: SignIn, wrong: str) -> None:
    assert 404 == sign_in(anna).get(wrong).status_code


@pytest.mark.parametrize("garbage", ["", "x", "\u0661", "99999999999999999999"])
def test_a_page_with_broken_marks_is_still_a_first_register(
    dario: User, meeting: BookingMeeting, sign_in: SignIn, garbage: str
) -> None:
    browser = sign_in(dario)
    page = browser.page(address(meeting))

    answer = browser.post(
        address(meeting), data=filled_in(page, **all_in_full(page), submission_id=garbage, revision=garbage)
    )

    assert answer.status_code in (303, 422)


def test_the_due_list_shows_what_wants_a_register_and_nothing_else(
    dario: User, meeting: BookingMeeting, sign_in: SignIn, frozen_clock: datetime
) -> None:
    make_register(make_booked_meeting(facilitator_id=dario.id))
    make_booked_meeting(facilitator_id=dario.id, starts_at=frozen_clock + HOUR)
    make_booked_meeting()

    page = sign_in(dario).page("/registers")

    cards = page.select("article")
    assert 1 == len(cards)
    assert "3A LSA" in cards[0].get_text()
    assert address(meeting) == cards[0].select_one("a")["href"]
    counts = [count.get_text() for count in page.select(".shelf-count")]
    assert ["1", "1", "1"] == counts


def test_a_register_that_is_a_week_late_says_so(dario: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    make_booked_meeting(facilitator_id=dario.id, starts_at=frozen_clock - WEEK - timedelta(hours=2))

    assert "Late" in sign_in(dario).page("/registers").get_text()


@pytest.mark.parametrize("shelf", ["due", "ahead", "done", "nonsense"])
def test_every_list_opens_when_empty(bruno: User, sign_in: SignIn, shelf: str) -> None:
    assert sign_in(bruno).page(f"/registers?show={shelf}").select_one(".empty")


def test_the_done_list_says_what_became_of_each_meeting(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    make_register(meeting)
    other = make_booked_meeting(facilitator_id=dario.id)
    make_register(other, outcome=Outcome.NOT_HELD, reason=Reason.ROOM)

    text = sign_in(dario).page("/registers?show=done").select_one("table").get_text(" ", strip=True)

    assert "20 of 25" in text
    assert "Not held" in text


def test_the_lists_are_for_people_who_signed_in(client: Client) -> None:
    assert 303 == client.get("/registers").status_code


def test_the_list_has_no_form_to_post(anna: User, sign_in: SignIn) -> None:
    assert 405 == sign_in(anna).post("/registers").status_code


def test_a_meeting_without_programme_meeting_takes_its_planned_length(dario: User, sign_in: SignIn) -> None:
    """The office may plan a date that is none of the programme's meetings."""
    meeting = make_booked_meeting(facilitator_id=dario.id)
    meeting.programme_meeting_id = None
    meeting.ends_at = meeting.starts_at + timedelta(minutes=90)
    db.session.flush()
    db.session.expire(meeting)

    sent = filled_in(sign_in(dario).page(address(meeting)))

    assert "90" == sent["minutes"]
