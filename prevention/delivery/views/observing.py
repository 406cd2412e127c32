"""Pages of what teachers saw: filled in by the school, or by the teacher with a link; and the sums of a year."""

import uuid

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from prevention.booking.models import BookingMeeting
from prevention.core import access, clock
from prevention.core.web import redirect_303
from prevention.delivery import observing, observing_links, service, wording
from prevention.delivery.models import LessonObservation
from prevention.delivery.observation_forms import LinkForm, ObservationForm
from prevention.delivery.rules import AlreadyObserved, NotYetHeld
from prevention.delivery.views.blueprint import bp
from prevention.delivery.views.continuity import asked_year
from prevention.roles import Role
from prevention.schools.rules import school_year_label, school_year_of


@bp.route("/registers/<uuid:meeting_id>/observation", methods=["GET", "POST"])
@access.roles(Role.OFFICE, Role.COORDINATOR)
def observation(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Fill in or correct what a teacher saw of a meeting."""
    actor = access.require_actor()
    meeting = service.meeting_for(actor, meeting_id)
    standing = observing.observation_of(actor, meeting)
    form = ObservationForm()
    if request.method == "GET":
        if standing is not None:
            form.show(standing)
    elif form.validate_on_submit():
        try:
            observing.observe(actor, meeting, form.observation(), now=clock.now())
            flash(_("What was observed is saved. Thank you."), "success")
            return redirect_303("delivery.register", meeting_id=meeting_id)
        except NotYetHeld as refusal:
            form.form_errors.append(_not_yet_words(refusal))
    return _page(meeting, form, standing, LinkForm(formdata=None))


@bp.post("/registers/<uuid:meeting_id>/observation/link")
@access.roles(Role.OFFICE, Role.COORDINATOR)
def send_observation_link(meeting_id: uuid.UUID) -> ResponseReturnValue:
    """Mail a teacher the link to the form of one meeting."""
    actor = access.require_actor()
    meeting = service.meeting_for(actor, meeting_id)
    link_form = LinkForm()
    if link_form.validate_on_submit():
        try:
            observing_links.send_link(actor, meeting, to=link_form.email.data or "", now=clock.now())
            flash(_("The link is on its way to %(address)s.", address=link_form.email.data), "success")
            return redirect_303("delivery.register", meeting_id=meeting_id)
        except AlreadyObserved:
            link_form.form_errors.append(_already_words())
    standing = observing.observation_of(actor, meeting)
    return _page(meeting, ObservationForm(formdata=None), standing, link_form)


@bp.route("/observe/<token>", methods=["GET", "POST"])
@access.public
def observe_by_link(token: str) -> ResponseReturnValue:
    """Let a teacher who got a link fill the form in, without signing in, once."""
    now = clock.now()
    try:
        sender, meeting = observing_links.meeting_of_link(token, now=now)
        form = ObservationForm()
        if form.validate_on_submit():
            observing_links.observe_by_link(sender, meeting, form.observation(), now=now)
            return render_template("delivery/observed.html", is_new=True)
    except AlreadyObserved:
        return render_template("delivery/observed.html", is_new=False)
    except NotYetHeld as refusal:
        form.form_errors.append(_not_yet_words(refusal))
    return render_template("delivery/observe.html", form=form, meeting=meeting), 422 if form.errors else 200


def _page(
    meeting: BookingMeeting, form: ObservationForm, standing: LessonObservation | None, link_form: LinkForm
) -> ResponseReturnValue:
    page = render_template(
        "delivery/observation.html", form=form, meeting=meeting, standing=standing, link_form=link_form
    )
    return page, 422 if form.errors or link_form.errors else 200


def _not_yet_words(refusal: NotYetHeld) -> str:
    moment = format_datetime(refusal.starts_at, "d MMMM y, HH:mm")
    return _("This meeting begins on %(moment)s: it cannot be observed yet.", moment=moment)


def _already_words() -> str:
    return _("What was seen of this meeting is written down already.")


@bp.get("/observations")
@access.roles(Role.OFFICE)
def observations() -> ResponseReturnValue:
    """Show what teachers saw in a school year, programme by programme."""
    this_year = school_year_of(clock.today())
    year = asked_year(this_year)
    return render_template(
        "delivery/observations.html",
        year=year,
        years=[(each, school_year_label(each)) for each in range(this_year, this_year - 3, -1)],
        sums=observing.observations_of_year(year),
        items=wording.ITEMS,
    )
