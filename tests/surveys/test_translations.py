"""Languages of pupils: complete and approved, or not there; and a changed wording breaks its trend on purpose."""

from copy import deepcopy
from typing import Any

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core.access import NotYours
from prevention.core.languages import TranslationRefused
from prevention.surveys import interface, service
from prevention.surveys.questionnaire import SHIPPED, parse, shipped, with_personal_code
from prevention.surveys.rules import Form
from prevention.surveys.units import broken_trends, missing_units, units, with_language, wordings
from tests.factories.surveys import make_class_with_codes
from tests.support.http import Client, soup


@pytest.fixture(autouse=True)
def _forget(app: Flask) -> None:
    interface.forget()
    service.forget_spoken()


def in_arabic(definition: dict[str, Any]) -> dict[str, str]:
    """Give a text for every unit."""
    return {name: f"ع {name}" for name in units(definition)}


def speak_arabic(anna: User, code: str = "core") -> None:
    """Load and approve Arabic, for the pages and for a questionnaire."""
    actor = actor_of(anna)
    words = {name: f"ص {message}" for name, message in interface.messages().items()}
    interface.PAGES.load(actor, "ar", words)
    interface.PAGES.approve(actor, "ar", is_approved=True)
    published = service.publish_shipped(code)
    service.load_questionnaire_texts(actor, published, "ar", in_arabic(shipped(code)))
    service.approve_questionnaire_texts(actor, published, "ar", is_approved=True)


@pytest.mark.parametrize("code", SHIPPED)
def test_every_shipped_questionnaire_speaks_both_languages_in_both_forms(code: str) -> None:
    definition = shipped(code)
    questionnaire = parse(definition)

    for language in ("it", "en"):
        texts = {name: text.get(language, "") for name, text in units(definition).items()}
        assert [] == missing_units(definition, texts)
    for form in Form:
        assert questionnaire.items_for(form)


def test_a_linked_form_ends_with_an_opt_in_and_seven_elements_of_choices() -> None:
    linked = parse(with_personal_code(shipped("workshop-before")))
    elements = [item for item in linked.items if item.is_code_element]

    assert "workshop-before-linked" == linked.code
    assert 7 == len(elements)
    assert all(item.values and item.asked_if for item in elements)
    assert not [item for item in parse(shipped("workshop-before")).items if item.is_code_element]


def test_items_taken_from_another_questionnaire_are_word_for_word_the_same() -> None:
    core, short = wordings(parse(shipped("core"))), wordings(parse(shipped("workshop-before")))

    assert {"T0", "K2b", "K2c", "L1a", "N6a", "M3"} == {code for code in short if short[code] == core.get(code)}


def test_a_changed_wording_breaks_the_trend_of_that_item_in_that_language_only() -> None:
    definition = shipped("core")
    changed = deepcopy(definition)
    next(item for item in changed["items"] if item["code"] == "B1")["text"]["en"] += " Really?"
    changed["version"] = "2027.1"
    changed["option_sets"]["HED6"][5]["it"] = "10 o più"

    assert {"B1": ["en"], "C4": ["it"]} == broken_trends(parse(definition), parse(changed))
    assert {} == broken_trends(parse(definition), parse(definition))


def test_another_language_adds_texts_and_changes_no_wording_that_was_there() -> None:
    definition = shipped("feedback")
    translated = with_language(definition, "ar", in_arabic(definition))

    assert {} == broken_trends(parse(definition), parse(translated))
    assert "ع item.W5.text" == parse(translated).item("W5").text["ar"]


def test_a_language_is_there_once_complete_and_approved(app: Flask, anna: User) -> None:
    published = service.publish_shipped("feedback")
    actor = actor_of(anna)
    texts = in_arabic(shipped("feedback"))

    service.load_questionnaire_texts(actor, published, "ar", {**texts, "title": ""})
    with pytest.raises(TranslationRefused):
        service.approve_questionnaire_texts(actor, published, "ar", is_approved=True)
    service.load_questionnaire_texts(actor, published, "ar", texts)
    assert ("it", "en") == service.languages_of(published.id)
    service.approve_questionnaire_texts(actor, published, "ar", is_approved=True)

    assert ("it", "en", "ar") == service.languages_of(published.id)
    service.load_questionnaire_texts(actor, published, "ar", texts)
    assert ("it", "en") == service.languages_of(published.id), "another import takes the approval back"


def test_what_was_not_loaded_cannot_be_approved_and_its_own_language_not_loaded(app: Flask, anna: User) -> None:
    published = service.publish_shipped("feedback")

    with pytest.raises(NotYours):
        service.approve_questionnaire_texts(actor_of(anna), published, "ro", is_approved=True)
    for language in ("it", "en", "xx"):
        with pytest.raises(TranslationRefused):
            service.load_questionnaire_texts(actor_of(anna), published, language, {})


def test_the_words_of_the_pupils_pages_are_read_from_the_pages(app: Flask) -> None:
    words = set(interface.messages().values())

    assert {"I prefer not to answer", "Leave now", "Anonymous questionnaire"} <= words
    assert len(words) == len(interface.PAGES.sources("it")) == len(interface.messages())
    assert "Preferisco non rispondere" in interface.PAGES.sources("it").values()


def test_a_pupil_gets_the_form_in_the_approved_language(app: Flask, client: Client, anna: User) -> None:
    speak_arabic(anna)
    code = make_class_with_codes().codes[0]

    page = client.post("/s/", data={"code": code, "language": "ar"}).get_data(as_text=True)

    assert "ع item.B1.text" in page
    assert "ص I prefer not to answer" in page
    assert '<html lang="ar" dir="rtl">' in page


def test_a_language_that_the_questionnaire_does_not_speak_falls_back_to_italian(
    app: Flask, client: Client, anna: User
) -> None:
    speak_arabic(anna, "feedback")
    code = make_class_with_codes().codes[0]

    page = soup(client.post("/s/", data={"code": code, "language": "ar"}))

    assert "it" == page.html["lang"]
    assert "Preferisco non rispondere" in page.get_text()
