"""The office's pages: the outbox, what was given up and what to do about it, and the texts of letters."""

import uuid

from flask import Blueprint, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.core import access, lists
from prevention.core.web import redirect_303
from prevention.messages import lists as message_lists
from prevention.messages import service, signals, wording
from prevention.messages.forms import AddressForm, TextForm
from prevention.messages.models import MessageStatus
from prevention.messages.rules import MessagesRefusal, TextRefused
from prevention.roles import Role

bp = Blueprint("messages", __name__, url_prefix="/messages")


@bp.get("/")
@access.roles(Role.OFFICE)
def outbox() -> ResponseReturnValue:
    """List messages, newest first, of one status when asked."""
    asked = request.args.get("status", "")
    status = MessageStatus(asked) if asked in set(MessageStatus) else None
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(message_lists.outbox(), service.messages(status), file_format)
    listing = lists.shown(message_lists.outbox(), service.messages(status))
    return render_template(
        "messages/outbox.html",
        listing=listing,
        owners=signals.ask_owners(frozenset(message.recipient for message in listing.rows)),
        status=status,
        words=wording.STATUS,
        given_up=service.count_given_up(),
        trouble=wording.trouble,
        has_mail_server=current_app.config["SETTINGS"].mail_server is not None,
    )


@bp.post("/<uuid:message_id>/retry")
@access.roles(Role.OFFICE)
def retry(message_id: uuid.UUID) -> ResponseReturnValue:
    """Send a message that was given up once more."""
    try:
        service.try_again(access.require_actor(), service.message_of(message_id))
        flash(_("The message goes out again."), "success")
    except MessagesRefusal as no:
        flash(wording.refusal(no), "warning")
    return redirect_303("messages.outbox", status=MessageStatus.DEAD.value)


@bp.post("/retry-all")
@access.roles(Role.OFFICE)
def retry_all() -> ResponseReturnValue:
    """Send everything that was given up once more."""
    revived = service.try_all_again(access.require_actor())
    flash(ngettext("%(num)d message goes out again.", "%(num)d messages go out again.", revived), "success")
    return redirect_303("messages.outbox")


@bp.route("/<uuid:message_id>/address", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def address(message_id: uuid.UUID) -> ResponseReturnValue:
    """Correct the address of a message that was given up, and of all others for it."""
    message = service.message_of(message_id)
    form = AddressForm()
    if form.validate_on_submit():
        try:
            revived = service.correct_address(access.require_actor(), message, (form.address.data or "").lower())
            flash(ngettext("%(num)d message goes out again.", "%(num)d messages go out again.", revived), "success")
            return redirect_303("messages.outbox")
        except MessagesRefusal as no:
            form.form_errors.append(wording.refusal(no))
    page = render_template(
        "messages/address.html",
        form=form,
        message=message,
        owner=signals.ask_owners(frozenset({message.recipient})).get(message.recipient),
        trouble=wording.trouble,
    )
    return page, 422 if form.errors else 200


@bp.get("/texts")
@access.roles(Role.OFFICE)
def texts() -> ResponseReturnValue:
    """List the letters that the system writes, and in which languages the office wrote its own words."""
    return render_template("messages/texts.html", kinds=service.kinds(), written=service.written_texts())


@bp.route("/texts/<kind>/<language>", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def text(kind: str, language: str) -> ResponseReturnValue:
    """Change the words of a letter in one language, and look at it filled before saving."""
    found = service.kind_of(kind, language=language)
    standing = service.text_of(found, language)
    form = TextForm()
    if request.method == "GET":
        start = service.text_to_start_from(found, language, standing)
        form.subject.data, form.body.data = start.subject, start.body
        form.revision.data = str(standing.revision)
    filled = None
    if request.method == "GET" or form.validate_on_submit():
        filled = _filled(form, kind, language)
    if request.method == "POST" and filled is not None and "preview" not in request.form:
        try:
            service.write_text(access.require_actor(), found, language, form.text(), revision=form.seen_revision())
            flash(_("The text was saved; letters from now on use it."), "success")
            return redirect_303("messages.text", kind=kind, language=language)
        except MessagesRefusal as no:
            form.form_errors.append(wording.refusal(no))
    page = render_template(
        "messages/text.html", form=form, kind=found, language=language, standing=standing, filled=filled
    )
    return page, 422 if form.errors else 200


@bp.post("/texts/<kind>/<language>/reset")
@access.roles(Role.OFFICE)
def reset(kind: str, language: str) -> ResponseReturnValue:
    """Go back to the text that came with the system."""
    if service.reset_text(access.require_actor(), service.kind_of(kind, language=language), language):
        flash(_("The text is again the one that came with the system."), "success")
    return redirect_303("messages.text", kind=kind, language=language)


def _filled(form: TextForm, key: str, language: str) -> service.Text | None:
    """Fill what was written with sample values, or put the refusals beside the fields."""
    kind = service.kind_of(key)
    for field in (form.subject, form.body):
        try:
            service.check_words(kind, field.data or "", language=language)
        except TextRefused as no:
            field.errors = [*field.errors, wording.refusal(no)]
    if form.errors:
        return None
    return service.fill(kind, form.text(), service.sample_of(kind, language), language=language)
