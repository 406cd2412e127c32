"""The editor, imports and instruments: for the office alone; a wrong form or file changes nothing."""

import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db
from prevention.surveys import service
from prevention.surveys.drafting import DraftRefused, item_of
from prevention.surveys.instruments import instruments, units_of
from prevention.surveys.models import InstrumentText, PublishedQuestionnaire, QuestionnaireDraft
from prevention.surveys.rules import Form
from tests.support.http import Client, soup
from tests.surveys.test_xlsform import YES_NO, workbook

SignIn = Callable[[User], Client]

ITEM = {
    "code": "X1",
    "section": "T",
    "type": "single",
    "forms": ["senior"],
    "text_it": "Uno?",
    "text_en": "One?",
    "options": "a | uno | one\nb | due | two",
    "source": "own",
}


@pytest.fixture
def draft(app: Flask) -> QuestionnaireDraft:
    """A draft of the next core questionnaire."""
    return service.begin_draft(None, code="core", title={"it": "N", "en": "N"}, based_on="core", today=clock.today())


def stored(draft_id: uuid.UUID) -> dict[str, Any]:
    db.session.expire_all()
    return db.session.get_one(QuestionnaireDraft, draft_id).definition


def pages(draft: QuestionnaireDraft) -> list[str]:
    base = f"/surveys/drafts/{draft.id}"
    return [
        "/surveys/drafts/new",
        "/surveys/drafts/import",
        base,
        f"{base}/preview?form=junior&language=en",
        f"{base}/bank?words=espad",
        f"{base}/items/new",
        f"{base}/items/B2",
        f"{base}/items/B2/routing",
        "/surveys/instruments",
        "/surveys/instruments/WHO5",
        "/surveys/instruments/WHO5/file",
    ]


def actions(draft: QuestionnaireDraft) -> list[str]:
    base = f"/surveys/drafts/{draft.id}"
    return [
        f"{base}/items/B2/move",
        f"{base}/items/B2/remove",
        f"{base}/sections",
        f"{base}/publish",
        f"{base}/discard",
    ]


def test_the_office_sees_every_page(sign_in: SignIn, anna: User, draft: QuestionnaireDraft) -> None:
    browser = sign_in(anna)

    for address in pages(draft):
        assert 200 == browser.get(address).status_code, address


def test_others_are_turned_away_and_change_nothing(
    client: Client, sign_in: SignIn, bruno: User, dario: User, draft: QuestionnaireDraft
) -> None:
    before = stored(draft.id)
    for address in pages(draft):
        assert 303 == client.get(address).status_code
        assert 403 == sign_in(bruno).get(address).status_code
        assert 403 == sign_in(dario).get(address).status_code
    for address in (*actions(draft), f"/surveys/drafts/{draft.id}/items/new", "/surveys/instruments/WHO5"):
        assert 401 == client.post(address).status_code
        assert 403 == sign_in(bruno).post(address, data={"revision": 1, "direction": "up"}).status_code
    assert before == stored(draft.id)


@pytest.mark.parametrize("bad", [str(uuid.UUID(int=5)), "x"])
def test_what_is_not_there_is_not_found(sign_in: SignIn, anna: User, draft: QuestionnaireDraft, bad: str) -> None:
    browser = sign_in(anna)

    for address in (*pages(draft)[2:8],):
        assert 404 == browser.get(address.replace(str(draft.id), bad)).status_code
    for address in actions(draft):
        assert 404 == browser.post(address.replace(str(draft.id), bad), data={"revision": 1}).status_code
        assert 405 == browser.get(address).status_code
    for path in ("items/ZZ", "items/ZZ/routing", "items/M1a"):
        assert 404 == browser.get(f"/surveys/drafts/{draft.id}/{path}").status_code
    assert 404 == browser.post(f"/surveys/drafts/{draft.id}/items/ZZ/move", data={"revision": 1}).status_code
    assert 404 == browser.get(f"/surveys/instruments/{bad}").status_code
    assert 404 == browser.get(f"/surveys/instruments/{bad}/file").status_code


