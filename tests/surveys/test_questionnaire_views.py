"""Pages on questionnaires and their languages: for the office, and what a wrong file or form changes (nothing)."""

import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.core.translation_files import Format
from prevention.surveys import interface, service
from prevention.surveys.models import PublishedQuestionnaire
from prevention.surveys.translating import PAGES, subject_of
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]


@pytest.fixture
def published(app: Flask) -> PublishedQuestionnaire:
    """The feedback form, published."""
    interface.forget()
    service.forget_spoken()
    return service.publish_shipped("feedback")


def addresses(row: PublishedQuestionnaire) -> list[str]:
    """Every page and file of these."""
    return [
        "/surveys/questionnaires",
        f"/surveys/questionnaires/{row.id}",
        f"/surveys/questionnaires/{row.id}/preview?form=junior&language=it",
        f"/surveys/questionnaires/{row.id}/xlsform?form=senior",
        f"/surveys/questionnaires/{row.id}/paper?form=senior&language=en",
        "/surveys/translations",
        "/surveys/translations/pages/ro",
        f"/surveys/translations/{row.id}/ar",
        *(f"/surveys/translations/{row.id}/ar/files/{kind}" for kind in Format),
    ]


def file_for(language: str, key: str, kind: Format = Format.CSV, **changes: str) -> dict[str, Any]:
    """Give an upload that translates everything."""
    from prevention.core.translation_files import write_translation

    subject = subject_of(key)
    texts = {unit: subject.italian[unit] + " ✓" for unit in subject.italian} | changes
    return {"file": (BytesIO(write_translation(subject.work(language), texts, kind=kind)), f"{language}.xlf")}


def test_the_office_sees_every_page_and_file(sign_in: SignIn, anna: User, published: PublishedQuestionnaire) -> None:
    browser = sign_in(anna)

    for address in addresses(published):
        assert 200 == browser.get(address).status_code, address


def test_others_are_turned_away(
    client: Client, sign_in: SignIn, bruno: User, dario: User, published: PublishedQuestionnaire
) -> None:
    for address in addresses(published):
        assert 303 == client.get(address).status_code
        assert 403 == sign_in(dario).get(address).status_code
        assert (200 if "/paper" in address else 403) == sign_in(bruno).get(address).status_code
    for address in ("/surveys/translations/pages/ro", "/surveys/translations/pages/ro/approval"):
        assert 401 == client.post(address).status_code
        assert 403 == sign_in(bruno).post(address, data={"approved": "yes"}).status_code
    assert {} == interface.PAGES.texts("ro")


@pytest.mark.parametrize("bad", [str(uuid.UUID(int=3)), "7", "pagez"])
def test_what_is_not_there_is_not_found(
    sign_in: SignIn, anna: User, published: PublishedQuestionnaire, bad: str
) -> None:
    browser = sign_in(anna)

    assert 404 == browser.get(f"/surveys/questionnaires/{bad}").status_code
    assert 404 == browser.get(f"/surveys/translations/{bad}/ro").status_code
    assert 404 == browser.post(f"/surveys/translations/{bad}/ro").status_code
    assert 404 == browser.post(f"/surveys/translations/{bad}/ro/approval", data={"approved": "yes"}).status_code
    for language in ("it", "xx"):
        assert 404 == browser.get(f"/surveys/translations/{published.id}/{language}").status_code
    assert 404 == browser.get(f"/surveys/translations/{published.id}/ro/files/docx").status_code
    assert (
        404 == browser.post(f"/surveys/translations/{published.id}/ro/approval", data={"approved": "yes"}).status_code
    )
    assert 405 == browser.get(f"/surveys/translations/{published.id}/ro/approval").status_code


