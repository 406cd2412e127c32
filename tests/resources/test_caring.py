"""What the clock does: links are asked without being led astray, owners are reminded once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db
from prevention.messages.models import OutboxMessage
from prevention.resources import links, service
from prevention.resources.links import Trouble
from prevention.resources.models import ResourceCare
from prevention.resources.rules import Step
from tests.factories.resources import make_resource
from tests.support.ports import free_port

database = pytest.mark.usefixtures("app")


class Answers(BaseHTTPRequestHandler):
    """Answers with the status that the path names; ``/to/…`` leads on."""

    def do_HEAD(self) -> None:
        """Answer."""
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to"))
        elif self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
        elif self.path.startswith("/onlyget") and self.command == "HEAD":
            self.send_response(405)
        else:
            self.send_response(int(self.path.rsplit("/", 1)[-1]) if self.path[1:4].isdigit() else 200)
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815  # the name is the library's

    def log_message(self, *_words: object) -> None:
        """Write nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve pages on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("/200", None),
        ("/204", None),
        ("/onlyget", None),
        ("/to/to/200", None),
        ("/403", None),
        ("/429", None),
        ("/404", Trouble.NOT_FOUND),
        ("/410", Trouble.NOT_FOUND),
        ("/500", Trouble.SERVER_FAULT),
        ("/to/to/to/to/to/to/to/200", Trouble.LOOP),
    ],
)
def test_a_link_is_judged_by_what_it_answers(site: str, path: str, trouble: Trouble | None) -> None:
    assert trouble is links.check(site + path, allows_private=True)


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("ftp://example.org", Trouble.NO_WEB_ADDRESS),
        ("http://[::1", Trouble.NO_WEB_ADDRESS),
        ("http://", Trouble.NO_WEB_ADDRESS),
        ("http://localhost:5432", Trouble.PRIVATE),
        ("http://127.0.0.1", Trouble.PRIVATE),
        ("http://2130706433/", Trouble.PRIVATE),
        ("http://[::ffff:127.0.0.1]/", Trouble.PRIVATE),
        ("http://10.0.0.1", Trouble.PRIVATE),
        ("http://0.0.0.0", Trouble.PRIVATE),
    ],
)
def test_this_machine_and_its_network_are_never_asked(url: str, trouble: Trouble) -> None:
    assert trouble is links.check(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_an_address_of_an_inner_network_is_not_public(address: str) -> None:
    assert not links.is_public(address)


def test_public_addresses_are_public() -> None:
    assert links.is_public("93.184.216.34")
    assert links.is_public("2606:2800:220:1::1")


def test_nobody_listening_is_no_answer() -> None:
    assert Trouble.NO_ANSWER is links.check(f"http://127.0.0.1:{free_port()}/", allows_private=True)


@database
def test_the_next_link_is_the_one_never_asked_then_the_one_asked_longest_ago() -> None:
    now = clock.now()
    asked = make_resource(link="https://a.example", care={"link_checked_at": now - timedelta(days=8)})
    failing = make_resource(
        link="https://b.example", care={"link_checked_at": now - timedelta(days=2), "link_failures": 1}
    )
    fresh = make_resource(link="https://c.example")
    make_resource(link="https://d.example", care={"link_checked_at": now - timedelta(days=2)})
    make_resource()

    claimed = [service.claim_link(now=now) for _ in range(4)]

    assert [fresh.id, asked.id, failing.id] == [one[0] for one in claimed if one]
    assert claimed[3] is None


@database
def test_the_owner_hears_of_a_dead_link_once_and_an_answer_forgives_all(dario: User) -> None:
    resource = make_resource(link="https://a.example", created_by=dario.id)

    for _ in range(4):
        service.note_link(resource.id, "https://a.example", "not_found")
    mails = list(db.session.scalars(select(OutboxMessage)))
    service.note_link(resource.id, "https://other.example", "not_found")
    service.note_link(resource.id, "https://a.example", None)

    assert [dario.email] == [mail.recipient for mail in mails]
    assert str(resource.id) in mails[0].body
    assert f"{resource.care.owner.name}," in mails[0].body.splitlines()[0]
    care = db.session.get_one(ResourceCare, resource.id)
    assert (0, "") == (care.link_failures, care.link_trouble)


@database
def test_an_owner_is_reminded_when_it_is_near_and_when_it_is_over(dario: User, app: Flask) -> None:
    today = clock.today()
    resource = make_resource(created_by=dario.id, care={"review_by": today + timedelta(days=20)})
    make_resource(care={"review_by": today + timedelta(days=200)})

    assert [True, False] == [service.remind_next_owner(today=today) for _ in range(2)]
    over = today + timedelta(days=21)
    assert [True, False] == [service.remind_next_owner(today=over) for _ in range(2)]

    subjects = list(db.session.scalars(select(OutboxMessage.subject).order_by(OutboxMessage.key)))
    assert 2 == len(subjects)
    assert all(resource.title in subject for subject in subjects)


@database
def test_a_renewed_review_starts_the_reminders_anew(anna: User, dario: User) -> None:
    today = clock.today()
    resource = make_resource(created_by=dario.id, care={"review_by": today})
    assert service.remind_next_owner(today=today)

    actor = actor_of(anna)
    service.take_step(
        actor,
        service.resource_for(actor, resource.id),
        Step.RENEW,
        now=clock.now(),
        review_by=today + timedelta(days=10),
    )

    assert service.remind_next_owner(today=today)
