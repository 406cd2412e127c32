"""XLSForm in and out: what goes out comes back the same, real files are read or refused with the row."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from prevention.surveys.exchange.importing import Imported, ImportRefused, Outcome, Why
from prevention.surveys.exchange.xlsform_reading import read_xlsform
from prevention.surveys.exchange.xlsform_writing import write_xlsform
from prevention.surveys.questionnaire import SHIPPED, parse, shipped, with_personal_code
from prevention.surveys.rules import Form, Questionnaire, check_answers

SURVEY = ["type", "name", "label", "hint", "required", "relevant", "constraint", "choice_filter", "parameters"]


def workbook(
    survey: list[list[Any]], choices: Sequence[list[Any]] = (), settings: Mapping[str, str] | None = None,
    columns: list[str] = SURVEY, choice_columns: tuple[str, ...] = ("list_name", "name", "label"),
) -> bytes:  # fmt: skip
    """Give a workbook with these rows under the usual columns."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "survey"
    sheet.append(columns)
    for row in survey:
        sheet.append(row)
    sheet = book.create_sheet("choices")
    sheet.append(choice_columns)
    for row in choices:
        sheet.append(row)
    if settings:
        sheet = book.create_sheet("settings")
        sheet.append(list(settings))
        sheet.append(list(settings.values()))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


YES_NO = [["yn", "yes", "Yes"], ["yn", "no", "No"]]


def read(content: bytes, **options: Any) -> Imported:
    return read_xlsform(content, file_name="form.xlsx", language="en", **options)


def parsed(definition: dict[str, Any]) -> Questionnaire:
    return parse({**definition, "published_on": "2026-09-01"})


def whys(found: Imported, outcome: Outcome) -> dict[str, list[Why | None]]:
    names: dict[str, list[Why | None]] = {}
    for line in found.lines:
        if line.outcome is outcome:
            names.setdefault(line.name, []).append(line.why)
    return names


# ---- Out and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("code", [*SHIPPED, "linked"])
def test_what_is_written_is_valid_and_comes_back_the_same(app: Flask, code: str, form: Form) -> None:
    definition = with_personal_code(shipped("workshop-after")) if code == "linked" else shipped(code)
    before = parse(definition)

    written = write_xlsform(before, form)

    assert convert(xlsform=BytesIO(written), file_type=".xlsx").warnings == []
    found = read_xlsform(written, file_name="form.xlsx")
    after = parsed(found.definition)
    assert [item.code for item in before.items_for(form)] == [item.code for item in after.items_for(form)]
    for item in before.items_for(form):
        back = after.item(item.code)
        lead: Mapping[str, str] = item.lead or {}
        assert item.values == back.values
        assert item.kind == back.kind
        for language in ("it", "en"):
            assert f"{lead.get(language, '')} {item.text_for(form)[language]}".strip() == back.text[language]
            assert [option.text[language] for option in item.options] == [one.text[language] for one in back.options]
    assert not [line for line in found.lines if line.outcome is Outcome.DROPPED]


CORE = parse(shipped("core"))
BACK: dict[Form, Questionnaire] = {}


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_routing_that_came_back_asks_the_same_items(app: Flask, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(list(Form)))
    if form not in BACK:
        BACK[form] = parsed(read_xlsform(write_xlsform(CORE, form), file_name="x.xlsx").definition)
    answers = {
        item.code: data.draw(st.sampled_from([*sorted(item.values), "declined", ""]))
        for item in CORE.items_for(form)
        if item.code[0] in "BCDGHP"
    } | {"T0": data.draw(st.sampled_from(["yes", "yes", "no", ""]))}

    assert check_answers(CORE, form, answers) == check_answers(BACK[form], form, answers)


# ---- Real and hand-made files -------------------------------------------------------------------------------------


def test_a_real_form_that_breaks_the_standard_is_refused_with_its_row(shared_data: Path) -> None:
    content = (shared_data / "questionnaires" / "Initial_Survey_XLSForm.xlsx").read_bytes()

    with pytest.raises(ImportRefused) as refused:
        read(content)

    assert ("survey:8", Why.INVALID) == (refused.value.place, refused.value.why)
    assert "ethnicity" in refused.value.value


def test_a_real_form_that_breaks_the_standard_can_be_taken_in_as_far_as_it_can_be_read(shared_data: Path) -> None:
    content = (shared_data / "questionnaires" / "Initial_Survey_XLSForm.xlsx").read_bytes()

    found = read(content, is_lenient=True)

    assert 15 == len(parsed(found.definition).items)
    assert Why.INVALID is found.lines[0].why
    assert {"start", "end", "intro_note", "suburb", "research_site", "thank_you_note"} <= set(
        whys(found, Outcome.DROPPED)
    )
    assert 18 + 2 == len(whys(found, Outcome.KEPT)) + len(["start", "end", "intro_note", "suburb", "research_site"])


