"""Pages on which the office takes things in: questionnaires of other tools, and licensed texts of instruments."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock
from prevention.core.access import NotYours
from prevention.core.csv_reading import FileRefused
from prevention.core.files import attachment_headers
from prevention.core.web import redirect_303
from prevention.roles import Role
from prevention.surveys import instruments as known_instruments
from prevention.surveys import service, wording
from prevention.surveys.draft_forms import ImportForm, InstrumentForm
from prevention.surveys.drafting import DraftRefused
from prevention.surveys.exchange.importing import ImportRefused
from prevention.surveys.exchange.limesurvey import read_lss
from prevention.surveys.exchange.xlsform_reading import read_xlsform
from prevention.surveys.views.blueprint import bp


@bp.route("/drafts/import", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def import_questionnaire() -> ResponseReturnValue:
    """Take a questionnaire of another tool in as a draft, with a report; or refuse it and change nothing."""
    form = ImportForm()
    if form.validate_on_submit():
        file = form.file.data
        content, name = file.read(), file.filename or ""
        try:
            if content.lstrip()[:1] == b"<":
                found = read_lss(content, file_name=name, language=form.language.data)
            else:
                found = read_xlsform(
                    content, file_name=name, language=form.language.data, is_lenient=bool(form.is_lenient.data)
                )
            definition = found.definition | {"import_report": [line.as_json() for line in found.lines]}
            row = service.keep_draft(access.require_actor(), definition, today=clock.today())
        except ImportRefused as refused:
            form.file.errors = [wording.import_refusal(refused)]
        except DraftRefused as no:
            form.file.errors = [wording.draft_refusal(no)]
        else:
            flash(_("The questionnaire was taken in as a draft. See below what was kept and what was not."), "success")
            return redirect_303("surveys.draft", draft_id=row.id)
    return render_template("surveys/import.html", form=form), 422 if form.errors else 200


@bp.get("/instruments")
@access.roles(Role.OFFICE)
def instruments() -> ResponseReturnValue:
    """List the validated instruments: who holds the wording, how they are scored, whether the text is loaded."""
    return render_template(
        "surveys/instruments.html", instruments=known_instruments.instruments(), loaded=service.instrument_rows()
    )


@bp.route("/instruments/<code>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def instrument(code: str) -> ResponseReturnValue:
    """Show an instrument, and load its licensed text."""
    known = known_instruments.instruments().get(code)
    if known is None:
        raise NotYours(code)
    form = InstrumentForm()
    if form.validate_on_submit():
        file = form.file.data
        try:
            texts = known_instruments.read_instrument(file.read(), code, file_name=file.filename or "")
        except FileRefused as refused:
            form.file.errors = [wording.instrument_refusal(refused)]
        else:
            service.load_instrument(
                access.require_actor(), code, texts, licence=form.licence.data or "", today=clock.today()
            )
            flash(_("The text is loaded. Questionnaires published from now on ask it."), "success")
            return redirect_303("surveys.instrument", code=code)
    page = render_template(
        "surveys/instrument.html", code=code, instrument=known, form=form,
        loaded=service.instrument_rows().get(code), units=known_instruments.units_of(code),
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.get("/instruments/<code>/file")
@access.roles(Role.OFFICE)
def instrument_file(code: str) -> ResponseReturnValue:
    """Give the file to write an instrument's licensed text into, with what is loaded."""
    if code not in known_instruments.instruments():
        raise NotYours(code)
    content = known_instruments.write_instrument(code, service.loaded_instruments().get(code, {}))
    return content, {"Content-Type": "text/csv; charset=utf-8", **attachment_headers(f"{code}.csv")}
