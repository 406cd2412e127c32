"""Pages on which the office hands in files of the ministry, sees what they would change, and says yes."""

import uuid
from collections.abc import Sequence

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access, clock
from prevention.core.csv_reading import FileRefused
from prevention.core.files import NoSpaceLeft, TooManyBytes
from prevention.core.web import redirect_303
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools import service
from prevention.schools.forms import ConfirmForm, UploadForm
from prevention.schools.views.blueprint import bp
from prevention.schools.wording import file_refusal_in_words

# How many lines of a kind the preview of a file shows.
LINES_SHOWN = 50


@bp.route("/import", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def upload() -> ResponseReturnValue:
    """Take files of the ministry, and go on to what they would change."""
    form = UploadForm()
    provinces = network.loaded_provinces()
    form.offer_provinces({province.code: province.name for province in provinces})
    if request.method == "GET":
        form.provinces.data = [province.code for province in provinces]
    elif form.validate_on_submit():
        try:
            return redirect_303("schools.preview", upload_id=_hand_in(form))
        except FileRefused as refusal:
            form.files.errors = [file_refusal_in_words(refusal)]
        except TooManyBytes:
            form.files.errors = [_("A file is too long.")]
        except NoSpaceLeft:
            form.form_errors.append(_("There is no space left to keep the files. Nothing was changed."))
    return (
        render_template("schools/upload.html", form=form, has_provinces=bool(provinces)),
        422 if form.errors else 200,
    )


def _hand_in(form: UploadForm) -> uuid.UUID:
    sources = [service.SourceFile(name=file.filename or _("file"), stream=file.stream) for file in form.files.data]
    kept = service.hand_in(
        access.require_actor(),
        sources,
        provinces=form.provinces.data or (),
        max_bytes=current_app.config["MAX_CONTENT_LENGTH"],
        now=clock.now(),
    )
    return kept.id


@bp.route("/import/<uuid:upload_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def preview(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Show what the files would change; take them in once the office says yes."""
    actor = access.require_actor()
    found = service.upload_for(actor, upload_id, now=clock.now())
    form = ConfirmForm()
    try:
        if form.validate_on_submit():
            reports = service.confirm_upload(actor, found, now=clock.now())
            _tell(reports)
            return redirect_303("schools.register")
        reports, refusal_words = service.preview_upload(found), None
    except FileRefused as refusal:
        reports, refusal_words = (), file_refusal_in_words(refusal)
    return (
        render_template(
            "schools/preview.html",
            form=form,
            upload=found,
            reports=reports,
            refusal_words=refusal_words,
            lines_shown=LINES_SHOWN,
        ),
        422 if form.errors or refusal_words else 200,
    )


def _tell(reports: Sequence[service.FileReport]) -> None:
    for report in reports:
        counts = report.counts
        flash(
            _(
                "%(file)s was taken in: %(added)s new, %(changed)s changed, %(unchanged)s as before.",
                file=report.file_name,
                added=counts.added,
                changed=counts.changed,
                unchanged=counts.unchanged,
            ),
            "success",
        )


@bp.post("/import/<uuid:upload_id>/discard")
@access.roles(Role.OFFICE)
def discard(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Forget files that were handed in, without taking them in."""
    found = service.upload_for(access.require_actor(), upload_id, now=clock.now())
    count = len(found.files)
    service.discard_upload(found)
    flash(
        ngettext(
            "%(num)d file was left out. Nothing was changed.",
            "%(num)d files were left out. Nothing was changed.",
            count,
        ),
        "info",
    )
    return redirect_303("schools.upload")
