"""Writing one form of a questionnaire as an XLSForm workbook, for Kobo, ODK or Enketo, on line and off.

Every item offers "prefer not to answer" and none is required; routing becomes ``relevant``, which also waits for the
assent. What stays behind: the two forms (one workbook each), marks of dummies, and the source of an item.
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xlsxwriter

from prevention.core.i18n import Localised
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.surveys.rules import DECLINED, Alternative, Form, Item, Kind, Questionnaire

# What DECLINED says in the languages of the site; other languages show the Italian.
DECLINE_WORDS = {"it": "Preferisco non rispondere", "en": "I prefer not to answer"}

_TYPES = {Kind.SINGLE: "select_one", Kind.MULTIPLE: "select_multiple"}


def write_xlsform(questionnaire: Questionnaire, form: Form) -> bytes:
    """Write the items that a form asks, with their answers, languages and routing."""
    import xlsxwriter

    columns = {language: _column(language) for language in questionnaire.languages}
    items = questionnaire.items_for(form)
    out = BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}
    ) as book:
        survey = book.add_worksheet("survey")
        labels = [f"label::{name}" for name in columns.values()]
        hints = [f"hint::{name}" for name in columns.values()]
        _write(
            survey,
            [["type", "name", *labels, *hints, "relevant", "constraint"], *_survey(questionnaire, form, columns)],
        )
        choices = book.add_worksheet("choices")
        _write(choices, [["list_name", "name", *labels], *_choices(items, columns)])
        settings = book.add_worksheet("settings")
        _write(
            settings,
            [
                ["form_title", "form_id", "version", "default_language"],
                [
                    questionnaire.title.text(), f"{questionnaire.code}_{form}", questionnaire.version,
                    next(iter(columns.values())),
                ],
            ],
        )  # fmt: skip
    return out.getvalue()


def _write(sheet: "xlsxwriter.worksheet.Worksheet", rows: list[list[str]]) -> None:
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            if text:
                sheet.write_string(number, place, text)
    sheet.freeze_panes(1, 0)
    sheet.set_column(2, 2 + len(rows[0]), 40)


def _column(language: str) -> str:
    return f"{OFFERED_LANGUAGES[language].own_name} ({language})"


def _survey(questionnaire: Questionnaire, form: Form, columns: Mapping[str, str]) -> Iterator[list[str]]:
    blank = [""] * len(columns)
    section = ""
    for item in questionnaire.items_for(form):
        if item.section != section:
            if section:
                yield ["end_group", f"section_{section}", *blank, *blank, "", ""]
            section = item.section
            title = questionnaire.section(section).title
            yield ["begin_group", f"section_{section}", *(title.text(one) for one in columns), *blank, "", ""]
        yield [
            f"{_TYPES[item.kind]} {_list(item)}" if item.kind in _TYPES else "integer",
            item.code,
            *(_label(item, form, language) for language in columns),
            *(item.hint.text(language) if item.hint else "" for language in columns),
            _relevant(questionnaire, item, form),
            f". >= {item.minimum} and . <= {item.maximum}" if item.kind is Kind.NUMBER else "",
        ]
    if section:
        yield ["end_group", f"section_{section}", *blank, *blank, "", ""]


def _label(item: Item, form: Form, language: str) -> str:
    lead = item.lead.text(language) if item.lead else ""
    return f"{lead} {item.text_for(form).text(language)}".strip()


def _list(item: Item) -> str:
    return f"answers_{item.code}"


def _choices(items: tuple[Item, ...], columns: Mapping[str, str]) -> Iterator[list[str]]:
    decline = Localised(DECLINE_WORDS)
    for item in items:
        for option in item.options:
            yield [_list(item), option.code, *(option.text.text(language) for language in columns)]
        if item.options:
            yield [_list(item), DECLINED, *(decline.text(language) for language in columns)]


def _relevant(questionnaire: Questionnaire, item: Item, form: Form) -> str:
    """Write the routing of an item; an alternative that names an item of the other form alone can never hold."""
    parts = []
    asked = {one.code for one in questionnaire.items_for(form)}
    asked_if = tuple(one for one in item.asked_if if one.keys() <= asked)
    skipped_if = tuple(one for one in item.skipped_if if one.keys() <= asked)
    assent = questionnaire.assent_item
    if assent is not None and item.code != assent:
        parts.append(f"${{{assent}}} = '{questionnaire.assent_given}'")
    if asked_if:
        parts.append(_any(questionnaire, asked_if))
    if skipped_if:
        parts.append(f"not({_any(questionnaire, skipped_if)})")
    return " and ".join(parts)


def _any(questionnaire: Questionnaire, alternatives: tuple[Alternative, ...]) -> str:
    said = [" and ".join(_among(questionnaire, code, wanted) for code, wanted in one.items()) for one in alternatives]
    return "(" + " or ".join(f"({one})" if len(said) > 1 else one for one in said) + ")"


def _among(questionnaire: Questionnaire, code: str, wanted: frozenset[str]) -> str:
    item = questionnaire.item(code)
    order = sorted(wanted) if item.kind is Kind.NUMBER else [one.code for one in item.options if one.code in wanted]
    if item.kind is Kind.MULTIPLE:
        tests = [f"selected(${{{code}}}, '{value}')" for value in order]
    elif item.kind is Kind.NUMBER:
        tests = [f"${{{code}}} = {value}" for value in order]
    else:
        tests = [f"${{{code}}} = '{value}'" for value in order]
    return "(" + " or ".join(tests) + ")" if len(tests) > 1 else tests[0]