def test_a_questionnaire_is_written_checked_previewed_and_published(sign_in: SignIn, anna: User, app: Flask) -> None:
    browser = sign_in(anna)
    begun = browser.post(
        "/surveys/drafts/new", data={"title_it": "Prova", "title_en": "Trial", "code": "prova", "based_on": ""}
    )
    base = begun.headers["Location"]
    draft_id = uuid.UUID(base.rsplit("/", 1)[1])

    assert (
        303
        == browser.post(f"{base}/sections", data={"revision": 1, "section_it": "Due", "section_en": "Two"}).status_code
    )
    assert 303 == browser.post(f"{base}/bank", data={"revision": 2, "item": "B1", "section": "S1"}).status_code
    assert 303 == browser.post(f"{base}/items/new", data={**ITEM, "revision": 3, "section": "S1"}).status_code
    routed = {"revision": 4, "skipped": ["B1=0"], "skipped_how": "any", "asked_how": "any", "asked": ["Z=1"]}
    assert 303 == browser.post(f"{base}/items/X1/routing", data=routed).status_code
    assert [{"B1": ["0"]}] == item_of(stored(draft_id), "X1")["skipped_if"]
    assert "asked_if" not in item_of(stored(draft_id), "X1")
    assert "Uno?" in browser.page(f"{base}/preview?form=senior&language=it").get_text()
    published = browser.post(f"{base}/publish", data={"revision": 5})

    assert 303 == published.status_code
    row = db.session.scalars(select(PublishedQuestionnaire).where(PublishedQuestionnaire.code == "prova")).one()
    assert "2026.1" == row.version
    assert ["T0", "B1", "X1"] == [item.code for item in service.published_questionnaire(row.id).items_for(Form.SENIOR)]
    assert db.session.get(QuestionnaireDraft, draft_id) is None
    assert "prova" in service.offered_questionnaires()
    assert "X1" in {one.code for one in service.bank_items()}


def test_the_next_version_of_the_core_breaks_the_trend_where_the_wording_changed(
    sign_in: SignIn, anna: User, draft: QuestionnaireDraft
) -> None:
    service.publish_shipped()
    browser = sign_in(anna)
    base = f"/surveys/drafts/{draft.id}"
    old = item_of(stored(draft.id), "E4")
    form = {
        **ITEM, "code": "E4", "section": "E", "text_it": old["text"]["it"] + " (anche una volta)",
        "text_en": old["text"]["en"], "revision": 1,
        "options": "0 | mai | never\n1-2 | 1-2 volte | 1-2 times\n3+ | 3 volte o più | 3 times or more",
    }  # fmt: skip

    assert 303 == browser.post(f"{base}/items/E4", data=form).status_code
    assert 303 == browser.post(f"{base}/publish", data={"revision": 2}).status_code

    row = service.published_rows()[0]
    assert "2026.2" == row.version
    assert {"E4": ["it"]} == service.broken_trends_of(row)
    assert "E4" in browser.page(f"/surveys/questionnaires/{row.id}").find(class_="notice-warning").get_text()
    assert 2 == service.bank_item("E4").version
    assert 1 == service.bank_item("E3a").version


def test_items_move_and_go_and_somebody_elses_change_in_between_is_not_lost(
    sign_in: SignIn, anna: User, draft: QuestionnaireDraft
) -> None:
    browser = sign_in(anna)
    base = f"/surveys/drafts/{draft.id}"

    moved = browser.post(f"{base}/items/B2/move", data={"revision": 1, "direction": "up"})
    late = browser.post(f"{base}/items/B3/remove", data={"revision": 1})

    assert moved.headers["Location"].endswith("#item-B2")
    assert 422 == late.status_code
    codes = [item["code"] for item in stored(draft.id)["items"]]
    assert codes.index("B2") < codes.index("B1")
    assert "B3" in codes
    assert 303 == browser.post(f"{base}/items/B3/remove", data={"revision": 2}).status_code
    assert "B3" not in [item["code"] for item in stored(draft.id)["items"]]


