"""Pages of early signals: what a school signals, what the district decides, what the network sees."""

import uuid

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, lists
from prevention.core.web import redirect_303
from prevention.early_signals import lists as signal_lists
from prevention.early_signals import rules, service, wording
from prevention.early_signals.forms import AcceptForm, NoteForm, RefuseForm, SignalForm
from prevention.early_signals.models import EarlySignal
from prevention.network import service as network
from prevention.roles import Role
from prevention.schools import service as schools

NETWORK = (Role.OFFICE, Role.COORDINATOR, Role.FACILITATOR, Role.PARTNER)

bp = Blueprint("early_signals", __name__, url_prefix="/early-signals")


@bp.get("/")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def signals() -> ResponseReturnValue:
    """List the signals that this person may read."""
    query = service.signals_for(access.require_actor())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(signal_lists.signals(), query, file_format)
    return render_template(
        "early_signals/signals.html", listing=lists.shown(signal_lists.signals(), query), words=wording
    )


@bp.route("/new", methods=["GET", "POST"])
@access.roles(Role.COORDINATOR)
def new_signal() -> ResponseReturnValue:
    """Signal a matter."""
    actor = access.require_actor()
    form = SignalForm()
    institutes = schools.institutes_for(actor)
    form.offer(
        institutes={str(each.id): each.display_name for each in institutes},
        municipalities={str(each.id): each.name for each in network.municipalities()},
        weeks={week.isoformat(): wording.week_words(week) for week in rules.weeks_to_choose(clock.today())},
    )
    if request.method == "GET" and institutes and institutes[0].municipality_id:
        form.municipality_id.data = str(institutes[0].municipality_id)
    if form.validate_on_submit():
        try:
            row = service.signal(actor, form.plan(), now=clock.now(), today=clock.today())
            flash(_("The district was told, and will let you know."), "success")
            return redirect_303("early_signals.signal", signal_id=row.id)
        except rules.SignalRefusal as no:
            form.form_errors.append(wording.refusal_words(no))
    return render_template("early_signals/new_signal.html", form=form, rules=rules), 422 if form.errors else 200


@bp.get("/<uuid:signal_id>")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def signal(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Show one signal; to the office with what it can decide."""
    row = service.signal_for(access.require_actor(), signal_id)
    accept = AcceptForm(formdata=None, prefix="accept", data={"words": row.words})
    return _signal_page(row, accept, RefuseForm(formdata=None, prefix="refuse"))


@bp.post("/<uuid:signal_id>/accept")
@access.roles(Role.OFFICE)
def accept(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Let a signal count."""
    actor = access.require_actor()
    row = service.signal_for(actor, signal_id)
    form = AcceptForm(prefix="accept")
    if form.validate_on_submit():
        try:
            service.accept(actor, row, words=form.words.data or "", message=form.message.data or "", now=clock.now())
            flash(_("The signal counts from now on, and the school was told."), "success")
            return redirect_303("early_signals.signals", status="waiting")
        except rules.SignalRefusal as no:
            form.form_errors.append(wording.refusal_words(no))
    return _signal_page(row, form, RefuseForm(formdata=None, prefix="refuse"))


@bp.post("/<uuid:signal_id>/refuse")
@access.roles(Role.OFFICE)
def refuse(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Refuse a signal with a reason."""
    actor = access.require_actor()
    row = service.signal_for(actor, signal_id)
    form = RefuseForm(prefix="refuse")
    if form.validate_on_submit():
        try:
            service.refuse(actor, row, message=form.message.data or "", now=clock.now())
            flash(_("The signal does not count, its words were erased, and the school was told."), "success")
            return redirect_303("early_signals.signals", status="waiting")
        except rules.SignalRefusal as no:
            form.form_errors.append(wording.refusal_words(no))
    return _signal_page(row, AcceptForm(formdata=None, prefix="accept", data={"words": row.words}), form)


@bp.post("/<uuid:signal_id>/withdraw")
@access.roles(Role.COORDINATOR)
def withdraw(signal_id: uuid.UUID) -> ResponseReturnValue:
    """Take a signal back that waits."""
    actor = access.require_actor()
    row = service.signal_for(actor, signal_id)
    try:
        service.withdraw(actor, row)
    except rules.SignalRefusal as no:
        flash(wording.refusal_words(no), "warning")
        return redirect_303("early_signals.signal", signal_id=signal_id)
    flash(_("The signal was withdrawn; nothing of it is kept."), "success")
    return redirect_303("early_signals.signals")


@bp.get("/groups")
@access.roles(*NETWORK)
def groups() -> ResponseReturnValue:
    """Show what several schools signalled, by month."""
    return render_template(
        "early_signals/groups.html", groups=service.groups(today=clock.today()), words=wording, rules=rules
    )


@bp.get("/alerts")
@access.roles(*NETWORK)
def alerts() -> ResponseReturnValue:
    """List the alerts."""
    query = service.alerts_for(access.require_actor())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(signal_lists.alerts(), query, file_format)
    return render_template(
        "early_signals/alerts.html", listing=lists.shown(signal_lists.alerts(), query), words=wording
    )


@bp.get("/alerts/<uuid:alert_id>")
@access.roles(*NETWORK)
def alert(alert_id: uuid.UUID) -> ResponseReturnValue:
    """Show one alert; the office can write its note."""
    found = service.alert_for(access.require_actor(), alert_id)
    form = NoteForm(formdata=None, data={"note": found.note})
    return render_template("early_signals/alert.html", alert=found, form=form, words=wording)


@bp.post("/alerts/<uuid:alert_id>/note")
@access.roles(Role.OFFICE)
def note(alert_id: uuid.UUID) -> ResponseReturnValue:
    """Write the note of the district."""
    actor = access.require_actor()
    found = service.alert_for(actor, alert_id)
    form = NoteForm()
    if form.validate_on_submit():
        service.write_note(actor, found, form.note.data or "")
        flash(_("The note was saved; everybody in the network can read it."), "success")
        return redirect_303("early_signals.alert", alert_id=alert_id)
    return render_template("early_signals/alert.html", alert=found, form=form, words=wording), 422


@bp.post("/alerts/<uuid:alert_id>/close")
@access.roles(Role.OFFICE)
def close(alert_id: uuid.UUID) -> ResponseReturnValue:
    """Close an alert."""
    actor = access.require_actor()
    try:
        service.close_alert(actor, service.alert_for(actor, alert_id), now=clock.now())
        flash(_("The alert was closed."), "success")
    except rules.SignalRefusal as no:
        flash(wording.refusal_words(no), "warning")
    return redirect_303("early_signals.alert", alert_id=alert_id)


def _signal_page(row: EarlySignal, accept_form: AcceptForm, refuse_form: RefuseForm) -> ResponseReturnValue:
    page = render_template(
        "early_signals/signal.html", signal=row, accept_form=accept_form, refuse_form=refuse_form, words=wording
    )
    return page, 422 if accept_form.errors or refuse_form.errors else 200
