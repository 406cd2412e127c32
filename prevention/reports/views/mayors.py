"""The office's page of the mail to mayors: who got their two pages, and who has no address."""

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from prevention.core import access
from prevention.core.web import redirect_303
from prevention.reports import edition_reading, mayor_letters, wording
from prevention.reports.edition_rules import EditionRefused
from prevention.reports.forms import ActForm
from prevention.reports.views.blueprint import bp
from prevention.roles import Role


@bp.route("/editions/<uuid:edition_id>/mayors", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def mayors(edition_id: uuid.UUID) -> ResponseReturnValue:
    """Show where the pages for mayors went, and write to those whose address came later."""
    actor = access.require_actor()
    found = edition_reading.edition_for(actor, edition_id)
    form = ActForm()
    if form.validate_on_submit():
        try:
            told = mayor_letters.tell_mayors_again(actor, found)
            flash(ngettext("%(num)d mail was written.", "%(num)d mails were written.", told), "success")
            return redirect_303("reports.mayors", edition_id=found.id)
        except EditionRefused as refusal:
            form.form_errors.append(wording.refusal_words(refusal))
    sheets = mayor_letters.mayor_sheets(found)
    page = render_template(
        "reports/mayors.html",
        edition=found,
        form=form,
        sheets=sheets,
        without=[sheet.name for sheet in sheets if not sheet.email],
        waiting=sum(bool(sheet.email) and sheet.status is None for sheet in sheets),
    )
    return page, 422 if form.errors else 200
