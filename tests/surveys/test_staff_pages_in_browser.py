"""The pages of staff that show one thing of many: a draft, its items, a wave, a session, a pair. Axe finds nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response

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
from tests.support.browser import Site, visitor
from tests.support.databases import SqliteDatabases
from tests.surveys.phone import survey_site
from tests.surveys.test_pairs import CODE, answer, close, make_pair, wave


@pytest.fixture
def site(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    """A site; pages do not depend on the database: one is enough here."""
    with survey_site(_sqlite, tmp_path) as started:
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


def test_axe_finds_nothing_on_the_pages_of_staff_and_they_fit_a_desktop_and_a_phone(
    browser: Browser, site: Site
) -> None:
    with site.app.app_context(), clock.frozen(NOW), unit_of_work():
        email, paths = make_user("Anna", language="it").email, _paths()
    with visitor(browser, site) as anna:
        anna.sign_in(email, "password")
        statuses: list[int] = []

        def note(answer: Response) -> None:
            if answer.request.is_navigation_request():
                statuses.append(answer.status)

        anna.page.on("response", note)
        findings = [finding for path in paths for finding in anna.look_at(path)]

        assert [] == findings
        assert [200] * len(paths) == statuses
        assert [] == anna.strange_requests
