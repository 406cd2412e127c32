"""Pages of help services: where to find help, what the office keeps, and the owner's yearly check."""

import uuid
from itertools import groupby

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, lists
from prevention.core.i18n import language_name
from prevention.core.web import redirect_303
from prevention.network import lists as network_lists
from prevention.network import service
from prevention.network.governance_forms import HelpForm, RemarkForm
from prevention.network.models import HelpService
from prevention.network.rules import is_stale
from prevention.network.views.blueprint import bp
from prevention.network.wording import HELP_KIND_WORDS
from prevention.roles import Role

# Languages in which services of this country answer; the questionnaire speaks most of them.
HELP_LANGUAGES = ("it", "en", "fr", "es", "ro", "sq", "ar", "pa", "hi", "zh", "uk", "ru", "pt", "de")


@bp.get("/help/")
@access.public
def help_services() -> ResponseReturnValue:
    """List the services to turn to, each with the day on which it was last verified."""
    lines = service.help_services()
    kinds = list(HELP_KIND_WORDS)
    ordered = sorted(lines, key=lambda line: (kinds.index(line.kind), line.position))
    groups = [(HELP_KIND_WORDS[kind], kind, list(rows)) for kind, rows in groupby(ordered, lambda line: line.kind)]
    person = access.actor()
    is_office = person is not None and person.has(Role.OFFICE)
    return render_template(
        "network/help_services.html",
        groups=groups,
        oldest=min(line.verified_on for line in lines),
        stale=service.stale_help_services(today=clock.today()) if is_office else [],
    )


@bp.get("/help/manage")
@access.roles(Role.OFFICE)
def manage_help() -> ResponseReturnValue:
    """List the help services as the office keeps them."""
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.help_services(), service.help_rows(), file_format)
    listing = lists.shown(network_lists.help_services(), service.help_rows())
    return render_template(
        "network/manage_help.html", listing=listing, kinds=HELP_KIND_WORDS, is_stale=is_stale, today_is=clock.today()
    )


@bp.route("/help/manage/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_help_service() -> ResponseReturnValue:
    """Add a help service."""
    return _help_form(None)


@bp.route("/help/manage/<uuid:service_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_help_service(service_id: uuid.UUID) -> ResponseReturnValue:
    """Change a help service."""
    return _help_form(service.help_row_of(service_id))


@bp.post("/help/manage/<uuid:service_id>/remove")
@access.roles(Role.OFFICE)
def remove_help_service(service_id: uuid.UUID) -> ResponseReturnValue:
    """Take a help service away."""
    service.remove_help_service(access.require_actor(), service.help_row_of(service_id))
    flash(_("The service is no longer shown."), "success")
    return redirect_303("network.manage_help")


@bp.route("/help/check/<token>", methods=["GET", "POST"])
@access.public
def check_help_service(token: str) -> ResponseReturnValue:
    """Let the owner confirm a service, or say what has changed; opened from a mail, without signing in."""
    row = service.help_row_to_check(token)
    form = RemarkForm()
    if request.method == "POST" and "right" in request.form:
        done = service.confirm(row, today=clock.today())
        return render_template("network/help_checked.html", confirmed=done)
    if form.validate_on_submit():
        service.remark(row, form.remark.data or "")
        return render_template("network/help_checked.html", confirmed=False)
    page = render_template("network/check_help.html", row=row, form=form, token=token)
    return page, 422 if form.errors else 200


def _help_form(row: HelpService | None) -> ResponseReturnValue:
    form = HelpForm()
    form.offer({code: language_name(code) for code in HELP_LANGUAGES})
    if request.method == "GET" and row is not None:
        form.show(row)
    if form.validate_on_submit():
        service.save_help_service(access.require_actor(), row, form.plan())
        flash(_("The service was saved; pupils, families and letters see it from now on."), "success")
        return redirect_303("network.manage_help")
    page = render_template("network/help_form.html", form=form, row=row)
    return page, 422 if form.errors else 200