def test_a_draft_with_faults_is_neither_shown_nor_published(
    sign_in: SignIn, anna: User, draft: QuestionnaireDraft
) -> None:
    browser = sign_in(anna)
    base = f"/surveys/drafts/{draft.id}"
    browser.post(f"{base}/items/B1/remove", data={"revision": 1})

    page = browser.page(base)
    assert "B1" in page.find(class_="notice-warning").get_text()
    assert 422 == browser.get(f"{base}/preview").status_code
    assert 422 == browser.post(f"{base}/publish", data={"revision": 2}).status_code
    assert 422 == browser.post(f"{base}/publish", data={"revision": "x"}).status_code
    assert db.session.get(QuestionnaireDraft, draft.id) is not None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("items/new", {**ITEM, "code": "B1"}),
        ("items/new", {**ITEM, "code": "submission"}),
        ("items/new", {**ITEM, "options": "a | uno"}),
        ("items/new", {**ITEM, "text_it": ""}),
        ("items/new", {**ITEM, "section": "nowhere"}),
        ("items/new", {**ITEM, "forms": []}),
        ("items/new", {**ITEM, "type": "grid"}),
        ("items/new", {**ITEM, "type": "number", "minimum": "9", "maximum": "1"}),
        ("items/E4", {**ITEM, "code": "E4", "options": ""}),
        ("items/B2/move", {"direction": "sideways"}),
        ("items/B2/remove", {"revision": ""}),
        ("sections", {"section_it": "", "section_en": "x"}),
        ("bank", {"item": "B1", "section": "B"}),
        ("bank", {"item": "X", "section": ""}),
    ],
)
def test_an_invalid_form_changes_nothing(
    sign_in: SignIn, anna: User, draft: QuestionnaireDraft, path: str, body: dict[str, Any]
) -> None:
    before = stored(draft.id)

    answer = sign_in(anna).post(f"/surveys/drafts/{draft.id}/{path}", data={"revision": 1, **body})

    assert 422 == answer.status_code
    assert before == stored(draft.id)


def test_two_drafts_of_one_code_are_refused(sign_in: SignIn, anna: User, draft: QuestionnaireDraft) -> None:
    body = {"title_it": "a", "title_en": "a", "code": "core", "based_on": ""}
    browser = sign_in(anna)

    assert 422 == browser.post("/surveys/drafts/new", data=body).status_code
    assert 422 == browser.post("/surveys/drafts/new", data={**body, "code": "Ümlaut"}).status_code
    assert 422 == browser.post("/surveys/drafts/new", data={**body, "based_on": "nothing"}).status_code
    assert 1 == db.session.scalar(select(func.count()).select_from(QuestionnaireDraft))


def test_a_draft_published_by_somebody_else_is_refused(app: Flask, anna: User, draft: QuestionnaireDraft) -> None:
    actor = actor_of(anna)
    service.publish_draft(actor, draft, revision=1, today=clock.today())

    with pytest.raises(DraftRefused):
        service.publish_draft(actor, draft, revision=1, today=clock.today())


def test_a_thrown_away_draft_is_gone(sign_in: SignIn, anna: User, draft: QuestionnaireDraft) -> None:
    draft_id = draft.id

    assert 303 == sign_in(anna).post(f"/surveys/drafts/{draft_id}/discard").status_code
    assert db.session.get(QuestionnaireDraft, draft_id) is None


# ---- Imports ------------------------------------------------------------------------------------------------------


def upload(content: bytes, name: str = "form.xlsx", **values: str) -> dict[str, Any]:
    return {"file": (BytesIO(content), name), "language": "it", **values}


def test_a_form_of_another_tool_becomes_a_draft_with_its_report(sign_in: SignIn, anna: User, app: Flask) -> None:
    rows = [["select_one yn", "a", "A?"], ["text", "b", "B?"]]
    browser = sign_in(anna)

    taken = browser.post("/surveys/drafts/import", data=upload(workbook(rows, YES_NO, {"form_id": "mine"})))

    assert 303 == taken.status_code
    page = browser.page(taken.headers["Location"])
    report = page.find(id="report").find_parent("section").get_text()
    assert "survey:3" in report
    assert "free text is not asked here" in report
    again = browser.post("/surveys/drafts/import", data=upload(workbook(rows, YES_NO, {"form_id": "mine"})))
    assert 422 == again.status_code


