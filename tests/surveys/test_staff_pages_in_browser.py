"""The pages of staff that show one thing of many: a draft, its items, a wave, a session, a pair. Axe finds nothing."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.surveys import service
from prevention.surveys.models import PublishedQuestionnaire
from prevention.surveys.wave_rules import Stage
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.factories.delivery import make_booked_meeting, make_register
from tests.factories.schools import make_school_class
from tests.factories.surveys import make_class_with_codes
from tests.support.browser import Site, served, visitor
from tests.surveys.test_pairs import CODE, answer, close, make_pair, wave


@pytest.fixture(scope="module")
def databases(_sqlite: object) -> object:
    """Pages do not depend on the database: one is enough here."""
    return _sqlite


@pytest.fixture
def site(live_app: Flask) -> Iterator[Site]:
    """A site with one of each."""
    with live_app.app_context(), clock.frozen(NOW), unit_of_work():
        live_app.extensions["anna"] = make_user("Anna", language="it").email
        live_app.extensions["paths"] = _paths()
    with served(live_app, NOW) as started:
        yield started


def _paths() -> list[str]:
    room = make_class_with_codes(make_school_class(pupils=25))
    draft = service.begin_draft(None, code="core", title={"it": "N", "en": "N"}, based_on="core", today=clock.today())
    meeting = make_booked_meeting(school_class=make_school_class())
    make_register(meeting)
    joined, coming = make_pair(), make_pair()
    pre, post = wave(joined, Stage.PRE), wave(joined, Stage.POST)
    answer(pre, **CODE)
    answer(post, **CODE)
    close(pre, post)
    service.join_pair(joined.id)
    questionnaire = db.session.query(PublishedQuestionnaire).filter_by(code="core").one()
    editor, class_page = f"/surveys/drafts/{draft.id}", f"/surveys/classes/{room.wave.classes[0].id}"
    return [
        "/surveys/",
        "/surveys/new",
        f"/surveys/{room.wave.id}",
        f"{class_page}/slips",
        f"{class_page}/report",
        f"{class_page}/families",
        f"/surveys/sessions/{meeting.id}",
        f"/surveys/pairs/{joined.id}",
        f"/surveys/pairs/{coming.id}",
        "/surveys/questionnaires",
        f"/surveys/questionnaires/{questionnaire.id}",
        f"/surveys/questionnaires/{questionnaire.id}/preview?form=junior&language=en",
        f"/surveys/translations/{questionnaire.id}/ar",
        editor,
        f"{editor}/bank?words=espad",
        f"{editor}/items/new",
        f"{editor}/items/B2",
        f"{editor}/items/B2/routing",
        f"{editor}/preview?form=senior&language=it",
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_the_pages_of_staff_and_they_fit(
    live_app: Flask, browser: Browser, site: Site, *, phone: bool
) -> None:
    findings: list[str] = []
    with visitor(browser, site, phone=phone) as anna:
        anna.sign_in(live_app.extensions["anna"], "password")
        for path in live_app.extensions["paths"]:
            response = anna.page.goto(site.url(path))
            assert response is not None
            assert 200 == response.status, path
            findings += anna.axe()
            if anna.overflow() > 0:
                findings.append(f"{path} is {anna.overflow()} pixels too wide")

        assert [] == findings
        assert [] == anna.strange_requests
