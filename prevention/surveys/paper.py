"""A questionnaire on paper: for a class without devices, for families who ask what is asked, for the expert's review.

One form in one of the site's languages, as a PDF for everybody (tags) and for the archive. Routing is written out in
words, by the numbers of the questions. A paper filled in by a pupil is never scanned into the system from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import render_template
from flask_babel import gettext as _

from prevention.core.i18n import in_language
from prevention.core.pdf import render_pdf
from prevention.surveys.rules import Alternative, Form, Item, Kind, Questionnaire

# Up to this many numbers stand side by side; of more, the paper asks to write one.
MOST_IN_A_ROW = 12

# Our fonts have the letters of these; the others are answered on a screen.
PAPER_LANGUAGES = ("it", "en")


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperItem:
    """One question as the paper shows it. `numbers` stand side by side; `blank` is the range to write one of."""

    number: int
    section_title: str | None
    text: str
    hint: str
    routing: str
    choices: tuple[str, ...]
    numbers: tuple[str, ...]
    blank: str
    is_multiple: bool


def questionnaire_paper(questionnaire: Questionnaire, form: Form, *, language: str, today: date) -> bytes:
    """Print one form of a questionnaire in one of its languages."""
    with in_language(language):
        title = questionnaire.title.text(language)
        return render_pdf(
            render_template(
                "surveys/paper.html",
                title=title,
                questionnaire=questionnaire,
                form=form,
                items=list(paper_items(questionnaire, form, language)),
                language=language,
            ),
            title=title,
            language=language,
            dated=today,
        )


def paper_items(questionnaire: Questionnaire, form: Form, language: str) -> Iterator[PaperItem]:
    """List the questions of a form, numbered from 1, with their routing in words of the language in force."""
    items = questionnaire.items_for(form)
    numbers = {item.code: number for number, item in enumerate(items, start=1)}
    section = ""
    for item in items:
        lead = f"{item.lead.text(language)} " if item.lead else ""
        is_row = item.kind is Kind.NUMBER and item.maximum - item.minimum < MOST_IN_A_ROW
        choices = tuple(option.text.text(language) for option in item.options)
        yield PaperItem(
            number=numbers[item.code],
            section_title=questionnaire.section(item.section).title.text(language) if item.section != section else None,
            text=lead + item.text_for(form).text(language),
            hint=item.hint.text(language) if item.hint else "",
            routing=_routing(questionnaire, item, numbers, language),
            choices=choices if item.code == questionnaire.assent_item else (*choices, _("I prefer not to answer")),
            numbers=tuple(map(str, range(item.minimum, item.maximum + 1))) if is_row else (),
            blank=f"{item.minimum}–{item.maximum}" if item.kind is Kind.NUMBER and not is_row else "",
            is_multiple=item.kind is Kind.MULTIPLE,
        )
        section = item.section


def _routing(questionnaire: Questionnaire, item: Item, numbers: dict[str, int], language: str) -> str:
    sentences = []
    asked_if = [one for one in item.asked_if if one.keys() <= numbers.keys()]
    skipped_if = [one for one in item.skipped_if if one.keys() <= numbers.keys()]
    if asked_if:
        sentences.append(_("Only if: %(condition)s.", condition=_any(questionnaire, asked_if, numbers, language)))
    if skipped_if:
        sentences.append(
            _("Leave out if: %(condition)s.", condition=_any(questionnaire, skipped_if, numbers, language))
        )
    return " ".join(sentences)


def _any(questionnaire: Questionnaire, given: list[Alternative], numbers: dict[str, int], language: str) -> str:
    return _(" or ").join(
        _(" and ").join(_answered(questionnaire, code, wanted, numbers, language) for code, wanted in one.items())
        for one in given
    )


def _answered(
    questionnaire: Questionnaire, code: str, wanted: frozenset[str], numbers: dict[str, int], language: str
) -> str:
    item = questionnaire.item(code)
    if item.kind is Kind.NUMBER:
        words = sorted(wanted, key=int)
    else:
        words = [option.text.text(language) for option in item.options if option.code in wanted]
    others = [option.text.text(language) for option in item.options if option.code not in wanted]
    if len(words) > len(others) > 0:
        return _(
            "at question %(number)s something else than “%(answers)s”",
            number=numbers[code],
            answers="”, “".join(others),
        )
    return _("at question %(number)s “%(answers)s”", number=numbers[code], answers="” / “".join(words))
