"""Pages on which people hand in a spreadsheet of materials, see every row of it, and say yes."""

import uuid
from collections.abc import Sequence

from flask import Response, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access, clock, files, web
from prevention.core.access import Actor
from prevention.core.csv_reading import FileRefused
from prevention.core.intake import wording as intake_wording
from prevention.core.web import redirect_303
from prevention.resources import rules, service, sheets, wording
from prevention.resources.forms import ConfirmForm, SheetForm, upload_of
from prevention.resources.sheets import Line
from prevention.resources.views.blueprint import bp
from prevention.resources.views.editing import AUTHORS
from prevention.resources.views.harvest import base

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/import/template.xlsx")
@access.roles(*AUTHORS)
def import_template() -> ResponseReturnValue:
    """Give the empty spreadsheet to fill in."""
    content = sheets.template(service.programme_choices(), service.meeting_choices())
    headers = files.attachment_headers(_("materials") + ".xlsx")
    return Response(content, mimetype=_XLSX, headers=headers)


@bp.route("/import", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def import_sheet() -> ResponseReturnValue:
    """Take a spreadsheet, and go on to its rows; one with a fault is shown with all of them and not kept."""
    actor = access.require_actor()
    web.read_first()
    form = SheetForm()
    upload = upload_of(form)
    if form.validate_on_submit() and upload is not None:
        try:
            rows = sheets.read_sheet(upload)
        except FileRefused as refusal:
            form.file.errors = [wording.sheet_refusal_words(refusal)]
        except rules.REFUSALS as refusal:
            form.file.errors = [wording.refusal_words(refusal)]
        else:
            name = files.safe_name(upload.file_name)
            lines = _lines(actor, rows)
            if any(line.faults for line in lines):
                return _preview(name, lines), 422
            web.start_writing()
            waiting = service.hand_sheet_in(actor, rows, file_name=name, now=clock.now())
            return redirect_303("resources.import_preview", import_id=waiting.id)
    size = intake_wording.limit_words(rules.SHEET_BYTES_MOST)
    page = render_template("resources/import.html", form=form, most=rules.SHEET_ROWS_MOST, size=size)
    return page, 422 if form.errors else 200


@bp.route("/import/<uuid:import_id>", methods=["GET", "POST"])
@access.roles(*AUTHORS)
def import_preview(import_id: uuid.UUID) -> ResponseReturnValue:
    """Show the rows of a spreadsheet; add them once the person says yes, all or none."""
    actor = access.require_actor()
    web.read_first()
    name, rows = service.import_for(actor, import_id, now=clock.now())
    lines = _lines(actor, rows)
    form = ConfirmForm()
    is_refused = any(line.faults for line in lines)
    if form.validate_on_submit() and not is_refused:
        web.start_writing()
        service.claim_import(actor, import_id)
        # What was added a moment ago, from another copy of the file, is known now.
        known = service.known_among(actor, [line.row.key for line in lines], base=base())
        wanted = [line.details for line in lines if line.details is not None and line.row.key not in known]
        added = service.add_many(actor, wanted, now=clock.now())
        _tell(len(added), len(lines) - len(added))
        return redirect_303("resources.mine")
    return _preview(name, lines, import_id), 422 if is_refused or form.errors else 200


@bp.post("/import/<uuid:import_id>/discard")
@access.roles(*AUTHORS)
def discard_import(import_id: uuid.UUID) -> ResponseReturnValue:
    """Forget a spreadsheet that was handed in, without adding anything."""
    service.discard_import(access.require_actor(), import_id)
    flash(_("The spreadsheet was left out. Nothing was added."), "info")
    return redirect_303("resources.import_sheet")


def _lines(actor: Actor, rows: Sequence[service.SheetRow]) -> list[Line]:
    known = service.known_among(actor, [row.key for row in rows], base=base())
    return sheets.check(rows, programmes=service.programme_choices(), meetings=service.meeting_choices(), known=known)


def _preview(name: str, lines: Sequence[Line], import_id: uuid.UUID | None = None) -> str:
    return render_template(
        "resources/import_preview.html",
        file_name=name,
        lines=lines,
        import_id=import_id,
        faulty=[line for line in lines if line.faults],
        new=sum(line.details is not None for line in lines),
        words=wording,
    )


def _tell(added: int, known: int) -> None:
    flash(
        ngettext("%(num)d material was added as a draft.", "%(num)d materials were added as drafts.", added), "success"
    )
    if known:
        flash(
            ngettext(
                "%(num)d was there already and stays as it is.",
                "%(num)d were there already and stay as they are.",
                known,
            ),
            "info",
        )
