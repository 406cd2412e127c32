"""Pages of facilitators' hours: each their own, the office everybody's."""

import uuid

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.accounts.models import User
from prevention.booking import hours_lists
from prevention.booking import plan_wording as words
from prevention.booking.plan_forms import DaysForm, WeekForm
from prevention.booking.plan_rules import WEEKLY_CAP_DEFAULT, WrongHours
from prevention.booking.service import facilitator_hours
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock, lists
from prevention.core.forms import choices
from prevention.core.web import redirect_303
from prevention.network import service as network
from prevention.roles import Role


@bp.get("/hours/")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def leaders() -> ResponseReturnValue:
    """List the facilitators with how much they are there; a facilitator is led to their own hours."""
    actor = access.require_actor()
    if not actor.has(Role.OFFICE):
        return redirect_303("booking.hours", user_id=actor.id)
    minutes, caps, query = facilitator_hours.minutes_a_week(), facilitator_hours.caps(), facilitator_hours.leaders()
    listing = hours_lists.leaders(minutes, caps)
    file_format = lists.file_asked()
    if file_format is not None:
        return lists.export(listing, query, file_format)
    return render_template(
        "booking/leaders.html",
        listing=lists.shown(listing, query),
        minutes=minutes,
        caps=caps,
        cap_default=WEEKLY_CAP_DEFAULT,
    )


@bp.route("/hours/<uuid:user_id>", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.FACILITATOR)
def hours(user_id: uuid.UUID) -> ResponseReturnValue:
    """Show and change the usual week of a facilitator."""
    actor = access.require_actor()
    person = facilitator_hours.leader_for(actor, user_id)
    form = _week_form()
    if form.validate_on_submit():
        try:
            facilitator_hours.save_week(
                actor,
                person,
                form.hours(),
                weekly_cap=form.weekly_cap.data or WEEKLY_CAP_DEFAULT,
                base_id=uuid.UUID(form.base_id.data) if form.base_id.data else None,
            )
        except WrongHours as refusal:
            form.form_errors.append(words.refusal(refusal))
        else:
            flash(_("The hours are kept."), "success")
            return redirect_303("booking.hours", user_id=user_id)
    if not form.is_submitted():
        form.fill(facilitator_hours.hours_of(person))
        form.weekly_cap.data, base = facilitator_hours.terms_of(person)
        form.base_id.data = str(base) if base else ""
    return _page(person, form, DaysForm(formdata=None))


@bp.post("/hours/<uuid:user_id>/days")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def add_days(user_id: uuid.UUID) -> ResponseReturnValue:
    """Add days on which a facilitator is away, or there for once."""
    actor = access.require_actor()
    person = facilitator_hours.leader_for(actor, user_id)
    form = DaysForm()
    if form.validate_on_submit() and form.first_day.data is not None:
        try:
            facilitator_hours.add_days(
                actor,
                person,
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                is_available=form.kind.data == "there",
                hours=(form.starts.data, form.ends.data),
                note=form.note.data or "",
            )
        except WrongHours as refusal:
            form.form_errors.append(words.refusal(refusal))
        else:
            flash(_("The days are kept."), "success")
            return redirect_303("booking.hours", user_id=user_id)
    week = _week_form(is_fresh=True)
    week.fill(facilitator_hours.hours_of(person))
    week.weekly_cap.data, base = facilitator_hours.terms_of(person)
    week.base_id.data = str(base) if base else ""
    return _page(person, week, form)


@bp.post("/hours/<uuid:user_id>/days/<uuid:days_id>/remove")
@access.roles(Role.OFFICE, Role.FACILITATOR)
def remove_days(user_id: uuid.UUID, days_id: uuid.UUID) -> ResponseReturnValue:
    """Take days out again."""
    actor = access.require_actor()
    person = facilitator_hours.leader_for(actor, user_id)
    facilitator_hours.remove_days(actor, person, days_id)
    flash(_("The days were taken out."), "success")
    return redirect_303("booking.hours", user_id=user_id)


def _week_form(*, is_fresh: bool = False) -> WeekForm:
    form = WeekForm(formdata=None) if is_fresh else WeekForm()
    towns = {str(town.id): town.name for town in network.municipalities()}
    form.base_id.choices = choices({"": _("not known"), **towns})
    return form


def _page(person: User, week: WeekForm, days: DaysForm) -> ResponseReturnValue:
    page = render_template(
        "booking/hours.html",
        person=person,
        form=week,
        days_form=days,
        special=facilitator_hours.special_days_of(person, since=clock.today()),
        is_own=access.require_actor().id == person.id,
    )
    return page, 422 if week.errors or days.errors else 200