def test_a_broken_file_names_the_row_and_changes_nothing(
    sign_in: SignIn, anna: User, app: Flask, shared_data: Path
) -> None:
    browser = sign_in(anna)
    content = (shared_data / "questionnaires" / "Initial_Survey_XLSForm.xlsx").read_bytes()

    refused = browser.post("/surveys/drafts/import", data=upload(content))

    assert 422 == refused.status_code
    assert "row 8" in soup(refused).find(class_="field-error").get_text()
    for wrong in (
        upload(b"nothing"),
        upload(b"<document/>", "a.lss"),
        {"language": "it"},
        upload(content, language="xx"),
    ):
        assert 422 == browser.post("/surveys/drafts/import", data=wrong).status_code
    assert 0 == db.session.scalar(select(func.count()).select_from(QuestionnaireDraft))
    lenient = browser.post("/surveys/drafts/import", data=upload(content, is_lenient="y", language="en"))
    assert 303 == lenient.status_code


# ---- Instruments --------------------------------------------------------------------------------------------------


def licensed(code: str, *, languages: tuple[str, ...] = ("it", "en"), skip: str = "") -> bytes:
    rows = ["unit,it,en"]
    rows += [
        ",".join([unit, *(f"{unit} {one}" if one in languages else "" for one in ("it", "en"))])
        for unit in units_of(code)
        if unit != skip
    ]
    return "\n".join(rows).encode()


@pytest.mark.parametrize("code", sorted(instruments()))
def test_a_licensed_text_is_asked_once_loaded_and_word_for_word(
    sign_in: SignIn, anna: User, draft: QuestionnaireDraft, code: str
) -> None:
    browser = sign_in(anna)
    body = {"file": (BytesIO(licensed(code)), "x.csv"), "licence": "Permission of 2026-11-01"}

    assert 303 == browser.post(f"/surveys/instruments/{code}", data=body).status_code
    assert code not in service.left_out(draft)
    published = service.publish_draft(actor_of(anna), draft, revision=1, today=clock.today())

    asked = [item for item in service.published_questionnaire(published.id).items if item.instrument == code]
    assert all(item.is_loaded for item in asked)
    assert f"item.{asked[0].code} it" == asked[0].text["it"]
    assert "answer." in asked[0].options[0].text["en"]


def test_an_instrument_loaded_in_one_language_only_stays_left_out(
    sign_in: SignIn, anna: User, draft: QuestionnaireDraft
) -> None:
    body = {"file": (BytesIO(licensed("WHO5", languages=("it",))), "x.csv"), "licence": "x"}

    assert 303 == sign_in(anna).post("/surveys/instruments/WHO5", data=body).status_code
    assert "WHO5" in service.left_out(draft)


def test_a_wrong_licensed_text_is_refused_with_its_row(sign_in: SignIn, anna: User, app: Flask) -> None:
    browser = sign_in(anna)
    unknown = licensed("WHO5") + b"\nitem.ZZ,a,b"
    twice = licensed("WHO5") + b"\nitem.M1a,a,b"
    empty = licensed("WHO5").replace(b"item.M1b it", b"")

    for content, words in (
        (unknown, "item.ZZ"),
        (twice, "item.M1a"),
        (empty, "item.M1b"),
        (licensed("WHO5", skip="answer.3"), "answer.3"),
        (b"", "empty"),
    ):
        body = {"file": (BytesIO(content), "x.csv"), "licence": "x"}
        refused = browser.post("/surveys/instruments/WHO5", data=body)
        assert 422 == refused.status_code
        assert words in soup(refused).find(class_="field-error").get_text()
    without = {"file": (BytesIO(licensed("WHO5")), "x.csv"), "licence": ""}
    assert 422 == browser.post("/surveys/instruments/WHO5", data=without).status_code
    assert 0 == db.session.scalar(select(func.count()).select_from(InstrumentText))


def test_the_command_loads_a_licensed_text(app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(licensed("LIE_BET"))
    bad.write_bytes(b"unit,it,en\nx,a,b")
    runner = app.test_cli_runner()

    refused = runner.invoke(args=["surveys", "load-instrument", "LIE_BET", str(bad), "--licence", "x"])

    assert refused.exit_code == 1
    assert "bad.csv" in refused.output
    assert runner.invoke(args=["surveys", "load-instrument", "NOPE", str(good), "--licence", "x"]).exit_code == 2
