"""Pages on questionnaires that are published: what they ask, in which languages, and the files they can be had as."""

import uuid
from enum import StrEnum
from typing import TypeVar

from flask import render_template, request
from flask.typing import ResponseReturnValue

from prevention.core import access, clock
from prevention.core.files import attachment_headers
from prevention.core.i18n import current_language
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.roles import Role
from prevention.surveys import interface, service
from prevention.surveys.exchange.xlsform_writing import write_xlsform
from prevention.surveys.express import HEADERS
from prevention.surveys.form_page import draft_page
from prevention.surveys.paper import PAPER_LANGUAGES, questionnaire_paper
from prevention.surveys.rules import Form, Questionnaire
from prevention.surveys.views.blueprint import bp

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Choice = TypeVar("Choice", bound=StrEnum)


@bp.get("/questionnaires")
@access.roles(Role.OFFICE)
def questionnaires() -> ResponseReturnValue:
    """List the questionnaires: published ones, and those being written."""
    return render_template("surveys/questionnaires.html", rows=service.published_rows(), drafts=service.drafts())


@bp.get("/questionnaires/<uuid:questionnaire_id>")
@access.roles(Role.OFFICE)
def questionnaire(questionnaire_id: uuid.UUID) -> ResponseReturnValue:
    """Show a published questionnaire, item by item."""
    row = service.questionnaire_row(questionnaire_id)
    return render_template(
        "surveys/questionnaire.html",
        row=row,
        questionnaire=service.published_questionnaire(row.id),
        forms=Form,
        languages=service.questionnaire_languages(row),
        pupil_languages=OFFERED_LANGUAGES,
        paper_languages=[one for one in PAPER_LANGUAGES if one in row.definition["languages"]],
        before=service.version_before(row),
        broken=service.broken_trends_of(row),
    )


@bp.get("/questionnaires/<uuid:questionnaire_id>/preview")
@access.roles(Role.OFFICE)
def preview(questionnaire_id: uuid.UUID) -> ResponseReturnValue:
    """Show a questionnaire as a pupil sees it; it opens with no code, so nothing can be handed in."""
    row = service.questionnaire_row(questionnaire_id)
    language = request.args.get("language", current_language())
    if language not in service.languages_of(row.id):
        language = row.definition["languages"][0]
    return pupils_page(service.questionnaire_in(row.id, language), asked(Form, "form", Form.SENIOR), language)


@bp.get("/questionnaires/<uuid:questionnaire_id>/xlsform")
@access.roles(Role.OFFICE)
def xlsform(questionnaire_id: uuid.UUID) -> ResponseReturnValue:
    """Give one form of a questionnaire as an XLSForm workbook."""
    row = service.questionnaire_row(questionnaire_id)
    form = asked(Form, "form", Form.SENIOR)
    name = f"{row.code} {row.version} {form}.xlsx"
    content = write_xlsform(service.published_questionnaire(row.id), form)
    return content, {"Content-Type": XLSX, **attachment_headers(name)}


@bp.get("/questionnaires/<uuid:questionnaire_id>/paper")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def paper(questionnaire_id: uuid.UUID) -> ResponseReturnValue:
    """Give one form of a questionnaire as a PDF to print; coordinators hand it to families who ask what is asked."""
    row = service.questionnaire_row(questionnaire_id)
    form = asked(Form, "form", Form.SENIOR)
    language = request.args.get("language", "")
    if language not in PAPER_LANGUAGES or language not in row.definition["languages"]:
        language = next((one for one in PAPER_LANGUAGES if one in row.definition["languages"]), PAPER_LANGUAGES[0])
    content = questionnaire_paper(service.published_questionnaire(row.id), form, language=language, today=clock.today())
    name = f"{row.code} {row.version} {form} {language}.pdf"
    return content, {"Content-Type": "application/pdf", **attachment_headers(name)}


def pupils_page(questionnaire: Questionnaire, form: Form, language: str) -> ResponseReturnValue:
    """Render a form by the very code that renders it for pupils, with their headers and words, and without a code."""
    interface.show_in(language)
    return draft_page(questionnaire, form), HEADERS


def asked(choices: type[Choice], name: str, otherwise: Choice) -> Choice:
    """Give what the query asks for, or `otherwise` when it asks for nothing that there is."""
    text = request.args.get(name, "")
    return choices(text) if text in set(choices) else otherwise
