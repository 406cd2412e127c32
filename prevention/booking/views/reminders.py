"""The office's page on how early reminders go out."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from prevention.booking import service
from prevention.booking.reminder_forms import reminder_form
from prevention.booking.views.blueprint import bp
from prevention.core import access, clock
from prevention.core.web import redirect_303
from prevention.programmes import service as programmes
from prevention.roles import Role
from prevention.schools.rules import school_year_of


@bp.route("/reminders", methods=["GET", "POST"])
@access.roles(Role.OFFICE)
def reminders() -> ResponseReturnValue:
    """Set how many days before a date reminders go out: in general, and for single editions of this year."""
    editions = programmes.editions_of_year(school_year_of(clock.today()))
    form = reminder_form(
        {edition.id: edition.programme.name.text() for edition in editions},
        general=service.general_reminder_days(),
        own=service.edition_reminder_days(),
    )
    if form.validate_on_submit():
        service.set_reminder_days(access.require_actor(), general=form.general.data or 0, own=form.own())
        flash(_("Reminders go out as you set them, from the next morning on."), "success")
        return redirect_303("booking.reminders")
    page = render_template("booking/reminders.html", form=form)
    return page, 422 if form.errors else 200
