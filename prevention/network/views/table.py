"""Pages of the steering table: meetings, minutes, decisions."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.core import access, clock, lists, web
from prevention.core.web import redirect_303
from prevention.network import governance_wording as wording
from prevention.network import lists as network_lists
from prevention.network import service
from prevention.network.governance_forms import DecisionForm, DocumentForm, MeetingForm, file_of
from prevention.network.governance_models import TableMeeting
from prevention.network.governance_rules import DOCUMENT_REFUSALS, GovernanceRefusal, is_overdue
from prevention.network.views.agreements import READERS, keep
from prevention.network.views.blueprint import bp
from prevention.roles import Role


@bp.get("/network/table")
@access.roles(*READERS)
def meetings() -> ResponseReturnValue:
    """List the meetings of the table at which this person's organisations sit."""
    query = service.meetings_for(access.require_actor())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.meetings(), query, file_format)
    return render_template("network/meetings.html", listing=lists.shown(network_lists.meetings(), query))


@bp.get("/network/decisions")
@access.roles(*READERS)
def decisions() -> ResponseReturnValue:
    """List what the table decided, as far as it concerns this person."""
    query = service.decisions_for(access.require_actor())
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(network_lists.decisions(), query, file_format)
    listing = lists.shown(network_lists.decisions(), query)
    return render_template("network/decisions.html", listing=listing, is_overdue=is_overdue)


@bp.route("/network/table/new", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def new_meeting() -> ResponseReturnValue:
    """Add a meeting."""
    return _meeting_form(None)


@bp.route("/network/table/<uuid:meeting_id>/edit", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def edit_meeting(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Change a meeting."""
    return _meeting_form(service.meeting_for(access.require_actor(), meeting_id))


@bp.get("/network/table/<uuid:meeting_id>")
@access.roles(*READERS)
def meeting(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Show a meeting, its minutes and its decisions."""
    found = service.meeting_for(access.require_actor(), meeting_id)
    return _meeting_page(found, DocumentForm(formdata=None), DecisionForm(formdata=None))


@bp.post("/network/table/<uuid:meeting_id>/minutes")
@access.roles(Role.OFFICE)
def minutes(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Hand the minutes of a meeting in."""
    actor = access.require_actor()
    web.read_first()
    found = service.meeting_for(actor, meeting_id)
    form = DocumentForm()
    given = file_of(form)
    if form.validate_on_submit() and given is not None:
        try:
            document = keep(given)
            service.set_minutes(actor, service.meeting_for(actor, meeting_id), document)
            flash(_("The minutes were added."), "success")
            return redirect_303("network.meeting", meeting_id=meeting_id)
        except DOCUMENT_REFUSALS as no:
            form.file.errors = [wording.refusal_words(no)]
    return _meeting_page(found, form, DecisionForm(formdata=None))


@bp.post("/network/table/<uuid:meeting_id>/decisions")
@access.roles(Role.OFFICE)
def decide(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what was decided."""
    actor = access.require_actor()
    found = service.meeting_for(actor, meeting_id)
    form = DecisionForm()
    form.offer(service.organisation_choices())
    if form.validate_on_submit():
        service.decide(
            actor,
            found,
            words=form.words.data or "",
            owner_id=uuid.UUID(form.owner_id.data),
            due_on=form.due_on.data,
        )
        flash(_("The decision was written down."), "success")
        return redirect_303("network.meeting", meeting_id=meeting_id)
    return _meeting_page(found, DocumentForm(formdata=None), form)


@bp.post("/network/decisions/<uuid:decision_id>/done")
@access.roles(*READERS)
def done(decision_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a decision was carried out."""
    try:
        service.mark_done(access.require_actor(), decision_id, today=clock.today())
        flash(_("The decision is marked as done."), "success")
    except GovernanceRefusal as no:
        flash(wording.refusal_words(no), "warning")
    return redirect_303("network.decisions")


def _meeting_form(found: TableMeeting | None) -> ResponseReturnValue:
    form = MeetingForm(obj=found)
    form.offer(service.organisation_choices())
    if request.method == "GET" and found is not None:
        form.seat_ids.data = [str(each.id) for each in found.seats]
    if form.validate_on_submit():
        saved = service.save_meeting(access.require_actor(), found, form.plan())
        flash(_("The meeting was saved."), "success")
        return redirect_303("network.meeting", meeting_id=saved.id)
    page = render_template("network/meeting_form.html", form=form, meeting=found)
    return page, 422 if form.errors else 200


def _meeting_page(found: TableMeeting, minutes_form: DocumentForm, form: DecisionForm) -> ResponseReturnValue:
    form.offer(service.organisation_choices())
    page = render_template(
        "network/meeting.html", meeting=found, minutes_form=minutes_form, form=form, is_overdue=is_overdue
    )
    return page, 422 if form.errors or minutes_form.errors else 200
