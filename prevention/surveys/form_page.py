"""The page with all items of a form, built once per questionnaire, form and language and kept for a minute.

The page is the same for everyone but for two hidden values, the code and the mark of the submission; they are
put between its three parts. A page that already holds answers (another language was chosen, or an answer was
refused) is built afresh and not kept.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, url_for

from prevention.core.i18n import current_language
from prevention.core.languages import OfferedLanguage
from prevention.network import service as network
from prevention.surveys import interface
from prevention.surveys.kept_pages import kept, kept_before
from prevention.surveys.packing import PageWithGaps
from prevention.surveys.rules import DECLINED, Alternative, Form, Item, Kind, Questionnaire

# Up to this many numbers stand side by side as one row of choices; more become a list to choose from.
MOST_ON_A_SCALE = 12

_INDENTATION = re.compile(r"\n\s+")
_CODE = "@@code@@"
_SUBMISSION = "@@submission@@"

Submitted = Mapping[str, list[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One thing to choose; `label` is None for "prefer not to answer", whose words are the page's."""

    value: str
    label: str | None
    is_chosen: bool
    is_exclusive: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One item as the page shows it. `control` is radio, checkbox, scale or list; routing is JSON for the script."""

    code: str
    section_title: str | None
    lead: str | None
    text: str
    hint: str | None
    control: str
    choices: tuple[Choice, ...]
    asked_if: str | None
    skipped_if: str | None
    is_assent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What to show: the code and mark to carry, and, when the page is shown again, what was filled in.

    `at` is the item to begin at; `refused` says that its answer could not be taken, or that it is missing.
    """

    code: str
    submission: str
    submitted: Submitted | None = None
    at: str = ""
    refused: str = ""


def form_page(questionnaire_id: uuid.UUID, questionnaire: Questionnaire, form: Form, shown: Shown) -> str:
    """Give the page, in the language in force. No query but for the help services, once a minute."""
    if shown.submitted is not None:
        return _build(questionnaire_id, questionnaire, form, shown, interface.languages_for(questionnaire_id))
    page = kept((questionnaire_id, form), lambda: _fresh(questionnaire_id, questionnaire, form))
    return page.filled(shown.code.encode("ascii"), shown.submission.encode("ascii")).decode()


def draft_page(questionnaire: Questionnaire, form: Form) -> str:
    """Give the page of a questionnaire that is not published, in the language in force; nothing of it is kept."""
    languages = tuple(one for one in interface.spoken_languages() if one.code in questionnaire.languages)
    return _build(uuid.uuid4(), questionnaire, form, Shown(code="", submission="", submitted={}), languages)


def opened_page(questionnaire_id: uuid.UUID, form: Form, language: str) -> PageWithGaps | None:
    """Give the page as nobody has filled it in yet, if it was built within the last minute; builds nothing.

    Between its parts go the code and the mark of the submission, which hold letters, digits, dashes and underscores.
    """
    return kept_before((questionnaire_id, form), language, PageWithGaps)


def questions(questionnaire: Questionnaire, form: Form, submitted: Submitted) -> list[Question]:
    """List the items of a form as the page shows them; a section's title stands on its first item."""
    language = current_language()
    titled: set[str] = set()
    rows = []
    for item in questionnaire.items_for(form):
        title = None if item.section in titled else questionnaire.section(item.section).title.text(language)
        titled.add(item.section)
        rows.append(
            Question(
                code=item.code,
                section_title=title,
                lead=item.lead.text(language) if item.lead else None,
                text=item.text_for(form).text(language),
                hint=item.hint.text(language) if item.hint else None,
                control=_control(item),
                choices=_choices(item, questionnaire, submitted.get(item.code, ()), language),
                asked_if=_as_json(item.asked_if),
                skipped_if=_as_json(item.skipped_if),
                is_assent=item.code == questionnaire.assent_item,
            )
        )
    return rows


def _fresh(questionnaire_id: uuid.UUID, questionnaire: Questionnaire, form: Form) -> PageWithGaps:
    languages = interface.languages_for(questionnaire_id)
    page = _build(questionnaire_id, questionnaire, form, Shown(code=_CODE, submission=_SUBMISSION), languages).encode()
    first, rest = page.split(_CODE.encode())
    middle, last = rest.split(_SUBMISSION.encode())
    return PageWithGaps((first, middle, last))


def _build(
    questionnaire_id: uuid.UUID,
    questionnaire: Questionnaire,
    form: Form,
    shown: Shown,
    languages: tuple[OfferedLanguage, ...],
) -> str:
    page = render_template(
        "surveys/answering/form.html",
        questions=questions(questionnaire, form, shown.submitted or {}),
        shown=shown,
        assent_item=questionnaire.assent_item,
        assent_given=questionnaire.assent_given,
        help_lines=network.help_services(),
        languages=languages,
        page_address=url_for("answering.questions", questionnaire_id=questionnaire_id, form=form.value),
    )
    # The template's indentation is a tenth of what a telephone would have to load.
    return _INDENTATION.sub("\n", page)


def _control(item: Item) -> str:
    if item.kind is Kind.MULTIPLE:
        return "checkbox"
    if item.kind is Kind.NUMBER:
        return "scale" if item.maximum - item.minimum < MOST_ON_A_SCALE else "list"
    return "radio" if len(item.options) <= MOST_ON_A_SCALE else "list"


def _choices(
    item: Item, questionnaire: Questionnaire, chosen: list[str] | tuple[str, ...], language: str
) -> tuple[Choice, ...]:
    if item.kind is Kind.NUMBER:
        numbers = range(item.minimum, item.maximum + 1)
        offered = [(str(number), str(number), False) for number in numbers]
        if _control(item) == "list":
            offered.reverse()
    else:
        offered = [(option.code, option.text.text(language), option.is_exclusive) for option in item.options]
    choices = [
        Choice(value=value, label=label, is_chosen=value in chosen, is_exclusive=is_exclusive)
        for value, label, is_exclusive in offered
    ]
    if item.code != questionnaire.assent_item:
        choices.append(Choice(value=DECLINED, label=None, is_chosen=DECLINED in chosen, is_exclusive=True))
    return tuple(choices)


def _as_json(alternatives: tuple[Alternative, ...]) -> str | None:
    """Write routing for the script: a list of alternatives, each item code to the answers it wants."""
    if not alternatives:
        return None
    return json.dumps(
        [{code: sorted(wanted) for code, wanted in alternative.items()} for alternative in alternatives],
        separators=(",", ":"),
    )
