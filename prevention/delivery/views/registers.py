"""Pages of registers: the list, one register filled in with or without a connection, the certificate of hours."""

import uuid
from typing import Any

from flask import Response, current_app, flash, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from prevention.booking import service as booking
from prevention.booking.models import BookingMeeting
from prevention.core import access, clock, lists
from prevention.core.access import NotYours
from prevention.core.i18n import DEFAULT_LANGUAGE
from prevention.core.web import redirect_303
from prevention.delivery import forms, rules, service, wording
from prevention.delivery import lists as register_lists
from prevention.delivery.certificate import NothingHeld, write_certificate
from prevention.delivery.forms import RegisterForm
from prevention.delivery.models import SessionRegister
from prevention.delivery.service import Shelf
from prevention.delivery.views.blueprint import asked, bp
from prevention.roles import Role

CARDS_PER_PAGE = 12


@bp.get("/registers")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def registers() -> ResponseReturnValue:
    """List the meetings that want a register, those ahead, and those registered; one shelf at a time."""
    actor, now = access.require_actor(), clock.now()
    shelf = asked(Shelf, "show", Shelf.DUE)
    listing, query = register_lists.registers(shelf), service.shelf_lines(actor, shelf, now=now)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    shown = lists.shown(listing, query, per_page=CARDS_PER_PAGE)
    return render_template(
        "delivery/registers.html",
        listing=shown,
        lines=[service.line_of(row, now=now) for row in shown.rows],
        shelf=shelf,
        counts=service.count_for(actor, now=now),
        keep=[url_for("delivery.register", meeting_id=each) for each in service.near_meetings(actor, now=now)],
    )


@bp.route("/registers/<uuid:meeting_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def register(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Fill in, read or correct the register of one meeting; a device that kept one asks for its answer as JSON."""
    actor = access.require_actor()
    if request.method == "POST" and request.accept_mimetypes.best == "application/json":
        return _take_kept(actor, meeting_id)
    meeting = service.meeting_for(actor, meeting_id)
    form = _form_of(meeting)
    if request.method == "GET":
        _fill(form, meeting)
    elif form.validate_on_submit():
        try:
            _record(actor, meeting, form)
            flash(_("The register was saved. Thank you."), "success")
            return redirect_303("delivery.registers")
        except rules.DeliveryRefusal as refusal:
            forms.explain(form, refusal)
    standing = service.register_of(meeting)
    return (
        render_template(
            "delivery/register.html",
            form=form,
            meeting=meeting,
            register=standing,
            is_waiting=service.is_waiting(meeting, standing),
            is_ahead=clock.now() < meeting.starts_at,
        ),
        422 if form.errors else 200,
    )


def _record(actor: access.Actor, meeting: BookingMeeting, form: RegisterForm) -> None:
    service.record(
        actor,
        meeting,
        form.entry(),
        now=clock.now(),
        submission_id=form.sent_id(),
        revision=form.corrected_revision(),
    )


def _take_kept(actor: access.Actor, meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Take in a register that a device kept, and say what became of it: saved, in conflict, or refused and why."""
    try:
        meeting = service.meeting_for(actor, meeting_id)
    except NotYours:
        words = _("This meeting is not booked, or not with you. Ask the education office if that is wrong.")
        return _answer("refused", [words], status=404)
    form = _form_of(meeting)
    if form.validate_on_submit():
        try:
            _record(actor, meeting, form)
            return _answer("saved", [], status=200)
        except rules.AlreadyRegistered:
            return _answer("conflict", [_standing_words(meeting)], status=409)
        except rules.DeliveryRefusal as refusal:
            forms.explain(form, refusal)
    said = [f"{field.label.text}: {words}" for field, words in form.errors_by_field()]
    return _answer("refused", [*said, *map(str, form.form_errors)], status=422)


def _answer(outcome: str, words: list[str], *, status: int) -> ResponseReturnValue:
    return jsonify(outcome=outcome, words=words), status


def _standing_words(meeting: BookingMeeting) -> str:
    standing = service.register_of(meeting)
    assert standing is not None  # noqa: S101  # it was in the way
    values: dict[str, Any] = {"name": standing.recorder.name, "outcome": wording.OUTCOMES[standing.outcome]}
    if standing.outcome is not rules.Outcome.HELD:
        return _("%(name)s wrote: %(outcome)s.", **values)
    return _(
        "%(name)s wrote: %(outcome)s, %(minutes)s minutes, %(present)s pupils of %(expected)s.",
        minutes=standing.minutes,
        present=standing.present,
        expected=standing.expected,
        **values,
    )


@bp.get("/registers/token")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def register_token() -> ResponseReturnValue:
    """Give a device that kept registers the token to send them with, and say who is signed in."""
    return jsonify(token=generate_csrf(), person=str(access.require_actor().id))


@bp.get("/registers/offline")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def no_connection() -> ResponseReturnValue:
    """Show what a device shows in place of a register that it has not kept."""
    return render_template("delivery/offline.html")


@bp.get("/registers/worker.js")
@access.public
def register_worker() -> ResponseReturnValue:
    """Hand out the service worker, allowed to look after the registers and nothing else."""
    answer = current_app.send_static_file("register-worker.js")
    answer.headers["Service-Worker-Allowed"] = url_for("delivery.registers")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/registers/certificate/<uuid:booking_id>.pdf")
@access.roles(Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR)
def certificate(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Certify the hours of a booking's class from its registers."""
    found = booking.booking_for(access.require_actor(), booking_id)
    try:
        content = write_certificate(found, language=DEFAULT_LANGUAGE, today=clock.today())
    except NothingHeld:
        flash(_("No meeting of this booking is registered as held yet."), "warning")
        return redirect_303("booking.booking_papers", booking_id=booking_id)
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": 'inline; filename="certificate.pdf"'},
    )


def _form_of(meeting: BookingMeeting) -> RegisterForm:
    planned = meeting.programme_meeting
    activities = planned.activities if planned else []
    return forms.register_form((activity.id, activity.title.text()) for activity in activities)


def _fill(form: RegisterForm, meeting: BookingMeeting) -> None:
    standing: SessionRegister | None = service.register_of(meeting)
    if standing is not None and not service.is_waiting(meeting, standing):
        form.show(standing)
    else:
        planned = meeting.programme_meeting
        length = meeting.ends_at - meeting.starts_at
        form.propose(
            minutes=planned.minutes if planned else int(length.total_seconds() // 60),
            pupils=meeting.booking.pupils,
            has_facilitator=meeting.facilitator is not None,
            is_begun=meeting.starts_at <= clock.now(),
        )
    form.stamp(revision=standing.revision if standing else None)