@pytest.mark.parametrize("kind", list(Format))
def test_a_language_comes_in_is_approved_and_offered(
    sign_in: SignIn, anna: User, published: PublishedQuestionnaire, kind: Format
) -> None:
    browser = sign_in(anna)

    for key in (PAGES, str(published.id)):
        address = f"/surveys/translations/{key}/ro"
        assert 303 == browser.post(address, data=file_for("ro", key, kind)).status_code
        assert 303 == browser.post(f"{address}/approval", data={"approved": "yes"}).status_code

    assert ["it", "en", "ro"] == [one.code for one in interface.languages_for(published.id)]
    page = browser.page(f"/surveys/questionnaires/{published.id}/preview?language=ro&form=junior")
    assert "ro" == page.html["lang"]
    assert "Mi è stato utile. ✓" in page.get_text()
    assert "Preferisco non rispondere ✓" in page.get_text()
    taken = browser.post(f"/surveys/translations/{published.id}/ro/approval", data={"approved": "no"})
    assert 303 == taken.status_code
    assert ["it", "en"] == [one.code for one in interface.languages_for(published.id)]


@pytest.mark.parametrize("kind", list(Format))
def test_the_file_that_the_page_gives_can_be_taken_in_as_it_is(
    sign_in: SignIn, anna: User, published: PublishedQuestionnaire, kind: Format
) -> None:
    """Out, in and out again: the office's translator begins with what there is, and nothing gets lost on the way."""
    browser = sign_in(anna)
    address = f"/surveys/translations/{published.id}/uk"
    odd = 'Так, «це» <b>&amp;</b>; "лапки", кома,\n(далі)'
    unit = next(iter(subject_of(str(published.id)).italian))
    browser.post(address, data=file_for("uk", str(published.id), kind, **{unit: odd}))
    texts = service.questionnaire_texts(published.id, "uk")
    given = browser.get(f"{address}/files/{kind}")

    taken = browser.post(address, data={"file": (BytesIO(given.data), "uk.xlf")})

    assert 303 == taken.status_code
    assert odd == texts[unit]
    assert texts == service.questionnaire_texts(published.id, "uk")
    assert given.data == browser.get(f"{address}/files/{kind}").data


def test_a_wrong_file_names_row_and_text_and_changes_nothing(
    sign_in: SignIn, anna: User, published: PublishedQuestionnaire
) -> None:
    browser = sign_in(anna)
    address = f"/surveys/translations/{published.id}/ro"
    browser.post(address, data=file_for("ro", str(published.id)))
    before = service.questionnaire_texts(published.id, "ro")

    other = browser.post(address, data={"file": (BytesIO(b"unit,source_it,translation\nnone,a,b"), "ro.csv")})
    empty = browser.post(address, data={"file": (BytesIO(b""), "")})
    unfit = browser.post(f"{address}/approval", data={"approved": "maybe"})

    assert (422, 422, 422) == (other.status_code, empty.status_code, unfit.status_code)
    assert "ro.csv, row 2, column none" in soup(other).get_text()
    assert before == service.questionnaire_texts(published.id, "ro")


def test_an_incomplete_language_cannot_be_approved(
    sign_in: SignIn, anna: User, published: PublishedQuestionnaire
) -> None:
    browser = sign_in(anna)
    address = f"/surveys/translations/{published.id}/uk"
    assert 303 == browser.post(address, data=file_for("uk", str(published.id), title="")).status_code

    refused = browser.post(f"{address}/approval", data={"approved": "yes"})

    assert 422 == refused.status_code
    assert ("it", "en") == service.languages_of(published.id)


def test_the_preview_leaves_no_session_trace_and_can_hand_nothing_in(
    sign_in: SignIn, anna: User, client: Client, published: PublishedQuestionnaire
) -> None:
    shown = sign_in(anna).get(f"/surveys/questionnaires/{published.id}/preview?form=senior&language=it")

    page = soup(shown)
    assert "" == page.find("input", {"name": "code"})["value"]
    assert "no-store" == shown.headers["Cache-Control"]
    assert 422 == client.post("/s/answers", data={"code": "", "submission": "x", "T0": "yes"}).status_code


def test_the_list_of_languages_asks_as_many_questions_for_many_questionnaires(
    sign_in: SignIn, anna: User, published: PublishedQuestionnaire
) -> None:
    browser = sign_in(anna)
    browser.get("/surveys/translations")
    with counted_queries() as few:
        browser.get("/surveys/translations")
    for code in ("core", "workshop-before", "workshop-after"):
        service.publish_shipped(code)

    with counted_queries() as many:
        browser.get("/surveys/translations")

    assert few.count == many.count
