"""A questionnaire on paper: every question of the form, its routing in words, readable by everybody."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from prevention.core.i18n import in_language
from prevention.surveys.paper import paper_items, questionnaire_paper
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import Form
from tests.support.verapdf import VeraResult

CORE = parse(shipped("core"))


@pytest.mark.parametrize("language", ["it", "en"])
def test_every_question_of_a_form_is_on_paper_with_its_routing(app: Flask, language: str) -> None:
    with in_language(language):
        items = list(paper_items(CORE, Form.JUNIOR, language))

    assert 51 == len(items)
    by_number = {item.number: item for item in items}
    smoked = by_number[5]
    assert {"it": "Salta se: alla domanda 4 “mai”.", "en": "Leave out if: at question 4 “never”."}[
        language
    ] == smoked.routing
    assert {"it": "Preferisco non rispondere", "en": "I prefer not to answer"}[language] == smoked.choices[-1]
    assert 2 == len(by_number[1].choices), "who does not want to take part says no"
    assert "2003–2017" == by_number[3].blank


@pytest.mark.parametrize(("language", "form"), [("it", Form.SENIOR), ("en", Form.JUNIOR)])
def test_the_paper_is_accessible_and_archivable(
    app: Flask, verapdf: Callable[[bytes], list[VeraResult]], language: str, form: Form
) -> None:
    pdf = questionnaire_paper(CORE, form, language=language, today=date(2026, 11, 23))

    reader = PdfReader(BytesIO(pdf))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert CORE.item("N5").text[language][:30] in " ".join(text.split())
    assert [] == [finding for result in verapdf(pdf) for finding in result.failures]