def test_types_languages_groups_and_conditions_are_taken_in() -> None:
    columns = [
        "type",
        "name",
        "label::Italiano (it)",
        "label::English (en)",
        "label::Klingon",
        "hint::it",
        "hint::en",
        "required",
        "relevant",
        "constraint",
        "choice_filter",
        "parameters",
    ]
    rows = [
        ["start", "start"],
        ["begin_group", "about", "Su di te", "About you", "x"],
        ["select_one yn", "smokes", "Fumi?", "Do you smoke?", "x", "Anche rollate", "Also rolled", "yes"],
        ["begin repeat", "again", "Ancora", "Again", "x", "", "", "", "${smokes} = 'yes'"],
        ["select_multiple yn or_other", "which", "Quali?", "Which?", "x"],
        ["end repeat"],
        ["end_group"],
        ["integer", "age", "Età", "Age", "x", "", "", "", "", ". >= 11 and . < 20"],
        ["range", "mood", "Umore", "Mood", "x", "", "", "", "${age} >= 15", "", "", "start=0 end=10 step=1"],
        ["integer", "money", "Soldi", "Money", "x"],
        ["text", "name", "Nome", "Name", "x"],
        ["rank yn", "order", "Ordine", "Order", "x"],
        ["geopoint", "where", "Dove", "Where", "x"],
        ["date", "when", "Quando", "When", "x"],
        ["select_one yn", "code", "<b>Codice</b>?", "Code?", "x", "", "", "", "not(selected(${which}, 'no'))"],
    ]
    choices = [["yn", "yes", "sì", "yes"], ["yn", "no", "no", "no"], ["yn", "prefer_not_to_say", "-", "-"]]
    content = workbook(
        rows, choices, {"form_title": "Prova", "form_id": "prova"},
        columns=columns, choice_columns=("list_name", "name", "label::Italiano (it)", "label::English (en)"),
    )  # fmt: skip

    found = read(content)
    questionnaire = parsed(found.definition)

    assert ["smokes", "which", "age", "mood", "money", "code_2"] == [item.code for item in questionnaire.items]
    assert ("it", "en") == questionnaire.languages
    assert {"yes", "no"} == questionnaire.item("smokes").values
    assert {"yes", "no", "other"} == questionnaire.item("which").values
    assert ({"smokes": frozenset({"yes"})},) == questionnaire.item("which").asked_if
    assert (11, 19) == (questionnaire.item("age").minimum, questionnaire.item("age").maximum)
    assert ({"age": frozenset({"15", "16", "17", "18", "19"})},) == questionnaire.item("mood").asked_if
    assert ({"which": frozenset({"no"})},) == questionnaire.item("code_2").skipped_if
    assert "Codice?" == questionnaire.item("code_2").text["it"]
    assert {
        "start": [Why.METADATA], "name": [Why.FREE_TEXT], "order": [Why.RANKING], "where": [Why.PLACE_OR_FILE],
        "when": [Why.DATE_OR_TIME], "Klingon": [Why.LANGUAGE],
    } == whys(found, Outcome.DROPPED)  # fmt: skip
    mapped = whys(found, Outcome.MAPPED)
    assert [Why.DECLINE_OPTION, Why.NEVER_REQUIRED] == mapped["smokes"]
    assert [Why.REPEATED] == mapped["again"]
    assert [Why.USUAL_RANGE] == mapped["money"]
    assert Why.RENAMED in mapped["code"]


@pytest.mark.parametrize(
    ("rows", "why", "place"),
    [
        ([["select_one yn", "a b", "A"]], Why.INVALID, "survey:2"),
        ([["select_one nowhere", "a", "A"]], Why.INVALID, "survey:2"),
        ([["begin group", "g", "G"], ["select_one yn", "a", "A"]], Why.INVALID, "survey:2"),
        ([["select_one yn", "a", "A", "", "", "${nobody} = 'x'"]], Why.INVALID, "survey:2"),
        ([["text", "a", "A"]], Why.NOTHING_LEFT, ""),
        ([["select_one yn", "a", "A" * 3000]], Why.LONG_TEXT, "survey:2"),
    ],
)
def test_a_broken_form_is_refused_with_the_row(rows: list[list[Any]], why: Why, place: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(workbook(rows, YES_NO))

    assert (why, place) == (refused.value.why, refused.value.place), str(refused.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04broken", b"name,label\n", workbook([])[:300]])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(content)

    assert Why.NOT_A_FILE is refused.value.why


def test_a_workbook_without_a_survey_sheet_is_refused() -> None:
    book, out = openpyxl.Workbook(), BytesIO()
    book.save(out)

    with pytest.raises(ImportRefused) as refused:
        read(out.getvalue())

    assert Why.NO_SURVEY is refused.value.why


def test_a_condition_that_cannot_be_said_is_left_out_and_reported() -> None:
    rows = [
        ["select_multiple yn", "m", "M"],
        ["select_one yn", "a", "A", "", "", "count-selected(${m}) > 1"],
        ["select_one yn", "b", "B", "", "", "${a} != 'yes' or selected(${m}, 'no')", "", "${a} = 'x'"],
    ]

    found = read(workbook(rows, YES_NO))

    assert {"a": [Why.CONDITION], "b": [Why.CHOICE_FILTER]} == whys(found, Outcome.DROPPED)
    assert [Why.CONDITION_WHEN_EMPTY] == whys(found, Outcome.MAPPED)["b"]
